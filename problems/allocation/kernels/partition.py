"""Whole evaluations: partitions at their best wiring and order, and grids as they are wired."""

from __future__ import annotations

import numpy as np

from problems.allocation.kernels.matching import bottleneck
from problems.allocation.kernels.path import order_groups
from problems.compiled import jit


@jit
def evaluate(pack, labels):  # type: ignore[no-untyped-def]
    """Cost of labels, int64 `(N,)`, as `(data_parallel_s, pipeline_s)`; leaves the order of the groups in the pack."""
    _collect(pack, labels)
    data_parallel_s = 0.0
    for group in range(pack.n_groups):
        data_parallel_s = max(data_parallel_s, group_s(pack.dp_s, pack.members[group]))
    for a in range(pack.n_groups):
        for b in range(a):
            length = bottleneck(pack.rank, pack.members[a], pack.members[b], pack.matching)
            pack.length_s[a, b] = pack.length_s[b, a] = pack.class_s[length]
    return data_parallel_s, order_groups(pack.length_s, pack.subsets, pack.path_s, pack.order)


@jit
def evaluate_batch(pack, labels, cost_s):  # type: ignore[no-untyped-def]
    """Write the cost of each row of `labels`, int64 `(M, N)`, to `cost_s`, float64 `(M,)`."""
    for i in range(len(labels)):
        data_parallel_s, pipeline_s = evaluate(pack, labels[i])
        cost_s[i] = data_parallel_s + pipeline_s


@jit
def write_grid(pack, labels, grid):  # type: ignore[no-untyped-def]
    """Write labels `(N,)` at their best wiring and order to `grid`, int64 `(D, K)`; returns what `evaluate` does."""
    parts_s = evaluate(pack, labels)
    for i in range(pack.group_size):
        grid[i, 0] = pack.members[pack.order[0], i]
    for stage in range(1, pack.n_groups):
        right = pack.members[pack.order[stage]]
        bottleneck(pack.rank, grid[:, stage - 1], right, pack.matching)
        for i in range(pack.group_size):
            grid[i, stage] = right[pack.matching[0, i]]
    return parts_s


@jit
def evaluate_grid(pack, grid):  # type: ignore[no-untyped-def]
    """Cost of a grid, int64 `(D, K)`, as it is wired, as `(data_parallel_s, pipeline_s)`."""
    data_parallel_s, pipeline_s = 0.0, 0.0
    for stage in range(pack.n_groups):
        pack.members[stage] = grid[:, stage]
        pack.members[stage].sort()
        data_parallel_s = max(data_parallel_s, group_s(pack.dp_s, pack.members[stage]))
    for stage in range(pack.n_groups - 1):
        slowest = 0
        for i in range(pack.group_size):
            slowest = max(slowest, np.int64(pack.rank[grid[i, stage], grid[i, stage + 1]]))
        pipeline_s += pack.class_s[slowest]
    return data_parallel_s, pipeline_s


@jit
def order_labels(pack, labels):  # type: ignore[no-untyped-def]
    """Rename the groups in place, so that group j stands at stage j of the best order; returns what `evaluate` does."""
    parts_s = evaluate(pack, labels)
    for stage in range(pack.n_groups):
        for device in pack.members[pack.order[stage]]:
            labels[device] = stage
    return parts_s


@jit
def group_s(dp_s, group):  # type: ignore[no-untyped-def]
    """`DATAP(C_j)` of a group, `(D,)` in ascending order: the sum of the slowest device (in seconds)."""
    slowest = 0.0
    for device in group:
        total = 0.0
        for mate in group:
            total += dp_s[device, mate]
        slowest = max(slowest, total)
    return slowest


@jit
def _collect(pack, labels):  # type: ignore[no-untyped-def]
    """Write the devices of each group, in ascending order, to the pack."""
    filled = pack.order
    filled[:] = 0
    for device in range(pack.n_devices):
        group = labels[device]
        pack.members[group, filled[group]] = device
        filled[group] += 1
