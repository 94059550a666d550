"""The ordered state: a partition with the order of its stages kept, so that a move touches only its neighbourhood.

A swap of two devices touches the sums of two stages and at most four boundaries; a reversal of a segment of stages
touches two. Neither touches the path. The ranks across each boundary stay in a block, of which a swap replaces one row
or column, and so do the seconds between the devices of each stage; above 8 devices a stage its matchings stay too. A
spare device stands at stage K, which has no sum and no boundary: a swap with one replaces a device.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.allocation.kernels.data_parallel import collect, group_s
from tasklet_bench.problems.allocation.kernels.llvm import group_sum
from tasklet_bench.problems.allocation.kernels.matching.dispatch import boundary_of_groups, boundary_of_small_block
from tasklet_bench.problems.allocation.kernels.matching.kept import (
    Matchings,
    match_anew,
    match_replaced,
    new_matchings,
)
from tasklet_bench.problems.allocation.kernels.matching.up_to_8 import SIDE, gather, replace_device
from tasklet_bench.problems.allocation.kernels.memory import aligned
from tasklet_bench.problems.allocation.kernels.packing import Floats, Ints, Pack
from tasklet_bench.problems.compiled import jit

_NONE, _SWAP, _REVERSAL = range(3)


class State(NamedTuple):
    """Memory of an ordered state and of one proposal; `problems.allocation.kernels` says what may be read.

    `members` uint32 `(K, D)`: device in each slot of each stage; `slot_of` `(N,)`; `stage_s` `(K,)` seconds of each
    stage. Boundary b is held by `blocks[block_at[b]]`, with the stage on its right in the rows if `turned[b]`, and by
    the `matchings` of that block; behind the K-1 boundaries stand four spare blocks for a proposal. `move`: its kind
    and its two arguments. `pair_s[pair_at[stage]]`: seconds between the slots of a stage, `(D, W)` with W a multiple
    of 8; `new_s` `(2, W)`: those of the devices that a swap brings to two stages.
    """

    stage_of: Ints
    slot_of: Ints
    members: NDArray[np.uint32]
    stage_s: Floats
    pair_s: Floats
    pair_at: Ints
    new_s: Floats
    blocks: NDArray[Any]
    matchings: Matchings
    block_at: Ints
    turned: NDArray[np.bool_]
    boundary_class: Ints
    boundary_below: Ints
    parts_s: Floats
    proposed_s: Floats
    n_touched: Ints
    touched: Ints
    touched_class: Ints
    touched_below: Ints
    move: Ints
    kept_s: Floats


def new_state(pack: Pack) -> State:
    """Memory for an ordered state of a problem; `start` fills it. Python only."""
    k, d, side = pack.n_groups, pack.group_size, pack.blocks.shape[1]
    width = -(-d // group_sum.LANES) * group_sum.LANES
    blocks = np.empty((k + 3, side, side), dtype=pack.blocks.dtype)
    for block in range(len(blocks)):
        blocks[block] = pack.empty_block
    return State(
        stage_of=np.zeros(pack.n_devices, dtype=np.int64),
        slot_of=np.zeros(pack.n_devices, dtype=np.int64),
        members=np.zeros((k, d), dtype=np.uint32),
        stage_s=np.zeros(k),
        pair_s=aligned((k, d, width)),
        pair_at=np.arange(k),
        new_s=aligned((2, width)),
        blocks=blocks,
        matchings=new_matchings(k + 3, d, side),
        block_at=np.arange(k + 3),
        turned=np.zeros(k + 3, dtype=np.bool_),
        boundary_class=np.zeros(k - 1, dtype=np.int64),
        boundary_below=np.zeros(k - 1, dtype=np.int64),
        parts_s=np.zeros(2),
        proposed_s=np.zeros(2),
        n_touched=np.zeros(1, dtype=np.int64),
        touched=np.zeros(4, dtype=np.int64),
        touched_class=np.zeros(4, dtype=np.int64),
        touched_below=np.zeros(4, dtype=np.int64),
        move=np.zeros(3, dtype=np.int64),
        kept_s=np.zeros(2),
    )


@jit(allocates=False)
def start(pack, state, labels):  # type: ignore[no-untyped-def]
    """Take labels, int64 `(N,)`, with label j standing at stage j; returns the cost in this order (in seconds)."""
    for device in range(pack.n_devices):
        state.stage_of[device] = labels[device]
    collect(labels, state.members, pack.order)
    for stage in range(pack.n_groups):
        for slot in range(pack.group_size):
            state.slot_of[state.members[stage, slot]] = slot
            for other in range(pack.group_size):
                pair_s = pack.dp_s[state.members[stage, slot], state.members[stage, other]]
                state.pair_s[state.pair_at[stage], slot, other] = pair_s
        state.stage_s[stage] = group_s(pack.dp_s, state.members, stage)
    state.move[0] = _NONE
    for b in range(pack.n_groups - 1):
        state.n_touched[0] = 0
        state.boundary_class[b] = 0
        _touch_stages(pack, state, b, b, b + 1)
        _settle(state, 0)
    state.n_touched[0] = 0
    cost_s = _sum_up(pack, state)
    state.parts_s[0], state.parts_s[1] = state.proposed_s[0], state.proposed_s[1]
    return cost_s


@jit(inline=True, allocates=False)
def propose_swap(pack, state, a, b):  # type: ignore[no-untyped-def]
    """Cost (in seconds) with the devices a and b in each other's place; end it with `commit` or `rollback`.

    One of them may be a spare, which then replaces the other.
    """
    state.n_touched[0] = 0
    p, q = state.stage_of[a], state.stage_of[b]
    if p == q:
        state.move[0] = _NONE
        state.proposed_s[0], state.proposed_s[1] = state.parts_s[0], state.parts_s[1]
        return state.parts_s[0] + state.parts_s[1]
    state.move[0], state.move[1], state.move[2] = _SWAP, a, b
    _exchange(state, a, b)
    if p < pack.n_groups:
        state.kept_s[0] = state.stage_s[p]
        state.stage_s[p] = _slowest_with_s(pack, state, p, b, 0)
    if q < pack.n_groups:
        state.kept_s[1] = state.stage_s[q]
        state.stage_s[q] = _slowest_with_s(pack, state, q, a, 1)
    for i in range(4):  # one loop, for what it calls is long and would be translated twice
        boundary = (p if i < 2 else q) - 1 + i % 2
        if 0 <= boundary < pack.n_groups - 1 and (i < 2 or boundary not in (p - 1, p)):
            _touch_devices(pack, state, boundary, a, b)
    return _sum_up(pack, state)


@jit(allocates=False)
def propose_reversal(pack, state, first, last):  # type: ignore[no-untyped-def]
    """Cost (in seconds) with the stages first..last in reversed order; end it with `commit` or `rollback`."""
    state.move[0], state.move[1], state.move[2] = _REVERSAL, first, last
    state.n_touched[0] = 0
    if first > 0:
        _touch_stages(pack, state, first - 1, first - 1, last)
    if last < pack.n_groups - 1:
        _touch_stages(pack, state, last, first, last + 1)
    return _sum_up(pack, state)


@jit(inline=True, allocates=False)
def commit(_pack, state):  # type: ignore[no-untyped-def]
    """Make the proposal the state."""
    if state.move[0] == _REVERSAL:
        _reverse(state, state.move[1], state.move[2])
    elif state.move[0] == _SWAP:
        _keep_pairs(state, state.move[2], 0)
        _keep_pairs(state, state.move[1], 1)
    for i in range(state.n_touched[0]):
        _settle(state, i)
    state.parts_s[0], state.parts_s[1] = state.proposed_s[0], state.proposed_s[1]
    state.move[0] = _NONE
    state.n_touched[0] = 0


@jit(inline=True, allocates=False)
def rollback(_pack, state):  # type: ignore[no-untyped-def]
    """Forget the proposal."""
    if state.move[0] == _SWAP:
        a, b = state.move[1], state.move[2]
        _exchange(state, a, b)
        if state.stage_of[a] < len(state.stage_s):
            state.stage_s[state.stage_of[a]] = state.kept_s[0]
        if state.stage_of[b] < len(state.stage_s):
            state.stage_s[state.stage_of[b]] = state.kept_s[1]
    state.move[0] = _NONE
    state.n_touched[0] = 0


@jit(allocates=False)
def write_labels(_pack, state, labels):  # type: ignore[no-untyped-def]
    """Write the stage of each device to `labels`, int64 `(N,)`."""
    for device in range(len(labels)):
        labels[device] = state.stage_of[device]


@jit(allocates=False)
def _slowest_with_s(pack, state, stage, device, which):  # type: ignore[no-untyped-def]
    """`group_s` of a stage that a device has just come to, by its seconds to the others, which are noted."""
    total_s = 0.0
    for slot in range(pack.group_size):
        pair_s = pack.dp_s[device, state.members[stage, slot]]
        state.new_s[which, slot] = pair_s
        total_s += pair_s
    slot = state.slot_of[device]
    return max(total_s, group_sum.slowest_other_s(state.pair_s, state.pair_at[stage], slot, state.new_s, which))


@jit(allocates=False)
def _keep_pairs(state, device, which):  # type: ignore[no-untyped-def]
    """Keep the seconds from a device, which is to stay where a proposal has brought it, to the others of its stage."""
    if state.stage_of[device] == len(state.members):
        return
    at, slot = state.pair_at[state.stage_of[device]], state.slot_of[device]
    for other in range(state.members.shape[1]):
        state.pair_s[at, slot, other] = state.pair_s[at, other, slot] = state.new_s[which, other]


@jit(inline=True, allocates=False)
def _touch_devices(pack, state, boundary, a, b):  # type: ignore[no-untyped-def]
    """Work a boundary out anew of which a or b, exchanged already, is a neighbour."""
    side = state.blocks.shape[1]
    if not side:
        _note_groups(pack, state, boundary, boundary, boundary + 1)
        return
    spare = len(state.boundary_class) + state.n_touched[0]
    block, kept = state.block_at[spare], state.block_at[boundary]
    state.turned[spare] = state.turned[boundary]
    source, row, column = kept, np.int64(-1), np.int64(-1)
    for device in (a, b):
        stage, slot = state.stage_of[device], state.slot_of[device]
        if stage == boundary or stage == boundary + 1:
            as_row = (stage == boundary) != state.turned[boundary]
            opposite = 2 * boundary + 1 - stage
            replace_device(state.blocks, source, block, slot, as_row, pack.rank, device, state.members, opposite)
            source = block
            if as_row:
                row = slot
            else:
                column = slot
    n, highest, guess = pack.group_size, len(pack.class_s) - 1, state.boundary_class[boundary]
    if side == SIDE:
        level, below = boundary_of_small_block(state.blocks, block, n, highest, guess)
    else:
        level, below = match_replaced(state.blocks, kept, block, n, guess, row, column, state.matchings, pack.matching)
    _note(state, boundary, level, below)


@jit(inline=True, allocates=False)
def _touch_stages(pack, state, boundary, left, right):  # type: ignore[no-untyped-def]
    """Work a boundary out anew between two stages that have not met there before."""
    side = state.blocks.shape[1]
    if not side:
        _note_groups(pack, state, boundary, left, right)
        return
    spare = len(state.boundary_class) + state.n_touched[0]
    block = state.block_at[spare]
    state.turned[spare] = False
    gather(pack.rank, state.members[left], state.members[right], state.blocks, block)
    n, highest, guess = pack.group_size, len(pack.class_s) - 1, state.boundary_class[boundary]
    if side == SIDE:
        level, below = boundary_of_small_block(state.blocks, block, n, highest, guess)
    else:
        level, below = match_anew(state.blocks, block, n, guess, state.matchings, pack.matching)
    _note(state, boundary, level, below)


@jit(inline=True, allocates=False)
def _note_groups(pack, state, boundary, left, right):  # type: ignore[no-untyped-def]
    """Note the class of a boundary between stages that no block holds."""
    level, below = boundary_of_groups(pack.rank, state.members[left], state.members[right], pack.matching)
    _note(state, boundary, level, below)


@jit(inline=True, allocates=False)
def _note(state, boundary, level, below):  # type: ignore[no-untyped-def]
    """Note the class of a boundary, and what can be matched below it, as part of the proposal."""
    i = state.n_touched[0]
    state.touched[i] = boundary
    state.touched_class[i] = level
    state.touched_below[i] = below
    state.n_touched[0] = i + 1


@jit(inline=True, allocates=False)
def _settle(state, i):  # type: ignore[no-untyped-def]
    """Make the i-th boundary of the proposal part of the state; the block it had becomes a spare one."""
    boundary, spare = state.touched[i], len(state.boundary_class) + i
    state.boundary_class[boundary] = state.touched_class[i]
    state.boundary_below[boundary] = state.touched_below[i]
    state.turned[boundary] = state.turned[spare]
    state.block_at[boundary], state.block_at[spare] = state.block_at[spare], state.block_at[boundary]


@jit(inline=True, allocates=False)
def _sum_up(pack, state):  # type: ignore[no-untyped-def]
    """Total of the proposal, summed anew from all stages and boundaries, so that nothing drifts."""
    first, last = state.move[1], state.move[2]
    _exchange_classes(state)
    data_parallel_s = 0.0
    for stage in range(len(state.stage_s)):
        data_parallel_s = max(data_parallel_s, state.stage_s[stage])
    head, tail = 0.0, 0.0
    middle, mirrored = len(state.stage_s) // 2, state.move[0] == _REVERSAL
    for b in range(middle):
        turned = mirrored and first <= b < last
        head += pack.class_s[state.boundary_class[first + last - 1 - b if turned else b]]
    for b in range(len(state.stage_s) - 2, middle - 1, -1):
        turned = mirrored and first <= b < last
        tail += pack.class_s[state.boundary_class[first + last - 1 - b if turned else b]]
    _exchange_classes(state)
    state.proposed_s[0], state.proposed_s[1] = data_parallel_s, head + tail
    return data_parallel_s + (head + tail)


@jit(inline=True, allocates=False)
def _exchange_classes(state):  # type: ignore[no-untyped-def]
    """Let the proposal's classes of boundaries and the state's change places, for a moment."""
    for i in range(state.n_touched[0]):
        b = state.touched[i]
        state.boundary_class[b], state.touched_class[i] = state.touched_class[i], state.boundary_class[b]


@jit(inline=True, allocates=False)
def _exchange(state, a, b):  # type: ignore[no-untyped-def]
    """Let two devices change stages and slots."""
    p, q, i, j = state.stage_of[a], state.stage_of[b], state.slot_of[a], state.slot_of[b]
    if p < len(state.members):
        state.members[p, i] = b
    if q < len(state.members):
        state.members[q, j] = a
    state.stage_of[a], state.stage_of[b] = q, p
    state.slot_of[a], state.slot_of[b] = j, i


@jit(allocates=False)
def _reverse(state, first, last):  # type: ignore[no-untyped-def]
    """Turn the stages first..last round; the boundaries inside keep their blocks, with left and right exchanged."""
    i, j = first, last
    while i < j:
        for slot in range(state.members.shape[1]):
            state.members[i, slot], state.members[j, slot] = state.members[j, slot], state.members[i, slot]
        state.stage_s[i], state.stage_s[j] = state.stage_s[j], state.stage_s[i]
        state.pair_at[i], state.pair_at[j] = state.pair_at[j], state.pair_at[i]
        i, j = i + 1, j - 1
    i, j = first, last - 1
    while i < j:
        state.boundary_class[i], state.boundary_class[j] = state.boundary_class[j], state.boundary_class[i]
        state.boundary_below[i], state.boundary_below[j] = state.boundary_below[j], state.boundary_below[i]
        state.block_at[i], state.block_at[j] = state.block_at[j], state.block_at[i]
        state.turned[i], state.turned[j] = state.turned[j], state.turned[i]
        i, j = i + 1, j - 1
    for boundary in range(first, last):
        state.turned[boundary] = not state.turned[boundary]
    for stage in range(first, last + 1):
        for device in state.members[stage]:
            state.stage_of[device] = stage
