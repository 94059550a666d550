"""The best wiring between two groups, by the method that suits their size."""

from __future__ import annotations

import numpy as np

from problems.allocation.kernels import permutation
from problems.allocation.kernels.blocks import SIDE, block_class, block_matchable, gather
from problems.allocation.kernels.matching import bottleneck, matchable
from problems.compiled import jit


@jit
def boundary(pack, left, right):  # type: ignore[no-untyped-def]
    """Class of the boundary between two groups, `(D,)`, and how many rows can be matched one class below it."""
    if pack.group_size > SIDE:
        found = bottleneck(pack.rank, left, right, pack.matching)
        return found, matchable(pack.rank, left, right, found - 1, pack.matching)
    gather(pack.rank, left, right, pack.blocks, 0)
    found = block_class(pack.blocks, 0, len(pack.class_s) - 1)
    return found, max(block_matchable(pack.blocks, 0, found - 1) - (SIDE - pack.group_size), np.int64(0))


@jit
def measure(pack):  # type: ignore[no-untyped-def]
    """Write the seconds between all groups of `pack.members` to the path's lengths."""
    if pack.group_size > SIDE:
        for a in range(1, pack.n_groups):
            for b in range(a):
                found = bottleneck(pack.rank, pack.members[a], pack.members[b], pack.matching)
                pack.path.length_s[a, b] = pack.path.length_s[b, a] = pack.class_s[found]
    else:
        _measure_small(pack)


@jit
def _measure_small(pack):  # type: ignore[no-untyped-def]
    blocks, length_s, class_s = pack.blocks, pack.path.length_s, pack.class_s
    highest = len(class_s) - 1
    at_once = permutation.available(pack.rank) and pack.group_size == SIDE and pack.n_groups == SIDE
    if at_once:
        permutation.all_blocks(pack.rank, pack.members, blocks)
    for a in range(1, pack.n_groups):
        first = SIDE * a if at_once else 0
        if not at_once:
            for b in range(a):
                gather(pack.rank, pack.members[a], pack.members[b], blocks, b)
        for b in range(a):
            length_s[a, b] = length_s[b, a] = class_s[block_class(blocks, first + b, highest)]
