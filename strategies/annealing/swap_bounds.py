"""Lower bounds on the change of the guided cost by a swap: a few nanoseconds each, where scoring takes a thousand.

Most swaps are refused, and most of those can be refused unscored, with what is kept here of each device and stage: what
the device pays, or would pay, the stage's members, and its nearest one. A newcomer's load bounds its stage from below;
a boundary is no cheaper than the nearest link of each device to the other side, and no cheaper than it is unless a
replaceable device leaves (`annealing.replaceable`). A swap whose bound is refused would have been refused.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.allocation.kernels import Pack
from tasklet_bench.problems.allocation.kernels.packing import Floats, Ints
from tasklet_bench.problems.compiled import jit
from tasklet_bench.strategies.annealing.replaceable import Sides, find_replaceable, new_sides


class SwapBounds(NamedTuple):
    """Who stands where, and what is known about it.

    `credit`: the guide's share, see `guided_s`; `least_s` `(R,)`: the least that a boundary of a class costs with it.
    `members` `(K, D)`, `place` `(N,)`: devices by stage, and where in it. `slowest_s` `(K,)`: largest load of a stage;
    `top` `(3,)`: the three slowest stages, -1 for none. Of each stage and device, all `(K, N)`: `load_s`, what the
    device pays or would pay the members; `near` and `next`, the classes of its two cheapest links to them; `nearest`,
    who is at the end of the first; `near_s`, `least_s` of it. `boundary_s` `(K + 1,)`: guided cost of the boundary on
    the left of each stage, 0 at both ends. Of a device's boundaries on the left and on the right, `(2, N)`:
    `replaceable`, whether it can be spared; `without_s`, the least that the boundary costs if the device is replaced.
    `careful` `(1,)`: whether to find out who is replaceable, or to take all for it: looser bounds and cheaper moves.
    """

    credit: float
    least_s: Floats
    members: Ints
    place: Ints
    slowest_s: Floats
    top: Ints
    load_s: Floats
    near: NDArray[np.int32]
    next: NDArray[np.int32]
    nearest: NDArray[np.int32]
    near_s: Floats
    boundary_s: Floats
    replaceable: Ints
    without_s: Floats
    careful: Ints
    sides: Sides


def new_bounds(pack: Pack, credit: float) -> SwapBounds:
    """Memory for the bounds; `rebuild` fills it."""
    n, k, d = pack.n_devices, pack.n_groups, pack.group_size
    least_s = pack.class_s.copy()
    least_s[1:] -= credit * ((d - 1) / d) ** 2 * np.diff(pack.class_s)
    return SwapBounds(
        credit=credit,
        least_s=least_s,
        members=np.zeros((k, d), dtype=np.int64),
        place=np.zeros(n, dtype=np.int64),
        slowest_s=np.zeros(k),
        top=np.zeros(3, dtype=np.int64),
        load_s=np.zeros((k, n)),
        near=np.zeros((k, n), dtype=np.int32),
        next=np.zeros((k, n), dtype=np.int32),
        nearest=np.zeros((k, n), dtype=np.int32),
        near_s=np.zeros((k, n)),
        boundary_s=np.zeros(k + 1),
        replaceable=np.zeros((2, n), dtype=np.int64),
        without_s=np.zeros((2, n)),
        careful=np.ones(1, dtype=np.int64),
        sides=new_sides(d),
    )


@jit(allocates=False)
def rebuild(pack, state, bounds):  # type: ignore[no-untyped-def]
    """Take over from the state who stands where, and work everything out anew."""
    for device in range(pack.n_devices):
        bounds.place[device] = -1
    for stage in range(pack.n_groups):
        slot = 0
        for device in range(pack.n_devices):
            if state.stage_of[device] == stage:
                bounds.members[stage, slot], bounds.place[device] = device, slot
                slot += 1
        for device in range(pack.n_devices):
            _find_nearest(pack, bounds, stage, device)
    sum_loads(pack, bounds)
    for boundary in range(pack.n_groups - 1):
        update_boundary(pack, state, bounds, boundary)


@jit(allocates=False)
def sum_loads(pack, bounds):  # type: ignore[no-untyped-def]
    """Sum all loads anew, so that nothing drifts."""
    for stage in range(pack.n_groups):
        for device in range(pack.n_devices):
            load_s = 0.0
            for slot in range(pack.group_size):
                load_s += pack.dp_s[device, bounds.members[stage, slot]]
            bounds.load_s[stage, device] = load_s
        _update_stage_load(bounds, stage)
    _sort_stages(bounds)


@jit(allocates=False)
def update_boundary(pack, state, bounds, boundary):  # type: ignore[no-untyped-def]
    """Take over from the state what a boundary costs, as the guide sees it, and what it costs at least without each."""
    level, below = state.boundary_class[boundary], state.boundary_below[boundary]
    cost_s = guided_s(pack, bounds.credit, level, below)
    bounds.boundary_s[boundary + 1] = cost_s
    careful = level > 0 and bounds.careful[0] > 0
    if careful:
        find_replaceable(pack.rank, bounds.members, boundary, level, bounds.sides, bounds.replaceable)
    for side in range(2):
        for slot in range(pack.group_size):
            device = bounds.members[boundary + side, slot]
            if not careful:
                bounds.replaceable[1 - side, device] = level > 0
            mended = below + bounds.replaceable[1 - side, device]
            bounds.without_s[1 - side, device] = _mended_s(pack, bounds, level, mended)


@jit(inline=True, allocates=False)
def guided_s(pack, credit, level, below):  # type: ignore[no-untyped-def]
    """Seconds of a boundary of class `level`, less its credit for the rows that can be matched one class below.

    The credit grows with the square of their share: one that is linear misleads, as the last rows are the hard ones.
    """
    cost_s = pack.class_s[level]
    if level == 0:
        return cost_s
    share = below / pack.group_size
    return cost_s - credit * share * share * (cost_s - pack.class_s[level - 1])


@jit(inline=True, allocates=False)
def slowest_other_s(bounds, p, q):  # type: ignore[no-untyped-def]
    """Load of the slowest stage but p and q (in seconds), 0 if there is none."""
    for i in range(3):
        stage = bounds.top[i]
        if stage != p and stage != q:
            return bounds.slowest_s[stage] if stage >= 0 else 0.0
    return 0.0


@jit(inline=True, allocates=False)
def replaced_s(pack, bounds, stage, old, new):  # type: ignore[no-untyped-def]
    """Largest load in a stage with one device replaced."""
    slowest_s = bounds.load_s[stage, new] - pack.dp_s[new, old]
    for slot in range(pack.group_size):
        mate = bounds.members[stage, slot]
        if mate != old:
            slowest_s = max(slowest_s, bounds.load_s[stage, mate] - pack.dp_s[old, mate] + pack.dp_s[new, mate])
    return slowest_s


@jit(inline=True, allocates=False)
def joint_s(pack, state, bounds, a, b):  # type: ignore[no-untyped-def]
    """The least that the boundary between the stages of a and b, neighbours, costs after their swap."""
    p, q = state.stage_of[a], state.stage_of[b]
    boundary, across = min(p, q), np.int32(pack.rank[a, b])
    nearest = max(min(bounds.near[p, a], across), min(bounds.near[q, b], across))
    both_replaceable = bounds.replaceable[np.int64(p < q), a] & bounds.replaceable[np.int64(q < p), b]
    level, mended = state.boundary_class[boundary], state.boundary_below[boundary] + 1 + both_replaceable
    return max(bounds.least_s[nearest], _mended_s(pack, bounds, level, mended))


@jit(inline=True, allocates=False)
def opposite_s(pack, bounds, stage, other, old, new):  # type: ignore[no-untyped-def]
    """The least that a boundary costs if `new` stands for `old` in one of its stages, by the links of the other."""
    nearest = np.int32(0)
    for slot in range(pack.group_size):
        device = bounds.members[other, slot]
        kept = bounds.near[stage, device] if bounds.nearest[stage, device] != old else bounds.next[stage, device]
        nearest = max(nearest, min(kept, np.int32(pack.rank[new, device])))
    return bounds.least_s[nearest]


@jit(allocates=False)
def meeting_s(pack, bounds, left, right):  # type: ignore[no-untyped-def]
    """The least that a boundary between two stages costs."""
    nearest = np.int32(0)
    for slot in range(pack.group_size):
        nearest = max(nearest, bounds.near[right, bounds.members[left, slot]])
        nearest = max(nearest, bounds.near[left, bounds.members[right, slot]])
    return bounds.least_s[nearest]


@jit(allocates=False)
def exchange(pack, state, bounds, a, b):  # type: ignore[no-untyped-def]
    """Follow a swap that the state has just committed; a or b may have become a spare."""
    p, q, i, j = state.stage_of[b], state.stage_of[a], bounds.place[a], bounds.place[b]
    bounds.place[a], bounds.place[b] = j, i
    if p < pack.n_groups:
        bounds.members[p, i] = b
    if q < pack.n_groups:
        bounds.members[q, j] = a
    if p < pack.n_groups:
        _replace(pack, bounds, p, a, b)
    if q < pack.n_groups:
        _replace(pack, bounds, q, b, a)
    _sort_stages(bounds)
    for boundary in range(pack.n_groups - 1):
        if boundary in (p - 1, p, q - 1, q):
            update_boundary(pack, state, bounds, boundary)


@jit(allocates=False)
def reverse(pack, state, bounds, first, last):  # type: ignore[no-untyped-def]
    """Follow a reversal of the stages first..last that the state has just committed."""
    i, j = first, last
    while i < j:
        for slot in range(pack.group_size):
            _swap_columns(bounds.members, i, j, slot)
        for device in range(pack.n_devices):
            _swap_columns(bounds.load_s, i, j, device)
            _swap_columns(bounds.near, i, j, device)
            _swap_columns(bounds.next, i, j, device)
            _swap_columns(bounds.nearest, i, j, device)
            _swap_columns(bounds.near_s, i, j, device)
        bounds.slowest_s[i], bounds.slowest_s[j] = bounds.slowest_s[j], bounds.slowest_s[i]
        i, j = i + 1, j - 1
    _sort_stages(bounds)
    for boundary in range(max(first - 1, 0), min(last + 1, pack.n_groups - 1)):
        update_boundary(pack, state, bounds, boundary)


@jit(inline=True, allocates=False)
def _mended_s(pack, bounds, level, matched):  # type: ignore[no-untyped-def]
    """The least that a boundary costs if at most so many rows can be matched below the class it has."""
    return guided_s(pack, bounds.credit, level, matched) if matched < pack.group_size else 0.0


@jit(allocates=False)
def _replace(pack, bounds, stage, old, new):  # type: ignore[no-untyped-def]
    """Let a stage have `new` for `old`; its members know already."""
    for device in range(pack.n_devices):
        bounds.load_s[stage, device] += pack.dp_s[device, new] - pack.dp_s[device, old]
        lost, link = np.int32(pack.rank[device, old]), np.int32(pack.rank[device, new])
        near, after = bounds.near[stage, device], bounds.next[stage, device]
        if device in (new, old) or lost <= after < link:
            _find_nearest(pack, bounds, stage, device)
        elif link < near or bounds.nearest[stage, device] == old:
            bounds.next[stage, device] = after if bounds.nearest[stage, device] == old else near
            bounds.near[stage, device], bounds.nearest[stage, device] = link, new
            bounds.near_s[stage, device] = bounds.least_s[link]
        elif link < after:
            bounds.next[stage, device] = link
    _update_stage_load(bounds, stage)


@jit(inline=True, allocates=False)
def _find_nearest(pack, bounds, stage, device):  # type: ignore[no-untyped-def]
    near = after = np.int32(len(pack.class_s) - 1)
    nearest = np.int32(-1)
    for slot in range(pack.group_size):
        mate = bounds.members[stage, slot]
        if mate == device:
            continue
        link = np.int32(pack.rank[device, mate])
        if link < near or nearest < 0:
            after, near, nearest = near, link, np.int32(mate)
        elif link < after:
            after = link
    bounds.near[stage, device], bounds.next[stage, device], bounds.nearest[stage, device] = near, after, nearest
    bounds.near_s[stage, device] = bounds.least_s[near]


@jit(inline=True, allocates=False)
def _update_stage_load(bounds, stage):  # type: ignore[no-untyped-def]
    slowest_s = 0.0
    for slot in range(bounds.members.shape[1]):
        slowest_s = max(slowest_s, bounds.load_s[stage, bounds.members[stage, slot]])
    bounds.slowest_s[stage] = slowest_s


@jit(inline=True, allocates=False)
def _sort_stages(bounds):  # type: ignore[no-untyped-def]
    bounds.top[:] = -1
    for stage in range(len(bounds.slowest_s)):
        coming = np.int64(stage)
        for i in range(3):
            if bounds.top[i] < 0 or bounds.slowest_s[coming] > bounds.slowest_s[bounds.top[i]]:
                bounds.top[i], coming = coming, bounds.top[i]
                if coming < 0:
                    break


@jit(inline=True, allocates=False)
def _swap_columns(table, i, j, column):  # type: ignore[no-untyped-def]
    table[i, column], table[j, column] = table[j, column], table[i, column]
