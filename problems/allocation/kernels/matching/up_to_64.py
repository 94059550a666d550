"""Bottleneck matchings between groups of 9 to 64 devices: augmenting paths over rows of bits.

A row's columns within the threshold are one 64-bit word. A row that cannot be matched leaves behind the rows and
columns that it reached, and the threshold rises to the cheapest pair that leads out of them: no perfect matching can do
without such a pair.
"""

from __future__ import annotations

import numpy as np

from tasklet_bench.problems.allocation.kernels.llvm import bit_rows
from tasklet_bench.problems.compiled import jit

_PARTNER, _OWNER, _VIA, _STACK = range(4)
_ONE = np.uint64(1)


@jit(allocates=False)
def bit_class(blocks, block, n, bits, matching):  # type: ignore[no-untyped-def]
    """The smallest class at which the first n rows and columns of a block hold a perfect matching.

    `bits` uint64 `(n,)` and `matching` int64 `(5, n)` are scratch; `matching[0]` is the column of each row afterwards.
    """
    return raised_bit_class(blocks, block, n, _lower_bound(blocks, block, n), bits, matching)


@jit(allocates=False)
def raised_bit_class(blocks, block, n, threshold, bits, matching):  # type: ignore[no-untyped-def]
    """The smallest class from `threshold` on at which the first n rows and columns hold a perfect matching."""
    owner = matching[_OWNER]
    for i in range(n):
        owner[i] = -1
    _set_bits(blocks, block, n, threshold, bits)
    free = _first_bits(n)
    for row in range(n):
        while True:
            column, reached = _augment(row, bits, free, matching)
            if column >= 0:
                free &= ~(_ONE << np.uint64(column))
                break
            threshold = _way_out(blocks, block, n, row, reached, owner)
            _set_bits(blocks, block, n, threshold, bits)
    return threshold


@jit(allocates=False)
def bit_matchable_below(blocks, block, n, threshold, bits, matching):  # type: ignore[no-untyped-def]
    """How many rows can be matched below the class that was just found, starting from the matching found with it."""
    if threshold == 0:
        return np.int64(0)
    owner = matching[_OWNER]
    _set_bits(blocks, block, n, threshold - 1, bits)
    free, alone = np.uint64(0), _first_bits(n)
    for column in range(n):
        row = owner[column]
        if bits[row] >> np.uint64(column) & _ONE:
            alone &= ~(_ONE << np.uint64(row))
        else:
            free |= _ONE << np.uint64(column)
    matched = np.int64(n)
    while alone:
        row = bit_rows.lowest_bit(alone)
        alone &= alone - _ONE
        column, _ = _augment(row, bits, free, matching)
        if column >= 0:
            free &= ~(_ONE << np.uint64(column))
        else:
            matched -= 1
    return matched


@jit(allocates=False)
def _augment(root, bits, free, matching):  # type: ignore[no-untyped-def]
    """Match one more row along an alternating path; returns the column that was free, or -1 and the columns reached."""
    partner, owner, via, stack = matching[_PARTNER], matching[_OWNER], matching[_VIA], matching[_STACK]
    stack[0] = root
    height = 1
    reached = np.uint64(0)
    while height:
        height -= 1
        row = stack[height]
        new = bits[row] & ~reached
        if new & free:
            end = bit_rows.lowest_bit(new & free)
            via[end] = row
            column = end
            while row != root:
                owner[column], partner[row], column = row, column, partner[row]
                row = via[column]
            owner[column], partner[row] = row, column
            return end, reached
        reached |= new
        while new:
            column = bit_rows.lowest_bit(new)
            new &= new - _ONE
            via[column] = row
            stack[height] = owner[column]
            height += 1
    return np.int64(-1), reached


@jit(allocates=False)
def _way_out(blocks, block, n, root, reached, owner):  # type: ignore[no-untyped-def]
    """The smallest class of a pair from the rows that `root` reached to a column that it did not."""
    beyond = _first_bits(n) & ~reached
    cheapest = _cheapest_in_row(blocks, block, root, beyond)
    while reached:
        column = bit_rows.lowest_bit(reached)
        reached &= reached - _ONE
        cheapest = min(cheapest, _cheapest_in_row(blocks, block, owner[column], beyond))
    return cheapest


@jit(allocates=False)
def _first_bits(n):  # type: ignore[no-untyped-def]
    return ~np.uint64(0) >> np.uint64(64 - n)


@jit(allocates=False)
def _set_bits(blocks, block, n, threshold, bits):  # type: ignore[no-untyped-def]
    """Write the columns of each row within the threshold."""
    columns = _first_bits(n)
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
def _lower_bound(blocks, block, n):  # type: ignore[no-untyped-def]
    if blocks.shape[1] == 16:
        return bit_rows.lower_bound_16(blocks, block, n)
    if blocks.shape[1] == 32:
        return bit_rows.lower_bound_32(blocks, block, n)
    return bit_rows.lower_bound_64(blocks, block, n)


@jit(allocates=False)
def _cheapest_in_row(blocks, block, row, columns):  # type: ignore[no-untyped-def]
    if blocks.shape[1] == 16:
        return bit_rows.cheapest_in_row_16(blocks, block, row, columns)
    if blocks.shape[1] == 32:
        return bit_rows.cheapest_in_row_32(blocks, block, row, columns)
    return bit_rows.cheapest_in_row_64(blocks, block, row, columns)
