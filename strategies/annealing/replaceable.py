"""Which devices of a boundary are replaceable: what bounds a boundary's cost once one of its devices is replaced.

Below its class, a boundary has no perfect matching. A device is *replaceable* if some largest matching below the class
leaves it single; those are the ones that alternating paths reach from the devices that one such matching leaves single
(Dulmage and Mendelsohn, "Coverings of bipartite graphs", Canadian Journal of Mathematics 10, 1958). Another device in
its place may add a row to the matching; in any other place it adds none, so the class cannot fall.
"""

from __future__ import annotations

import numpy as np

from tasklet_bench.problems.allocation.kernels.llvm import bit_rows, blocks_8x8
from tasklet_bench.problems.allocation.kernels.matching.kept import BELOW, COLUMNS, ROWS
from tasklet_bench.problems.compiled import jit

LARGEST_SIDE = 62
"""Devices of a stage up to which this is found out; in larger stages all devices count as replaceable."""
_ONE, _ALL = np.uint64(1), ~np.uint64(0)


@jit(allocates=False)
def find_replaceable(state, boundary, level):  # type: ignore[no-untyped-def]
    """The slots of the stage on the left, and of that on the right, whose devices can be spared, as bits.

    The boundary has class `level` > 0.
    """
    block, d = state.block_at[boundary], state.members.shape[1]
    if d > LARGEST_SIDE:
        return _ALL, _ALL
    if state.blocks.shape[1] == blocks_8x8.SIDE:
        pairs = blocks_8x8.pairs_within(state.blocks, block, level - 1)
        rows, columns = blocks_8x8.shortest_rows(pairs), blocks_8x8.shortest_rows(_transposed(pairs))
    else:
        rows, columns = _reached_rows(state.matchings, block), _reached_columns(state.matchings, block, d)
    return (columns, rows) if state.turned[boundary] else (rows, columns)


@jit(allocates=False)
def _reached_rows(kept, block):  # type: ignore[no-untyped-def]
    """The rows that alternating paths reach from the single ones, with these."""
    bits, owner = kept.bits[block, BELOW], kept.mate[block, BELOW, COLUMNS]
    rows = alone = kept.single[block, BELOW, ROWS]
    waiting = np.uint64(0)
    while alone:
        waiting |= bits[bit_rows.lowest_bit(alone)]
        alone &= alone - _ONE
    reached = waiting
    while waiting:
        row = owner[bit_rows.lowest_bit(waiting)]
        waiting &= waiting - _ONE
        rows |= _ONE << np.uint64(row)
        new = bits[row] & ~reached
        reached |= new
        waiting |= new
    return rows


@jit(allocates=False)
def _reached_columns(kept, block, n):  # type: ignore[no-untyped-def]
    """The columns that alternating paths reach from the single ones, with these."""
    bits, partner = kept.bits[block, BELOW], kept.mate[block, BELOW, ROWS]
    reached = kept.single[block, BELOW, COLUMNS]
    before = np.uint64(0)
    while reached != before:
        before = reached
        for row in range(n):
            reached |= np.uint64(bits[row] & reached != 0) << np.uint64(partner[row] & 63)
    return reached


@jit(inline=True, allocates=False)
def _transposed(pairs):  # type: ignore[no-untyped-def]
    """Pairs of 8 rows and 8 columns with rows and columns exchanged."""
    other = (pairs ^ pairs >> np.uint64(7)) & np.uint64(0x00AA00AA00AA00AA)
    pairs ^= other ^ other << np.uint64(7)
    other = (pairs ^ pairs >> np.uint64(14)) & np.uint64(0x0000CCCC0000CCCC)
    pairs ^= other ^ other << np.uint64(14)
    other = (pairs ^ pairs >> np.uint64(28)) & np.uint64(0x00000000F0F0F0F0)
    return pairs ^ other ^ other << np.uint64(28)
