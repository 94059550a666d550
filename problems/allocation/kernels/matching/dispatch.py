"""The best wiring between two groups, by the method that suits their size."""

from __future__ import annotations

import numpy as np

from tasklet_bench.problems.allocation.kernels.llvm import avx512_permute
from tasklet_bench.problems.allocation.kernels.matching.any_size import bottleneck, matchable
from tasklet_bench.problems.allocation.kernels.matching.up_to_8 import (
    SIDE,
    block_class,
    block_matchable,
    find_classes,
    gather,
    raised_class,
)
from tasklet_bench.problems.allocation.kernels.matching.up_to_64 import bit_class
from tasklet_bench.problems.compiled import jit


@jit(inline=True, allocates=False)
def measure(pack):  # type: ignore[no-untyped-def]
    """Write the seconds between all groups of `pack.members` to the path's lengths."""
    side, n = pack.blocks.shape[1], pack.group_size
    members, blocks, length_s, class_s = pack.members, pack.blocks, pack.path.length_s, pack.class_s
    if side == SIDE:
        _measure_small(pack.rank, members, blocks, length_s, class_s, pack.rounds)
        return
    for a in range(1, pack.n_groups):
        for b in range(a):
            if side:
                gather(pack.rank, members[a], members[b], blocks, 0)
                level = bit_class(blocks, 0, n, pack.bits, pack.matching)
            else:
                level = bottleneck(pack.rank, members[a], members[b], pack.matching)
            length_s[a, b] = length_s[b, a] = class_s[level]


@jit(allocates=False)
def boundary_of_small_block(blocks, block, n, highest, guess):  # type: ignore[no-untyped-def]
    """Class of the boundary that a block of 8 rows stands for, and how many of its n can be matched one class below.

    A good `guess` at the class saves most of the work: where nothing can be matched below it, the search starts there.
    """
    below = block_matchable(blocks, block, guess - 1)
    level = raised_class(blocks, block, guess, highest) if below < SIDE else block_class(blocks, block, highest)
    if level != guess:
        below = block_matchable(blocks, block, level - 1)
    return level, max(below - (SIDE - n), np.int64(0))


@jit(allocates=False)
def boundary_of_groups(rank, left, right, matching):  # type: ignore[no-untyped-def]
    """The same for two groups of more than 64 devices, `(D,)`, which no block holds."""
    level = bottleneck(rank, left, right, matching)
    return level, matchable(rank, left, right, level - 1, matching)


@jit(inline=True, allocates=False)
def _measure_small(rank, members, blocks, length_s, class_s, rounds):  # type: ignore[no-untyped-def]
    """`measure` for groups of at most 8 devices; all blocks at once where the machine can."""
    k, n = members.shape
    highest, active, classes = len(class_s) - 1, rounds[0], rounds[1]
    if avx512_permute.available(rank) and n == SIDE and k == SIDE:
        avx512_permute.all_blocks(rank, members, blocks)
        count = 0
        for a in range(1, k):
            for b in range(a):
                active[count] = SIDE * a + b
                count += 1
        find_classes(blocks, count, highest, rounds)
        for a in range(1, k):
            for b in range(a):
                length_s[a, b] = length_s[b, a] = class_s[classes[SIDE * a + b]]
        return
    for a in range(1, k):
        for b in range(a):
            gather(rank, members[a], members[b], blocks, b)
            active[b] = b
        find_classes(blocks, a, highest, rounds)
        for b in range(a):
            length_s[a, b] = length_s[b, a] = class_s[classes[b]]
