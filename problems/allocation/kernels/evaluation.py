"""Whole evaluations: partitions at their best wiring and order, and grids as they are wired."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.allocation.kernels.data_parallel import collect, slowest_group_s
from tasklet_bench.problems.allocation.kernels.matching.any_size import bottleneck
from tasklet_bench.problems.allocation.kernels.matching.dispatch import measure
from tasklet_bench.problems.allocation.kernels.ordering.held_karp import (
    best_order,
    path_s,
    shortest_path_s,
    take_order,
)
from tasklet_bench.problems.compiled import jit

if TYPE_CHECKING:
    from tasklet_bench.problems.allocation.kernels.packing import Pack

NO_GRID: NDArray[np.int64] = np.empty((0, 0), dtype=np.int64)
"""The grid of those who want the cost alone."""


@jit(allocates=False)
def evaluate(pack, labels):  # type: ignore[no-untyped-def]
    """Cost of labels, int64 `(N,)`, as `(data_parallel_s, pipeline_s)`."""
    data_parallel_s = _measure(pack, labels)
    return data_parallel_s, shortest_path_s(pack.path, pack.order)


@jit(allocates=False)
def evaluate_if_balanced(pack, labels):  # type: ignore[no-untyped-def]
    """What `evaluate` returns, or `(nan, nan)` for labels `(N,)` that do not hold each group D times.

    Where there are spares, their label is K.
    """
    filled = pack.order
    for group in range(pack.n_groups):
        filled[group] = 0
    for device in range(pack.n_devices):
        group = labels[device]
        if not 0 <= group < pack.n_groups:
            if pack.n_spares and group == pack.n_groups:
                continue
            return np.nan, np.nan
        filled[group] += 1
    for group in range(pack.n_groups):
        if filled[group] != pack.group_size:
            return np.nan, np.nan
    return evaluate(pack, labels)


@jit(allocates=False)
def evaluate_batch(pack, labels, cost_s):  # type: ignore[no-untyped-def]
    """Write the cost of each row of `labels`, int64 `(M, N)`, to `cost_s`, float64 `(M,)`."""
    for i in range(len(labels)):
        data_parallel_s, pipeline_s = evaluate(pack, labels[i])
        cost_s[i] = data_parallel_s + pipeline_s


@jit(allocates=False)
def evaluate_or_wire(pack, labels, grid):  # type: ignore[no-untyped-def]
    """What `evaluate_if_balanced` returns; writes the best wiring to `grid`, `(D, K)`, unless that is `NO_GRID`.

    One way in for Python, so that what the two share is translated once.
    """
    parts_s = evaluate_if_balanced(pack, labels)
    if len(grid) and parts_s[0] == parts_s[0]:
        take_order(pack.path, pack.order)
        _wire(pack, grid)
    return parts_s


@jit(allocates=False)
def write_grid(pack, labels, grid):  # type: ignore[no-untyped-def]
    """Write labels `(N,)` at their best wiring and order to `grid`, int64 `(D, K)`; returns what `evaluate` does."""
    parts_s = evaluate(pack, labels)
    take_order(pack.path, pack.order)
    _wire(pack, grid)
    return parts_s


@jit(allocates=False)
def _wire(pack, grid):  # type: ignore[no-untyped-def]
    """Write the groups of the pack, in its order, to a grid."""
    for row in range(pack.group_size):
        grid[row, 0] = row
    for stage in range(1, pack.n_groups):  # slots first, which say where the next stage goes on
        left, right = pack.order[stage - 1], pack.order[stage]
        bottleneck(pack.rank, pack.members[left], pack.members[right], pack.matching)
        for row in range(pack.group_size):
            grid[row, stage] = pack.matching[0, grid[row, stage - 1]]
    for stage in range(pack.n_groups):
        for row in range(pack.group_size):
            grid[row, stage] = pack.members[pack.order[stage], grid[row, stage]]


@jit
def evaluate_grid(pack, grid):  # type: ignore[no-untyped-def]
    """Cost of a grid, int64 `(D, K)`, as it is wired, as `(data_parallel_s, pipeline_s)`."""
    labels = np.empty(pack.n_devices, np.int64)
    for device in range(pack.n_devices):
        labels[device] = pack.n_groups
    for stage in range(pack.n_groups):
        for row in range(pack.group_size):
            labels[grid[row, stage]] = stage
    collect(labels, pack.members, pack.order)
    for stage in range(pack.n_groups):
        pack.order[stage] = stage
    for stage in range(1, pack.n_groups):
        slowest = np.int64(0)
        for i in range(pack.group_size):
            slowest = max(slowest, np.int64(pack.rank[grid[i, stage - 1], grid[i, stage]]))
        pack.path.length_s[stage - 1, stage] = pack.class_s[slowest]
    return slowest_group_s(pack.dp_s, pack.members), path_s(pack.path.length_s, pack.order)


@jit
def order_labels(pack, labels):  # type: ignore[no-untyped-def]
    """Rename the groups in place, so that group j stands at stage j of the best order; returns what `evaluate` does."""
    parts_s = _measure(pack, labels), best_order(pack.path, pack.order)
    for stage in range(pack.n_groups):
        for device in pack.members[pack.order[stage]]:
            labels[device] = stage
    return parts_s


def put_in_order(pack: Pack, labels: NDArray[np.int64]) -> tuple[float, float]:
    """Do what `order_labels` does; for Python, where it takes no compiled code but that of `evaluate_or_wire`."""
    grid = np.empty((pack.group_size, pack.n_groups), dtype=np.int64)
    data_parallel_s, pipeline_s = evaluate_or_wire(pack, labels, grid)
    labels[grid] = np.arange(pack.n_groups)
    return data_parallel_s, pipeline_s


@jit(inline=True, allocates=False)
def _measure(pack, labels):  # type: ignore[no-untyped-def]
    """Fill the pack with the groups and the seconds between them; returns the seconds of data parallelism."""
    collect(labels, pack.members, pack.order)
    measure(pack)
    return slowest_group_s(pack.dp_s, pack.members)
