"""The best wiring between two groups, by the method that suits their size."""

from __future__ import annotations

import numpy as np

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
def measure_group(pack, a):  # type: ignore[no-untyped-def]
    """Write the seconds between group a and each group before it to the path's lengths."""
    length_s = pack.path.length_s
    if pack.group_size > SIDE:
        for b in range(a):
            found = bottleneck(pack.rank, pack.members[a], pack.members[b], pack.matching)
            length_s[a, b] = length_s[b, a] = pack.class_s[found]
        return
    for b in range(a):
        gather(pack.rank, pack.members[a], pack.members[b], pack.blocks, b)
    for b in range(a):
        found = block_class(pack.blocks, b, len(pack.class_s) - 1)
        length_s[a, b] = length_s[b, a] = pack.class_s[found]
