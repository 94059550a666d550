"""Bottleneck matchings of 9 to 64 devices a side that are kept, so that another device in one place is a small repair.

Beside each block stand its columns within reach of each row, as bits, and a largest matching, both at the block's level
and one below. Where a row or a column is replaced, the matchings lose a pair each, and an augmenting path mends them;
only where that ends above the level does the threshold rise again, and only where all rows are matched below it does a
search begin anew. Levels and sizes are those of a search from nothing, since there is one right answer.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.allocation.kernels.llvm import bit_rows
from tasklet_bench.problems.allocation.kernels.matching.up_to_8 import SIDE
from tasklet_bench.problems.allocation.kernels.matching.up_to_64 import (
    VISITED,
    augment,
    first_bits,
    lower_bound,
    match_all,
    row_bits,
    set_bits,
)
from tasklet_bench.problems.compiled import jit

_ONE = np.uint64(1)
HERE, BELOW = range(2)
ROWS, COLUMNS = range(2)


class Matchings(NamedTuple):
    """What is kept of each block at its level, and one below it; empty for blocks of other sizes.

    `bits`, `(B, 2, D)`: the columns within reach of each row. `mate`, `(B, 2, 2, D)`: the column of each row and the
    row of each column, -1 for none. `single`, `(B, 2, 2)`: the rows and the columns without a mate.
    """

    bits: NDArray[np.uint64]
    mate: NDArray[np.int64]
    single: NDArray[np.uint64]


def new_matchings(count: int, group_size: int, side: int) -> Matchings:
    """Memory for `count` blocks of `side` rows between groups of D = `group_size` devices."""
    d = group_size if side > SIDE else 0
    return Matchings(
        bits=np.zeros((count, 2, d), dtype=np.uint64),
        mate=np.zeros((count, 2, 2, d), dtype=np.int64),
        single=np.zeros((count, 2, 2), dtype=np.uint64),
    )


@jit(allocates=False)
def match_anew(blocks, block, n, guess, kept, matching):  # type: ignore[no-untyped-def]
    """Level of a block, and how many rows can be matched one below; a good `guess` at the level saves work."""
    level, guessed = np.int64(guess), True
    while True:
        for i in range(n):
            kept.mate[block, HERE, ROWS, i] = kept.mate[block, HERE, COLUMNS, i] = -1
        kept.single[block, HERE, ROWS] = kept.single[block, HERE, COLUMNS] = first_bits(n)
        set_bits(blocks, block, n, level, kept.bits[block, HERE])
        raised = _raise(blocks, block, n, level, kept, matching)
        below = _match_below(blocks, block, n, raised, raised == level and guessed, kept, matching)
        if below < n:
            return raised, below
        level, guessed = np.int64(lower_bound(blocks, block, n)), False  # the guess was above the level


@jit(allocates=False)
def match_replaced(blocks, source, target, n, level, row, column, kept, matching):  # type: ignore[no-untyped-def]
    """What `match_anew` returns for block `target`, which is block `source` but for one row, one column or both.

    `level` is that of the source; a row or a column of -1 is none.
    """
    _replace_bits(blocks, source, target, n, level, row, column, kept.bits)
    _take_over(source, target, HERE, n, row, column, kept)
    raised = _raise(blocks, target, n, level, kept, matching)
    if raised > level:
        return raised, _match_below(blocks, target, n, raised, False, kept, matching)
    alone = kept.single[source, BELOW, ROWS]
    if alone & (alone - _ONE):
        _take_over(source, target, BELOW, n, row, column, kept)
    else:
        _drop_level(target, n, kept)  # at most a pair or two: less work than to mend the other matching
    below = _augment_all(n, target, True, kept, matching) if level > 0 else np.int64(0)
    while below == n:
        level = _costliest(blocks, target, n, kept)
        below = _match_below(blocks, target, n, level, True, kept, matching)
        set_bits(blocks, target, n, level, kept.bits[target, HERE])
    return level, below


@jit(allocates=False)
def _costliest(blocks, block, n, kept):  # type: ignore[no-untyped-def]
    """Take the matching below, which is perfect, for the one at the level; returns the costliest class of its pairs."""
    level = np.int64(0)
    for i in range(n):
        column = kept.mate[block, BELOW, ROWS, i]
        level = max(level, np.int64(blocks[block, i, column]))
        kept.mate[block, HERE, ROWS, i] = column
        kept.mate[block, HERE, COLUMNS, column] = i
    return level


@jit(allocates=False)
def _replace_bits(blocks, source, target, n, level, row, column, bits):  # type: ignore[no-untyped-def]
    """Write the bits of the target: those of the source, but for a row and a column."""
    if column >= 0:
        place = np.uint64(column)
        others = ~(_ONE << place)
        for i in range(n):
            link = np.int64(blocks[target, i, column])
            bits[target, HERE, i] = bits[source, HERE, i] & others | np.uint64(link <= level) << place
            bits[target, BELOW, i] = bits[source, BELOW, i] & others | np.uint64(link < level) << place
    else:
        for i in range(n):
            bits[target, HERE, i] = bits[source, HERE, i]
            bits[target, BELOW, i] = bits[source, BELOW, i]
    if row >= 0:
        bits[target, HERE, row] = row_bits(blocks, target, n, row, level)
        bits[target, BELOW, row] = row_bits(blocks, target, n, row, level - 1) if level > 0 else np.uint64(0)


@jit(allocates=False)
def _take_over(source, target, which, n, row, column, kept):  # type: ignore[no-untyped-def]
    """Take over one of a block's matchings, without the pairs that are no longer within reach."""
    for i in range(n):
        kept.mate[target, which, ROWS, i] = kept.mate[source, which, ROWS, i]
        kept.mate[target, which, COLUMNS, i] = kept.mate[source, which, COLUMNS, i]
    kept.single[target, which, ROWS] = kept.single[source, which, ROWS]
    kept.single[target, which, COLUMNS] = kept.single[source, which, COLUMNS]
    if row >= 0:
        _part(target, which, row, kept.mate[target, which, ROWS, row], kept)
    if column >= 0:
        _part(target, which, kept.mate[target, which, COLUMNS, column], column, kept)


@jit(inline=True, allocates=False)
def _part(target, which, row, column, kept):  # type: ignore[no-untyped-def]
    """Part a row and a column if they are no longer within reach."""
    if row >= 0 and column >= 0 and not kept.bits[target, which, row] >> np.uint64(column) & _ONE:
        kept.mate[target, which, ROWS, row] = kept.mate[target, which, COLUMNS, column] = -1
        kept.single[target, which, ROWS] |= _ONE << np.uint64(row)
        kept.single[target, which, COLUMNS] |= _ONE << np.uint64(column)


@jit(allocates=False)
def _raise(blocks, block, n, level, kept, matching):  # type: ignore[no-untyped-def]
    """Match the single rows, at a level that rises as far as it must, which is returned."""
    bits = kept.bits[block, HERE]
    partner, owner = kept.mate[block, HERE, ROWS], kept.mate[block, HERE, COLUMNS]
    alone, free = kept.single[block, HERE, ROWS], kept.single[block, HERE, COLUMNS]
    level = match_all(blocks, block, n, level, alone, free, bits, partner, owner, matching[VISITED])
    kept.single[block, HERE, ROWS] = kept.single[block, HERE, COLUMNS] = np.uint64(0)
    return level


@jit(allocates=False)
def _match_below(blocks, block, n, level, may_be_all, kept, matching):  # type: ignore[no-untyped-def]
    """Make a largest matching one below the level, from the one at the level; returns its size.

    `may_be_all`: whether it may be that all rows are matched.
    """
    bits = kept.bits[block, BELOW]
    if level > 0:
        set_bits(blocks, block, n, level - 1, bits)
    else:
        for i in range(n):
            bits[i] = 0
    _drop_level(block, n, kept)
    return _augment_all(n, block, may_be_all, kept, matching) if level > 0 else np.int64(0)


@jit(allocates=False)
def _drop_level(block, n, kept):  # type: ignore[no-untyped-def]
    """Take the matching at the level for the one below, without the pairs at the level itself."""
    bits, lost = kept.bits[block, BELOW], np.uint64(0)
    rows, columns = kept.mate[block, BELOW, ROWS], kept.mate[block, BELOW, COLUMNS]
    for i in range(n):
        rows[i] = kept.mate[block, HERE, ROWS, i]
    for i in range(n):
        columns[i] = kept.mate[block, HERE, COLUMNS, i]
    for i in range(n):
        lost |= (~bits[i] >> np.uint64(rows[i]) & _ONE) << np.uint64(i)
    alone, free = lost, np.uint64(0)
    while lost:
        row = bit_rows.lowest_bit(lost)
        lost &= lost - _ONE
        column = rows[row]
        free |= _ONE << np.uint64(column)
        rows[row] = columns[column] = -1
    kept.single[block, BELOW, ROWS], kept.single[block, BELOW, COLUMNS] = alone, free


@jit(allocates=False)
def _augment_all(n, block, may_be_all, kept, matching):  # type: ignore[no-untyped-def]
    """Match as many of the single rows as can be, below the level; returns how many rows are matched then.

    What a search that failed has reached leads no later search to a free column. If it is known that not all can be
    matched (`may_be_all` is False), the last single row needs no search.
    """
    bits, partner, owner = kept.bits[block, BELOW], kept.mate[block, BELOW, ROWS], kept.mate[block, BELOW, COLUMNS]
    alone, free = kept.single[block, BELOW, ROWS], kept.single[block, BELOW, COLUMNS]
    visited, matched, dead, left = matching[VISITED], np.int64(n), np.uint64(0), np.uint64(0)
    while alone:
        row = bit_rows.lowest_bit(alone)
        alone &= alone - _ONE
        if not (may_be_all or alone or left):
            left = _ONE << np.uint64(row)
            matched -= 1
            break
        visited[0] = row
        column, reached, _ = augment(visited, 1, bits, free, dead, partner, owner)
        if column >= 0:
            free &= ~(_ONE << np.uint64(column))
        else:
            matched -= 1
            dead = reached
            left |= _ONE << np.uint64(row)
    kept.single[block, BELOW, ROWS], kept.single[block, BELOW, COLUMNS] = left, free
    return matched
