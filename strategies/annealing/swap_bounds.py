"""Lower bounds on the change of the guided cost by a swap: a few nanoseconds each, where scoring takes a thousand.

Most swaps are refused, and most of those can be refused unscored, with what is kept here of each device and stage: what
the device pays, or would pay, the stage's members, and its nearest one. A newcomer's load bounds its stage from below;
a boundary is no cheaper than the nearest link of each device to the other side, and no cheaper than it is unless a
replaceable device leaves (`annealing.replaceable`). A swap whose bound is refused would have been refused.

Tables go by *positions*: the slots of each group of devices side by side, so that the devices of a stage are looked at
eight at a time. A group keeps its positions wherever its stage stands, and turning stages round moves no table.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.allocation.kernels import Pack
from tasklet_bench.problems.allocation.kernels.llvm import bit_rows, nearest_links
from tasklet_bench.problems.allocation.kernels.llvm.eight_swaps import LANES
from tasklet_bench.problems.allocation.kernels.memory import aligned
from tasklet_bench.problems.allocation.kernels.packing import Floats, Ints
from tasklet_bench.problems.compiled import jit
from tasklet_bench.strategies.annealing.replaceable import find_replaceable

_ONE = np.uint64(1)


class SwapBounds(NamedTuple):
    """Who stands where, and what is known about it.

    `credit`: the guide's share, see `guided_s`; `least_s` `(R,)`: the least that a boundary of a class costs with it.
    `group_at` `(K + 1,)`: which group stands at each stage, with the slots that the ordered state has, and K. Position
    W·group + slot, W a multiple of 8, is that of a device of a group; spare devices stand behind, at P positions in
    all. `device_at` `(P,)`: who stands there, device 0 where nobody does; `position` `(N,)`.
    `slowest_s` `(K + 1,)`: largest load of a group, and 0; `top` `(3,)`: the three slowest groups, K for none. Of each
    group and position, all `(K, P)`: `load_s`, what the device there pays or would pay the members; `near` and `next`,
    the classes of its two cheapest links to them; `nearest`, the slot at the end of the first; `near_s`, `least_s` of
    it, with a row of zeros behind. `boundary_s` `(K + 1,)`: guided cost of the boundary on the left of each stage, 0 at
    both ends. `replaceable` `(K + 1, 2)`: which slots on the two sides of that boundary can be spared, as bits.
    `without_s` `(3, P)`: the least that the boundary on the left and on the right of each device costs if the device
    is replaced, 0 where there is none, and a row of zeros.
    `careful` `(1,)`: whether to find out who is replaceable, or to take all for it: looser bounds and cheaper moves.
    `changed` `(2, P/8)` is scratch.
    """

    credit: float
    least_s: Floats
    group_at: Ints
    device_at: Ints
    position: Ints
    slowest_s: Floats
    top: Ints
    load_s: Floats
    near: NDArray[np.int32]
    next: NDArray[np.int32]
    nearest: NDArray[np.int32]
    near_s: Floats
    boundary_s: Floats
    replaceable: NDArray[np.uint64]
    without_s: Floats
    careful: Ints
    changed: NDArray[np.uint8]


def new_bounds(pack: Pack, credit: float) -> SwapBounds:
    """Memory for the bounds; `rebuild` fills it."""
    k, d = pack.n_groups, pack.group_size
    least_s = pack.class_s.copy()
    least_s[1:] -= credit * ((d - 1) / d) ** 2 * np.diff(pack.class_s)
    count = k * width(d) + -(-pack.n_spares // LANES) * LANES
    return SwapBounds(
        credit=credit,
        least_s=least_s,
        group_at=np.arange(k + 1),
        device_at=np.zeros(count, dtype=np.int64),
        position=np.zeros(pack.n_devices, dtype=np.int64),
        slowest_s=np.zeros(k + 1),
        top=np.zeros(3, dtype=np.int64),
        load_s=aligned((k, count)),
        near=aligned((k, count), np.int32),
        next=aligned((k, count), np.int32),
        nearest=aligned((k, count), np.int32),
        near_s=aligned((k + 1, count)),
        boundary_s=np.zeros(k + 1),
        replaceable=np.zeros((k + 1, 2), dtype=np.uint64),
        without_s=aligned((3, count)),
        careful=np.ones(1, dtype=np.int64),
        changed=np.zeros((2, count // LANES), dtype=np.uint8),
    )


@jit(inline=True, allocates=False)
def width(group_size):  # type: ignore[no-untyped-def]
    """Positions of a group of D devices."""
    return (group_size + (LANES - 1)) // LANES * LANES


@jit(allocates=False)
def rebuild(pack, state, bounds):  # type: ignore[no-untyped-def]
    """Take over from the state who stands where, and work everything out anew."""
    w = width(pack.group_size)
    for stage in range(pack.n_groups):
        bounds.group_at[stage] = stage
        for slot in range(pack.group_size):
            member = np.int64(state.members[stage, slot])
            bounds.device_at[w * stage + slot], bounds.position[member] = member, w * stage + slot
    spare = w * pack.n_groups
    for device in range(pack.n_devices):
        if state.stage_of[device] == pack.n_groups:
            bounds.device_at[spare], bounds.position[device] = device, spare
            spare += 1
    for group in range(pack.n_groups):
        for position in range(len(bounds.device_at)):
            _find_nearest(pack, bounds, group, position)
    sum_loads(pack, bounds)
    for boundary in range(pack.n_groups - 1):
        update_boundary(pack, state, bounds, boundary)
    _clear_ends(pack, bounds)


@jit(allocates=False)
def sum_loads(pack, bounds):  # type: ignore[no-untyped-def]
    """Sum all loads anew, so that nothing drifts."""
    for group in range(pack.n_groups):
        load_s = bounds.load_s[group]
        for position in range(len(load_s)):
            load_s[position] = 0.0
        for slot in range(pack.group_size):
            pair_s = pack.dp_s[bounds.device_at[width(pack.group_size) * group + slot]]
            for position in range(len(load_s)):
                load_s[position] += pair_s[bounds.device_at[position]]
        _update_group_load(pack, bounds, group)
    _sort_groups(bounds)


@jit(allocates=False)
def update_boundary(pack, state, bounds, boundary):  # type: ignore[no-untyped-def]
    """Take over from the state what a boundary costs, as the guide sees it, and what it costs at least without each."""
    level, below = state.boundary_class[boundary], state.boundary_below[boundary]
    cost_s = guided_s(pack, bounds.credit, level, below)
    bounds.boundary_s[boundary + 1] = cost_s
    left, right = np.uint64(0), np.uint64(0)
    if level > 0:
        left = right = ~np.uint64(0)
        if bounds.careful[0] > 0:
            left, right = find_replaceable(state, boundary, level)
    bounds.replaceable[boundary + 1, 0], bounds.replaceable[boundary + 1, 1] = left, right
    kept_s, spared_s = _mended_s(pack, bounds, level, below), _mended_s(pack, bounds, level, below + 1)
    for side in range(2):
        first, slots = width(pack.group_size) * bounds.group_at[boundary + side], right if side else left
        for slot in range(pack.group_size):
            spared = slots >> np.uint64(slot & 63) & _ONE
            bounds.without_s[1 - side, first + slot] = spared_s if spared else kept_s


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
    """Load of the slowest group but p and q (in seconds), 0 if there is none."""
    first, second, third = bounds.top[0], bounds.top[1], bounds.top[2]
    other = third if second in (p, q) else second
    other = other if first in (p, q) else first
    return bounds.slowest_s[other]


@jit(inline=True, allocates=False)
def replaced_s(pack, bounds, stage, old, new):  # type: ignore[no-untyped-def]
    """Largest load in a stage with one device replaced."""
    group = bounds.group_at[stage]
    first = width(pack.group_size) * group
    slowest_s = bounds.load_s[group, bounds.position[new]] - pack.dp_s[new, old]
    for position in range(first, first + pack.group_size):
        mate = bounds.device_at[position]
        if mate != old:
            slowest_s = max(slowest_s, bounds.load_s[group, position] - pack.dp_s[old, mate] + pack.dp_s[new, mate])
    return slowest_s


@jit(inline=True, allocates=False)
def beside_s(bounds, other, side, old, new):  # type: ignore[no-untyped-def]
    """The least that a boundary costs if `new` stands for `old`, by the links of `new` to the other stage.

    `side`: on which side of the device the boundary is, 0 on the left.
    """
    near_s = bounds.near_s[bounds.group_at[other], bounds.position[new]]
    return max(near_s, bounds.without_s[side, bounds.position[old]])


@jit(inline=True, allocates=False)
def joint_s(pack, state, bounds, a, b):  # type: ignore[no-untyped-def]
    """The least that the boundary between the stages of a and b, neighbours, costs after their swap."""
    p, q = state.stage_of[a], state.stage_of[b]
    boundary, across = min(p, q), np.int32(pack.rank[a, b])
    near_p = bounds.near[bounds.group_at[p], bounds.position[a]]
    near_q = bounds.near[bounds.group_at[q], bounds.position[b]]
    nearest = max(min(near_p, across), min(near_q, across))
    spared = bounds.replaceable[boundary + 1, np.int64(p > q)] >> np.uint64(state.slot_of[a] & 63)
    spared &= bounds.replaceable[boundary + 1, np.int64(p < q)] >> np.uint64(state.slot_of[b] & 63)
    mended = state.boundary_below[boundary] + 1 + np.int64(spared & _ONE)
    return max(bounds.least_s[nearest], _mended_s(pack, bounds, state.boundary_class[boundary], mended))


@jit(inline=True, allocates=False)
def opposite_s(pack, bounds, stage, other, old, new):  # type: ignore[no-untyped-def]
    """The least that a boundary costs if `new` stands for `old` in one of its stages, by the links of the other."""
    w, group = width(pack.group_size), bounds.group_at[stage]
    left_slot, first, nearest = bounds.position[old] - w * group, w * bounds.group_at[other], np.int32(0)
    for position in range(first, first + pack.group_size):
        lost = bounds.nearest[group, position] == left_slot
        kept = bounds.next[group, position] if lost else bounds.near[group, position]
        nearest = max(nearest, min(kept, np.int32(pack.rank[new, bounds.device_at[position]])))
    return bounds.least_s[nearest]


@jit(allocates=False)
def meeting_s(pack, bounds, left, right):  # type: ignore[no-untyped-def]
    """The least that a boundary between two stages costs."""
    w, nearest = width(pack.group_size), np.int32(0)
    left_group, right_group = bounds.group_at[left], bounds.group_at[right]
    for slot in range(pack.group_size):
        nearest = max(nearest, bounds.near[right_group, w * left_group + slot])
        nearest = max(nearest, bounds.near[left_group, w * right_group + slot])
    return bounds.least_s[nearest]


@jit(allocates=False)
def exchange(pack, state, bounds, a, b):  # type: ignore[no-untyped-def]
    """Follow a swap that the state has just committed; a or b may have become a spare."""
    p, q, x, y = state.stage_of[b], state.stage_of[a], bounds.position[a], bounds.position[b]
    bounds.position[a], bounds.position[b], bounds.device_at[x], bounds.device_at[y] = y, x, b, a
    for group in range(pack.n_groups):
        _swap_columns(bounds.load_s, group, x, y)
        _swap_columns(bounds.near, group, x, y)
        _swap_columns(bounds.next, group, x, y)
        _swap_columns(bounds.nearest, group, x, y)
        _swap_columns(bounds.near_s, group, x, y)
    for stage, old, new in ((p, a, b), (q, b, a)):
        if stage < pack.n_groups:
            _replace(pack, bounds, bounds.group_at[stage], old, new)
    _sort_groups(bounds)
    for i in range(4):
        boundary = (p if i < 2 else q) - 1 + i % 2
        if 0 <= boundary < pack.n_groups - 1 and (i < 2 or boundary not in (p - 1, p)):
            update_boundary(pack, state, bounds, boundary)


@jit(allocates=False)
def reverse(pack, state, bounds, first, last):  # type: ignore[no-untyped-def]
    """Follow a reversal of the stages first..last that the state has just committed."""
    i, j = first, last
    while i < j:
        bounds.group_at[i], bounds.group_at[j] = bounds.group_at[j], bounds.group_at[i]
        i, j = i + 1, j - 1
    for boundary in range(max(first - 1, 0), min(last + 1, pack.n_groups - 1)):
        update_boundary(pack, state, bounds, boundary)
    _clear_ends(pack, bounds)


@jit(allocates=False)
def _clear_ends(pack, bounds):  # type: ignore[no-untyped-def]
    """No boundary is on the left of the first stage, nor on the right of the last."""
    for side in range(2):
        start = width(pack.group_size) * bounds.group_at[side * (pack.n_groups - 1)]
        for slot in range(pack.group_size):
            bounds.without_s[side, start + slot] = 0.0


@jit(inline=True, allocates=False)
def _mended_s(pack, bounds, level, matched):  # type: ignore[no-untyped-def]
    """The least that a boundary costs if at most so many rows can be matched below the class it has."""
    return guided_s(pack, bounds.credit, level, matched) if matched < pack.group_size else 0.0


@jit(allocates=False)
def _replace(pack, bounds, group, old, new):  # type: ignore[no-untyped-def]
    """Let a group have `new` for `old`, which stand in each other's place already."""
    load_s, device_at, changed = bounds.load_s[group], bounds.device_at, bounds.changed
    gained_s, lost_s = pack.dp_s[new], pack.dp_s[old]
    for position in range(len(load_s)):
        device = device_at[position]
        load_s[position] += gained_s[device] - lost_s[device]
    slot = bounds.position[new] - width(pack.group_size) * group
    nearest_links.replace_member(
        bounds.near, bounds.next, bounds.nearest, device_at, pack.rank, changed, group, slot, old, new
    )
    for device in (new, old):
        position = bounds.position[device]
        changed[0, position >> 3] |= 1 << (position & 7)
    for chunk in range(changed.shape[1]):
        word = np.uint64(changed[1, chunk])
        while word:
            position = LANES * chunk + bit_rows.lowest_bit(word)
            bounds.near_s[group, position] = bounds.least_s[bounds.near[group, position]]
            word &= word - _ONE
        word = np.uint64(changed[0, chunk])
        while word:
            _find_nearest(pack, bounds, group, LANES * chunk + bit_rows.lowest_bit(word))
            word &= word - _ONE
    _update_group_load(pack, bounds, group)


@jit(allocates=False)
def _find_nearest(pack, bounds, group, position):  # type: ignore[no-untyped-def]
    """Find the two cheapest links of the device at a position to the members of a group."""
    d, highest = pack.group_size, np.int64(len(pack.class_s) - 1)
    first, second = nearest_links.two_nearest(
        pack.rank, bounds.device_at, bounds.device_at[position], width(d) * group, d
    )
    near = min(first >> nearest_links.SLOT_BITS, highest)
    bounds.near[group, position] = near
    bounds.next[group, position] = min(second >> nearest_links.SLOT_BITS, highest)
    slot = first & (1 << nearest_links.SLOT_BITS) - 1
    bounds.nearest[group, position] = slot if first != nearest_links.NOBODY else -1
    bounds.near_s[group, position] = bounds.least_s[near]


@jit(inline=True, allocates=False)
def _update_group_load(pack, bounds, group):  # type: ignore[no-untyped-def]
    slowest_s, first = 0.0, width(pack.group_size) * group
    for slot in range(pack.group_size):
        slowest_s = max(slowest_s, bounds.load_s[group, first + slot])
    bounds.slowest_s[group] = slowest_s


@jit(inline=True, allocates=False)
def _sort_groups(bounds):  # type: ignore[no-untyped-def]
    """Find the three slowest groups."""
    none = len(bounds.slowest_s) - 1
    first = second = third = none
    for group in range(none):
        load_s = bounds.slowest_s[group]
        if third == none or load_s > bounds.slowest_s[third]:
            third = group
            if second == none or load_s > bounds.slowest_s[second]:
                second, third = third, second
                if first == none or load_s > bounds.slowest_s[first]:
                    first, second = second, first
    bounds.top[0], bounds.top[1], bounds.top[2] = first, second, third


@jit(inline=True, allocates=False)
def _swap_columns(table, row, i, j):  # type: ignore[no-untyped-def]
    table[row, i], table[row, j] = table[row, j], table[row, i]
