"""Bottleneck matchings between groups of at most 8 devices: Hall's condition over all 256 sets of rows at once.

The ranks between two groups are a block `(8, 8)` of an array of blocks `(B, 8, 8)`. Smaller groups are padded: a padded
row reaches the padded columns alone, at class 0, so the padding is always matched with itself and changes nothing.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.allocation.kernels.llvm import bit_rows, blocks_8x8
from tasklet_bench.problems.allocation.kernels.memory import aligned
from tasklet_bench.problems.compiled import jit

SIDE = blocks_8x8.SIDE
SIDES = (8, 16, 32, 64)
_ONE_PER_BYTE = np.uint64(0x0101010101010101)
_ITS_BIT_PER_BYTE = np.uint64(0x8040201008040201)
"""Byte i has bit i set."""
_UP_TO_BIT_7 = np.uint64(0x00406070787C7E7F)
"""What lifts bit i of byte i to bit 7."""


def empty_blocks(count: int, group_size: int, dtype: Any) -> NDArray[Any]:
    """Room for `count` blocks between groups of D = `group_size` devices, padding included; none above 64 devices."""
    side = next((s for s in SIDES if group_size <= s), 0)
    if not side:
        return np.zeros((1, 0, 0), dtype=dtype)
    blocks = aligned((count, side, side), dtype)
    blocks[...] = np.iinfo(dtype).max
    blocks[:, group_size:, group_size:] = 0
    return blocks


@jit(allocates=False)
def gather(rank, left, right, blocks, block):  # type: ignore[no-untyped-def]
    """Copy the ranks between two groups, uint32 `(D,)`, to a block."""
    if len(left) == SIDE:
        for i in range(SIDE):
            for j in range(SIDE):
                blocks[block, i, j] = rank[left[i], right[j]]
    else:
        for i in range(len(left)):
            for j in range(len(right)):
                blocks[block, i, j] = rank[left[i], right[j]]


@jit(allocates=False)
def replace_device(blocks, source, target, slot, as_row, rank, device, members, opposite):  # type: ignore[no-untyped-def]
    """Copy a block, with `device` and its ranks to `members[opposite]` in one slot of its rows or columns."""
    if members.shape[1] == SIDE:
        blocks_8x8.replace_device(blocks, source, target, slot, as_row, rank, device, members, opposite)
        return
    if source != target:
        bit_rows.copy_block(blocks, source, target)
    for other in range(members.shape[1]):
        link = rank[device, members[opposite, other]]
        if as_row:
            blocks[target, slot, other] = link
        else:
            blocks[target, other, slot] = link


@jit(allocates=False)
def block_class(blocks, block, highest):  # type: ignore[no-untyped-def]
    """The smallest class at which a block holds a perfect matching, if it does at class `highest`."""
    return raised_class(blocks, block, blocks_8x8.lower_bound(blocks, block), highest)


@jit(allocates=False)
def raised_class(blocks, block, threshold, highest):  # type: ignore[no-untyped-def]
    """The smallest class from `threshold` on at which a block holds a perfect matching."""
    while threshold < highest:
        pairs = blocks_8x8.pairs_within(blocks, block, threshold)
        violator = blocks_8x8.hall_violator(pairs)
        if violator == 0:
            break
        if threshold + 1 == highest:
            return highest
        threshold = blocks_8x8.cheapest(blocks, block, _ways_out(pairs, violator))
    return threshold


@jit(allocates=False)
def find_classes(blocks, count, highest, rounds):  # type: ignore[no-untyped-def]
    """Write to `rounds[1]` what `block_class` gives of the `count` blocks `rounds[0]`; `rounds` is scratch, `(4, B)`.

    Round by round, one step of each block at a time: no step waits for the one before, and no branch depends on it.
    """
    active, classes, violators, within = rounds[0], rounds[1], rounds[2], rounds[3]
    left = 0
    for i in range(count):
        block = active[i]
        classes[block] = blocks_8x8.lower_bound(blocks, block)
        active[left] = block
        left += classes[block] < highest
    while left:
        count, left = left, 0
        for i in range(count):
            block = active[i]
            pairs = blocks_8x8.pairs_within(blocks, block, classes[block])
            violator = blocks_8x8.hall_violator(pairs)
            active[left], violators[left], within[left] = block, violator, np.int64(pairs)
            left += violator != 0
        count, left = left, 0
        for i in range(count):
            block = active[i]
            raised = blocks_8x8.cheapest(blocks, block, _ways_out(np.uint64(within[i]), violators[i]))
            classes[block] = raised
            active[left] = block
            left += raised < highest


@jit(allocates=False)
def block_matchable(blocks, block, threshold):  # type: ignore[no-untyped-def]
    """How many of 8 rows, padding included, can be matched at once with pairs of class at most `threshold`."""
    if threshold < 0:
        return np.int64(0)
    return SIDE - blocks_8x8.deficiency(blocks_8x8.pairs_within(blocks, block, threshold))


@jit(inline=True, allocates=False)
def _ways_out(pairs, rows):  # type: ignore[no-untyped-def]
    """The pairs from a set of rows to the columns beyond its reach: one of them any perfect matching must use."""
    flagged = (np.uint64(rows) * _ONE_PER_BYTE) & _ITS_BIT_PER_BYTE
    spread = ((flagged + _UP_TO_BIT_7) >> np.uint64(7) & _ONE_PER_BYTE) * np.uint64(0xFF)
    reached = pairs & spread
    reached |= reached >> np.uint64(32)
    reached |= reached >> np.uint64(16)
    reached |= reached >> np.uint64(8)
    return spread & ~((reached & np.uint64(0xFF)) * _ONE_PER_BYTE)
