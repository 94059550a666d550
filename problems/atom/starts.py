"""Decisions that take no search: everybody, the best prefix by rate or by network, and dropping while it helps."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.atom.menu import Menu, swaps_hide

if TYPE_CHECKING:
    from tasklet_bench.problems.atom.problem import AtomProblem

Ints = NDArray[np.int64]
Score = Callable[[Ints], float]


def baselines(problem: AtomProblem) -> Mapping[str, tuple[Ints, Ints]]:
    """The named decisions: four rules for who takes part, with the fastest ways and with those whose swaps hide."""
    made: dict[str, tuple[Ints, Ints]] = {}
    n = problem.devices.n_devices
    for suffix, ways in (("", fastest_ways(problem)), ("-hidden", hidden_ways(problem))):

        def score(takes_part: Ints, ways: Ints = ways) -> float:
            return problem.cost((takes_part, ways)).total_s

        rates = np.array([menu.rates[way] for menu, way in zip(problem.menus, ways, strict=True)])
        chosen = {
            "all": np.ones(n, dtype=np.int64),
            "by-rate": best_prefix(rates, score),
            "by-network": best_prefix(problem.devices.card_bytes_s, score),
            "dropping": drop(n, score),
        }
        made |= {name + suffix: problem.complete((part, ways)) for name, part in chosen.items()}
    return made


def fastest_ways(problem: AtomProblem) -> Ints:
    """Each peer's way with the most micro-batches a second."""
    return np.array([menu.fastest for menu in problem.menus])


def hidden_ways(problem: AtomProblem) -> Ints:
    """Each peer's way with the smallest accumulation, then the fewest pieces, whose swaps hide: the paper's aim.

    Where there is none, the fastest.
    """
    return np.array([_hidden(problem, i, menu) for i, menu in enumerate(problem.menus)])


def _hidden(problem: AtomProblem, device: int, menu: Menu) -> int:
    flops, link = float(problem.devices.flops[device]), float(problem.devices.host_link_bytes_s[device])
    hidden = [
        way
        for way, (pieces, a) in enumerate(menu.ways)
        if pieces == 1 or swaps_hide(a, flops, link, problem.model, problem.options)
    ]
    return min(hidden, key=lambda way: (menu.ways[way][1], menu.ways[way][0])) if hidden else menu.fastest


def falling_prefixes(key: NDArray[np.float64]) -> Iterator[Ints]:
    """Peers join in falling order of their keys `(N,)`, of equal ones the lower number first."""
    takes_part = np.zeros(len(key), dtype=np.int64)
    for peer in np.argsort(-key, kind="stable").tolist():
        takes_part[peer] = 1
        yield takes_part.copy()


def best_prefix(key: NDArray[np.float64], score: Score) -> Ints:
    """The cheapest of the prefixes; of equal ones the shorter."""
    return min(falling_prefixes(key), key=score)


def drop(n: int, score: Score) -> Ints:
    """From all peers, the one leaves whose leaving helps most, while one helps; of equal ones the lower number."""
    takes_part = np.ones(n, dtype=np.int64)
    cost_s = score(takes_part)
    while takes_part.sum() > 1:
        options = []
        for peer in np.flatnonzero(takes_part).tolist():
            takes_part[peer] = 0
            options.append((score(takes_part), peer))
            takes_part[peer] = 1
        least_s, peer = min(options)
        if not least_s < cost_s:
            break
        takes_part[peer], cost_s = 0, least_s
    return takes_part
