"""What is reported of an instance and drawn of a decision."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.drawing import Drawing, Link
from tasklet_bench.problems.pipeline_model.exchange import shares

if TYPE_CHECKING:
    from tasklet_bench.problems.atom.problem import AtomProblem

Ints = NDArray[np.int64]

SLOWEST = 12
"""Links of the exchange that are drawn: those that take longest."""


def facts(problem: AtomProblem) -> Mapping[str, str | int | float]:
    """Headings and figures for `show` and the page."""
    model, sizes = problem.model, [len(menu.ways) for menu in problem.menus]
    whole = sum(menu.ways[0][0] == 1 for menu in problem.menus)
    reported: dict[str, str | int | float] = {
        "devices": problem.devices.n_devices,
        "model": f"{model.layers} layers of hidden size {model.hidden}, sequences of {model.sequence_length}",
        "micro-batches": problem.micro_batches,
        "ways of a peer": f"{min(sizes)} to {max(sizes)}",
        "cards that hold the model": whole,
        "fastest ways that swap": sum(menu.ways[menu.fastest][0] > 1 for menu in problem.menus),
        "gradients": f"{problem.gradient_bytes / 1e9:.3g} GB",
    }
    if problem.assumptions:
        reported["figures"] = problem.assumptions
    return reported


def kinds(problem: AtomProblem) -> Mapping[str, str]:
    """Dimensions for tables by kind of instance."""
    n = problem.devices.n_devices
    swapping = any(menu.ways[0][0] > 1 for menu in problem.menus)
    return {
        "devices": "up to 32" if n <= 32 else "33 to 64" if n <= 64 else "above 64",
        "cards": "alike" if np.ptp(problem.devices.flops) == 0 else "mixed",
        "swaps": "decide" if swapping else "are not needed",
    }


def drawing(problem: AtomProblem, takes_part: Ints, ways: Ints) -> Drawing:
    """Peers by their way, those that stay out, and the links of the exchange that take longest."""
    groups: dict[str, list[int]] = {}
    for i, (menu, part, way) in enumerate(zip(problem.menus, takes_part, ways, strict=True)):
        pieces, a = menu.ways[way]
        name = f"{pieces} pieces, {a} micro-batches a pass" if part else "stays out"
        groups.setdefault(name, []).append(i)
    peers = np.flatnonzero(takes_part)
    share = shares(problem.devices.card_bytes_s[peers])
    links = [
        (problem.gradient_bytes * float(share[a] + share[b]) / float(problem.devices.bandwidth_bytes_s[i, j]), i, j)
        for a, i in enumerate(peers.tolist())
        for b, j in enumerate(peers.tolist())
        if i != j
    ]
    slowest = sorted(links, reverse=True)[:SLOWEST]
    return Drawing(
        "Peers by how they run the model, and the links that take longest to exchange gradients",
        {name: tuple(members) for name, members in groups.items()},
        tuple(Link(i, j, seconds, "exchange", True) for seconds, i, j in slowest),
    )
