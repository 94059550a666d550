"""Orders of one shape, rank by rank, in compiled code; what cannot beat the incumbent is left out.

Ranks are filled in their order. When a tensor group is complete, its seconds and those of the boundary before it are
known for good; what is left of its replica takes at least each later stage's floor. Of the candidates that differ only
in interchangeable devices, or in turning the replicas of all stages round, the one that comes first is kept.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.compiled import jit
from tasklet_bench.problems.tensor_parallel.evaluate import (
    boundary_seconds,
    cell_seconds,
    evaluate,
    gradient_seconds,
)
from tasklet_bench.problems.tensor_parallel.shape_table import (
    DEPTH,
    MICRO_BATCHES,
    REPLICAS,
    STAGES,
    TENSOR,
    WEIGHT_PARTS,
)


class Search(NamedTuple):
    """Where the enumeration of one shape stands.

    `order` `(N,)` is filled up to `place`, `[rank to fill next, −1 when done]`; `used` `(N,)` marks the devices in it;
    `before` `(N,)` is the next lower device of the same class, or −1. `cell_s` and `edge_s` `(pp·dp,)` hold complete
    groups and boundaries, `ring_s` `(pp,)` the slowest ring of complete stages, `floor_s` `(pp,)` what a stage's step
    takes at least. `best` `(N,)` and `best_s` are the incumbent.
    """

    order: NDArray[np.int64]
    place: NDArray[np.int64]
    used: NDArray[np.bool_]
    before: NDArray[np.int64]
    cell_s: NDArray[np.float64]
    edge_s: NDArray[np.float64]
    ring_s: NDArray[np.float64]
    floor_s: NDArray[np.float64]
    best: NDArray[np.int64]
    best_s: NDArray[np.float64]


def new_search(
    whole: NDArray[np.int64],
    before: NDArray[np.int64],
    floor_s: NDArray[np.float64],
    best: NDArray[np.int64],
    best_s: float,
) -> Search:
    """Stand before the first order of a shape."""
    n, stages = len(before), int(whole[STAGES])
    cells = stages * int(whole[REPLICAS])
    return Search(
        np.full(n, -1),
        np.zeros(1, dtype=np.int64),
        np.zeros(n, dtype=np.bool_),
        before,
        np.zeros(cells),
        np.zeros(cells),
        np.zeros(stages),
        floor_s[:stages].copy(),
        best.copy(),
        np.array([best_s]),
    )


@jit(allocates=False)
def advance(whole, real, layers, rates, delay_s, bandwidth, search, parts_s, most_nodes):  # type: ignore[no-untyped-def]
    """Go on for so many nodes; returns how many orders were completed. `search.place[0]` is −1 when all are done."""
    n = whole[TENSOR]
    last = n * whole[REPLICAS] * whole[STAGES] - 1
    order, used = search.order, search.used
    complete, place = 0, search.place[0]
    for _ in range(most_nodes):
        if place < 0:
            break
        device = _next_device(whole, search, place)
        if device < 0:
            place -= 1
            continue
        order[place] = device
        used[device] = True
        if place % n == n - 1 and _floor_seconds(
            whole, real, layers, rates, delay_s, bandwidth, search, place // n
        ) >= search.best_s[0]:  # fmt: skip
            continue
        if place < last:
            place += 1
            order[place] = -1
            continue
        complete += 1
        cost_s = evaluate(whole, real, layers, rates, delay_s, bandwidth, order, parts_s)
        if cost_s < search.best_s[0]:
            search.best_s[0] = cost_s
            _write_best(search, last)
    search.place[0] = place
    return complete


@jit(allocates=False)
def _next_device(whole, search, place):  # type: ignore[no-untyped-def]
    """Take back the device at a place and find the next one to try there, or −1."""
    device = search.order[place]
    if device >= 0:
        search.used[device] = False
    n, replicas = whole[TENSOR], whole[REPLICAS]
    least = device + 1
    if 0 < place < n * replicas and place % n == 0:  # replicas can be turned round: the lowest device leads
        least = max(least, search.order[0] + 1)
    for other in range(least, len(search.order)):
        before = search.before[other]
        if not search.used[other] and (before < 0 or search.used[before]):
            return other
    search.order[place] = -1
    return -1


@jit(allocates=False)
def _floor_seconds(whole, real, layers, rates, delay_s, bandwidth, search, cell):  # type: ignore[no-untyped-def]
    """Note what a complete group takes, and return what its replica and all complete rings take at least."""
    n, replicas, stages = whole[TENSOR], whole[REPLICAS], whole[STAGES]
    stage, order = cell // replicas, search.order
    cell_s = cell_seconds(whole, real, layers, rates, delay_s, bandwidth, order, cell * n, stage)
    search.cell_s[cell] = cell_s[0] + cell_s[1] + cell_s[2]
    if stage > 0:
        search.edge_s[cell - replicas] = boundary_seconds(
            whole, real, delay_s, bandwidth, order, (cell - replicas) * n, cell * n
        )
    most_s = sum_s = 0.0
    for p in range(stages):
        step_s = search.floor_s[p]
        if p <= stage:
            known = p * replicas + cell % replicas
            step_s = max(step_s, search.cell_s[known] + (search.edge_s[known] if p < stage else 0.0))
        most_s = max(most_s, step_s)
        sum_s += step_s
    if replicas * whole[DEPTH] > 1 and cell % replicas == replicas - 1:
        search.ring_s[stage] = 0.0
        for part in range(whole[WEIGHT_PARTS]):
            ring_s = gradient_seconds(whole, real, layers, delay_s, bandwidth, order, stage * replicas * n, stage, part)
            search.ring_s[stage] = max(search.ring_s[stage], ring_s)
    gradients_s = 0.0
    for p in range(stage if cell % replicas < replicas - 1 else stage + 1):
        gradients_s = max(gradients_s, search.ring_s[p])
    return (whole[MICRO_BATCHES] - 1) * most_s + sum_s + gradients_s


@jit(allocates=False)
def _write_best(search, last):  # type: ignore[no-untyped-def]
    """Write the order down, idle devices behind it by number."""
    for place in range(last + 1):
        search.best[place] = search.order[place]
    place = last + 1
    for device in range(len(search.order)):
        if not search.used[device]:
            search.best[place] = device
            place += 1
