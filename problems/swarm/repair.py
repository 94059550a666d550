"""The best decision near another one: what to do when few devices may change their stage, as after a loss.

All decisions with at most so many moved devices are tried where there are not too many, most of them refused by a bound
on the flow. Beyond that the best sets of moves are extended by one more move at a time, and nothing is proven.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import comb
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.compiled import jit
from tasklet_bench.problems.swarm.evaluate import seconds_below

if TYPE_CHECKING:
    from tasklet_bench.problems.swarm.problem import SwarmProblem

Labels = NDArray[np.int64]

MOST_DECISIONS = 3_000_000
"""Decisions that are tried one by one: some seconds."""
KEPT = 60
"""Sets of moves that are extended where all are too many."""


@dataclass(frozen=True)
class Repair:
    """The best decision met; `moved` devices have another label than before, and `proven` says that none is better."""

    labels: Labels = field(repr=False)
    cost_s: float
    moved: tuple[int, ...]
    proven: bool


def repair(problem: SwarmProblem, labels: Sequence[int] | Labels, moves: int) -> Repair:
    """The best decision that differs from labels `(N,)` in at most so many devices.

    Labels may leave stages empty, as after a loss. Raises `BadInput` for labels of other devices or stages, and for
    moves that are too few to fill the empty stages.
    """
    k = problem.options.n_stages
    before = _checked(problem, labels, moves)
    empty = k - len(set(before[before < k].tolist()))
    if moves < empty:
        expected = f"at least {empty}, as many as stages without a device"
        raise BadInput.at(problem.name, "moves", moves, expected)
    n = len(before)
    moves = min(moves, n)
    if sum(comb(n, m) * k**m for m in range(moves + 1)) <= MOST_DECISIONS:
        best, proven = try_all(problem, before, moves), True
    else:
        best, proven = _extend(problem, before, moves), False
    cost_s = problem.cost(best).total_s
    return Repair(best, cost_s, tuple(np.flatnonzero(best != before).tolist()), proven)


def try_all(problem: SwarmProblem, before: Labels, moves: int) -> Labels:
    """The cheapest of all decisions with at most so many moves; of equal ones that with the fewest."""
    best = np.full_like(before, -1)
    best_s = np.inf
    for m in range(moves + 1):
        best_s = _try_moves(problem.pack, before, m, best, best_s, np.zeros(m, np.int64), np.zeros(m, np.int64))
    return best


def _extend(problem: SwarmProblem, before: Labels, moves: int) -> Labels:
    """Move by move, the best sets of moves are kept and extended; empty stages are counted as very dear."""
    k = problem.options.n_stages
    kept: dict[bytes, Labels] = {before.tobytes(): before}
    best, best_s = before, seconds_below(problem.pack, before, np.inf)
    for _ in range(moves):
        scores: dict[bytes, tuple[tuple[int, float], Labels]] = {}
        for labels in kept.values():
            for device in np.flatnonzero(labels == before):
                for label in range(k + 1):
                    if label == labels[device]:
                        continue
                    moved = labels.copy()
                    moved[device] = label
                    key = moved.tobytes()
                    if key not in scores:
                        scores[key] = (_score(problem, moved), moved)
        ranked = sorted(scores.items(), key=lambda item: item[1][0])[:KEPT]
        kept = {key: labels for key, (_, labels) in ranked}
        if ranked and ranked[0][1][0] < (0, best_s):
            (_, best_s), best = ranked[0][1]
    return best


def _score(problem: SwarmProblem, labels: Labels) -> tuple[int, float]:
    """Empty stages, then seconds."""
    k = problem.options.n_stages
    empty = k - len(set(labels[labels < k].tolist()))
    return empty, 0.0 if empty else float(seconds_below(problem.pack, labels, np.inf))


def _checked(problem: SwarmProblem, labels: Any, moves: int) -> Labels:
    n, k = problem.devices.n_devices, problem.options.n_stages
    given = np.array(labels)
    if given.shape != (n,) or not np.issubdtype(given.dtype, np.integer):
        raise BadInput.at(problem.name, "labels", f"{given.dtype} {given.shape}", f"{n} whole numbers, one a device")
    if given.min() < 0 or given.max() > k:
        raise BadInput.at(problem.name, "labels", f"{given.min()}..{given.max()}", f"0..{k}; {k} is the reserve")
    if moves < 0:
        raise BadInput.at(problem.name, "moves", moves, "a whole number of at least 0")
    return given.astype(np.int64)


@jit
def _try_moves(pack, before, m, best, best_s, devices, labels):  # type: ignore[no-untyped-def]
    """Score all decisions with exactly m moves; the best is written to `best`, and its cost returned."""
    n, k = len(before), len(pack.volume)
    tried = before.copy()
    for a in range(m):
        devices[a] = a
    while True:
        labels[:] = 0
        while True:
            for a in range(m):
                label = labels[a]
                tried[devices[a]] = label + (label >= before[devices[a]])
            cost_s = seconds_below(pack, tried, best_s)
            if cost_s < best_s:
                best_s = cost_s
                best[:] = tried
            a = m - 1
            while a >= 0 and labels[a] == k - 1:
                labels[a] = 0
                a -= 1
            if a < 0:
                break
            labels[a] += 1
        for a in range(m):
            tried[devices[a]] = before[devices[a]]
        a = m - 1
        while a >= 0 and devices[a] == n - m + a:
            a -= 1
        if a < 0:
            return best_s
        devices[a] += 1
        for c in range(a + 1, m):
            devices[c] = devices[c - 1] + 1
