"""Bottleneck matchings between groups of 9 to 64 devices: augmenting paths over rows of bits.

A row's columns within the threshold are one 64-bit word. A row that cannot be matched leaves behind the rows and
columns that it reached, and the threshold rises to the cheapest pair that leads out of them: no perfect matching can do
without such a pair.
"""

from __future__ import annotations

import numpy as np

from tasklet_bench.problems.allocation.kernels.llvm import bit_rows
from tasklet_bench.problems.compiled import jit

PARTNER, OWNER, VISITED = range(3)
_ONE = np.uint64(1)


@jit(allocates=False)
def bit_class(blocks, block, n, bits, matching):  # type: ignore[no-untyped-def]
    """The smallest class at which the first n rows and columns of a block hold a perfect matching.

    `bits` uint64 `(n,)` and `matching` int64 `(5, n)` are scratch; `matching[0]` is the column of each row afterwards.
    """
    return raised_bit_class(blocks, block, n, lower_bound(blocks, block, n), bits, matching)


@jit(allocates=False)
def raised_bit_class(blocks, block, n, threshold, bits, matching):  # type: ignore[no-untyped-def]
    """The smallest class from `threshold` on at which the first n rows and columns hold a perfect matching."""
    partner, owner = matching[PARTNER], matching[OWNER]
    for i in range(n):
        owner[i] = -1
    set_bits(blocks, block, n, threshold, bits)
    return match_all(blocks, block, n, threshold, first_bits(n), first_bits(n), bits, partner, owner, matching[VISITED])


@jit(allocates=False)
def match_all(blocks, block, n, threshold, alone, free, bits, partner, owner, visited):  # type: ignore[no-untyped-def]
    """Match the single rows, at a threshold that rises as far as it must, and the bits with it; returns the threshold.

    A search that ends is taken up where it stands, once the threshold is that of the cheapest pair that leads on.
    """
    while alone:
        visited[0] = bit_rows.lowest_bit(alone)
        count, reached = 1, np.uint64(0)
        while True:
            column, reached, count = augment(visited, count, bits, free, reached, partner, owner)
            if column >= 0:
                break
            threshold = _way_out(blocks, block, visited, count, first_bits(n) & ~reached)
            set_bits(blocks, block, n, threshold, bits)
        free &= ~(_ONE << np.uint64(column))
        alone &= alone - _ONE
    return threshold


@jit(allocates=False)
def augment(visited, count, bits, free, reached, partner, owner):  # type: ignore[no-untyped-def]
    """Match one more row along an alternating path; `visited[:count]` are the rows of a search begun, `reached` apart.

    Returns the column that was free, or -1, the columns reached, and how many rows are visited now. Rows are visited in
    any order; who first reached a column is looked for along the path alone, as most searches need it little or never.
    """
    waiting = np.uint64(0)
    for i in range(count):
        waiting |= bits[visited[i]]
    waiting &= ~reached
    reached |= waiting
    ends = waiting & free
    while not ends:
        if not waiting:
            return np.int64(-1), reached, count
        row = owner[bit_rows.lowest_bit(waiting)]
        waiting &= waiting - _ONE
        visited[count] = row
        count += 1
        new = bits[row] & ~reached
        reached |= new
        waiting |= new
        ends = new & free
    end = bit_rows.lowest_bit(ends)
    column = end
    while True:
        place = 0
        while not bits[visited[place]] >> np.uint64(column) & _ONE:
            place += 1
        row = visited[place]
        before, owner[column], partner[row] = partner[row], row, column
        if place == 0:
            return end, reached, count
        column = before


@jit(allocates=False)
def _way_out(blocks, block, visited, count, columns):  # type: ignore[no-untyped-def]
    """The smallest class of a pair from the rows visited to some columns, given as bits."""
    rows = np.uint64(0)
    for i in range(count):
        rows |= _ONE << np.uint64(visited[i])
    if blocks.shape[1] == 16:
        return bit_rows.cheapest_16(blocks, block, rows, columns)
    if blocks.shape[1] == 32:
        return bit_rows.cheapest_32(blocks, block, rows, columns)
    return bit_rows.cheapest_64(blocks, block, rows, columns)


@jit(allocates=False)
def first_bits(n):  # type: ignore[no-untyped-def]
    """A word whose first n bits are set."""
    return ~np.uint64(0) >> np.uint64(64 - n)


@jit(allocates=False)
def set_bits(blocks, block, n, threshold, bits):  # type: ignore[no-untyped-def]
    """Write the columns of each row within the threshold."""
    columns = first_bits(n)
    if blocks.shape[1] == 16:
        for row in range(n):
            bits[row] = bit_rows.row_within_16(blocks, block, row, threshold) & columns
    elif blocks.shape[1] == 32:
        for row in range(n):
            bits[row] = bit_rows.row_within_32(blocks, block, row, threshold) & columns
    else:
        for row in range(n):
            bits[row] = bit_rows.row_within_64(blocks, block, row, threshold) & columns


@jit(allocates=False)
def row_bits(blocks, block, n, row, threshold):  # type: ignore[no-untyped-def]
    """The columns of one row within the threshold."""
    if blocks.shape[1] == 16:
        return bit_rows.row_within_16(blocks, block, row, threshold) & first_bits(n)
    if blocks.shape[1] == 32:
        return bit_rows.row_within_32(blocks, block, row, threshold) & first_bits(n)
    return bit_rows.row_within_64(blocks, block, row, threshold) & first_bits(n)


@jit(allocates=False)
def lower_bound(blocks, block, n):  # type: ignore[no-untyped-def]
    """No matching is better than the costliest of the cheapest pairs of all rows and columns."""
    if blocks.shape[1] == 16:
        return bit_rows.lower_bound_16(blocks, block, n)
    if blocks.shape[1] == 32:
        return bit_rows.lower_bound_32(blocks, block, n)
    return bit_rows.lower_bound_64(blocks, block, n)
