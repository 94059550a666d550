"""Whole evaluations by classes: equal to `allocation.kernels.evaluation` to the last bit, without its matrices.

Above `MOST_ORDERED` stages, which the dense form is not asked for, the order is the better of two: the groups as they
are numbered, and nearest neighbours from the first group on. Both take memory for K stages only.
"""

from __future__ import annotations

import numpy as np

from tasklet_bench.problems.allocation.kernels.data_parallel import collect
from tasklet_bench.problems.allocation.kernels.matching.any_size import bottleneck
from tasklet_bench.problems.allocation.kernels.matching.up_to_8 import SIDE, block_class, gather
from tasklet_bench.problems.allocation.kernels.matching.up_to_64 import bit_class
from tasklet_bench.problems.allocation.kernels.ordering.held_karp import best_order
from tasklet_bench.problems.compiled import jit

_FAR = np.int64(1) << 40


@jit
def evaluate(ready, labels):  # type: ignore[no-untyped-def]
    """Cost of labels, int64 `(N,)`, balanced, as `(data_parallel_s, pipeline_s)`; the order stands in `pack.order`."""
    pack = ready.pack
    _collect(ready, labels)
    data_parallel_s = _slowest_stage_s(pack)
    if pack.n_groups == len(pack.path.length_s):
        _measure(pack)
        return data_parallel_s, best_order(pack.path, pack.order)
    for stage in range(pack.n_groups):
        pack.order[stage] = stage
    numbered_s = _order_s(ready)
    _order_by_neighbours(ready)
    pipeline_s = _order_s(ready)
    if numbered_s <= pipeline_s:
        pipeline_s = numbered_s
        for stage in range(pack.n_groups):
            pack.order[stage] = stage
    return data_parallel_s, pipeline_s


@jit
def write_grid(ready, labels, grid):  # type: ignore[no-untyped-def]
    """Write labels `(N,)` at their best wiring and order to `grid`, int64 `(D, K)`; returns what `evaluate` does."""
    parts_s = evaluate(ready, labels)
    _wire(ready, grid)
    return parts_s


@jit
def write_numbered_grid(ready, labels, grid):  # type: ignore[no-untyped-def]
    """Write labels `(N,)` to `grid`, int64 `(D, K)`, at their best wiring, with group j at stage j."""
    _collect(ready, labels)
    for stage in range(ready.pack.n_groups):
        ready.pack.order[stage] = stage
    _wire(ready, grid)


@jit
def evaluate_grid(ready, grid):  # type: ignore[no-untyped-def]
    """Cost of a grid, int64 `(D, K)`, as it is wired, as `(data_parallel_s, pipeline_s)`."""
    pack = ready.pack
    labels = np.full(pack.n_devices, pack.n_groups)
    for stage in range(pack.n_groups):
        for row in range(pack.group_size):
            labels[grid[row, stage]] = stage
    _collect(ready, labels)
    for b in range(pack.n_groups - 1):
        slowest = np.int64(0)
        for i in range(pack.group_size):
            left, right = ready.class_of[grid[i, b]], ready.class_of[grid[i, b + 1]]
            slowest = max(slowest, np.int64(pack.rank[left, right]))
        ready.boundary_level[b] = slowest
    return _slowest_stage_s(pack), _boundaries_s(ready)


@jit
def _measure(pack):  # type: ignore[no-untyped-def]
    """Write the seconds between all groups of `pack.members` to the path's lengths."""
    length_s = pack.path.length_s
    for a in range(1, pack.n_groups):
        for b in range(a):
            length_s[a, b] = length_s[b, a] = pack.class_s[pair_level(pack, pack.members[a], pack.members[b])]


@jit
def pair_level(pack, left, right):  # type: ignore[no-untyped-def]
    """Rank of the best wiring between two groups, whose classes are `left` and `right`, uint32 `(D,)`."""
    if pack.blocks.shape[1] == SIDE:
        gather(pack.rank, left, right, pack.blocks, 0)
        return np.int64(block_class(pack.blocks, 0, len(pack.class_s) - 1))
    if pack.blocks.shape[1]:
        gather(pack.rank, left, right, pack.blocks, 0)
        return np.int64(bit_class(pack.blocks, 0, pack.group_size, pack.bits, pack.matching))
    return np.int64(bottleneck(pack.rank, left, right, pack.matching))


@jit
def _collect(ready, labels):  # type: ignore[no-untyped-def]
    """Write the devices of each group, in ascending order, to `devices`, and their classes to `pack.members`."""
    pack = ready.pack
    collect(labels, ready.devices, pack.order)
    for stage in range(pack.n_groups):
        for place in range(pack.group_size):
            pack.members[stage, place] = ready.class_of[ready.devices[stage, place]]


@jit
def _slowest_stage_s(pack):  # type: ignore[no-untyped-def]
    slowest_s = 0.0
    for stage in range(pack.n_groups):
        slowest_s = max(slowest_s, _stage_s(pack.dp_s, pack.members[stage]))
    return slowest_s


@jit
def _stage_s(dp_s, classes):  # type: ignore[no-untyped-def]
    """What the slowest device of a stage pays its mates, added up in ascending order of devices.

    Neighbours of one class add the same numbers in the same order, so one of them is enough.
    """
    slowest_s = 0.0
    for i in range(len(classes)):
        if i and classes[i] == classes[i - 1]:
            continue
        total_s = 0.0
        for j in range(i):
            total_s += dp_s[classes[i], classes[j]]
        for j in range(i + 1, len(classes)):
            total_s += dp_s[classes[i], classes[j]]
        slowest_s = max(slowest_s, total_s)
    return slowest_s


@jit
def _boundaries_s(ready):  # type: ignore[no-untyped-def]
    """Seconds of all boundaries, added up from both ends to the stage in the middle, as all orders are."""
    class_s, half = ready.pack.class_s, ready.pack.n_groups // 2
    head, tail = 0.0, 0.0
    for b in range(half):
        head += class_s[ready.boundary_level[b]]
    for b in range(ready.pack.n_groups - 2, half - 1, -1):
        tail += class_s[ready.boundary_level[b]]
    return head + tail


@jit
def _order_s(ready):  # type: ignore[no-untyped-def]
    """Seconds of the stages in the order that stands in `pack.order`."""
    pack = ready.pack
    for b in range(pack.n_groups - 1):
        left, right = pack.members[pack.order[b]], pack.members[pack.order[b + 1]]
        ready.boundary_level[b] = pair_level(pack, left, right)
    return _boundaries_s(ready)


@jit
def _order_by_neighbours(ready):  # type: ignore[no-untyped-def]
    """Write an order to `pack.order`: the first group, then always one that is nearest to the last."""
    pack, order = ready.pack, ready.pack.order
    _number_make_ups(ready)
    for stage in range(pack.n_groups):
        order[stage] = stage
        ready.seen[stage] = 0
    for place in range(1, pack.n_groups):
        nearest, least = place, _FAR
        for i in range(place, pack.n_groups):
            make_up = ready.make_up[order[i]]
            if ready.seen[make_up] != place:
                ready.seen[make_up] = place
                ready.level[make_up] = pair_level(pack, pack.members[order[place - 1]], pack.members[order[i]])
            if ready.level[make_up] < least:
                nearest, least = i, ready.level[make_up]
        order[place], order[nearest] = order[nearest], order[place]


@jit
def _number_make_ups(ready):  # type: ignore[no-untyped-def]
    """Give stages of the same classes, place by place, one number; `seen` holds a sum of each to tell most apart."""
    members = ready.pack.members
    for stage in range(len(members)):
        ready.seen[stage] = 0
        for place in range(members.shape[1]):
            ready.seen[stage] = ready.seen[stage] * 1000003 + np.int64(members[stage, place])
        ready.make_up[stage] = stage
        for other in range(stage):
            if ready.make_up[other] == other and ready.seen[other] == ready.seen[stage]:
                alike = True
                for place in range(members.shape[1]):
                    if members[other, place] != members[stage, place]:
                        alike = False
                        break
                if alike:
                    ready.make_up[stage] = other
                    break


@jit
def _wire(ready, grid):  # type: ignore[no-untyped-def]
    """Write the groups in the order of `pack.order`, each wired to the one before, to `grid`, int64 `(D, K)`."""
    pack = ready.pack
    slots = np.arange(pack.group_size)
    for stage in range(pack.n_groups):
        group = pack.order[stage]
        if stage > 0:
            left, right = pack.members[pack.order[stage - 1]], pack.members[group]
            bottleneck(pack.rank, left, right, pack.matching)
            slots = pack.matching[0][slots]
        for row in range(pack.group_size):
            grid[row, stage] = ready.devices[group, slots[row]]
