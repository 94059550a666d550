"""The plain twin of each intrinsic of this room: the same results, to the last bit, in words that numba has.

`TASKLET_BENCH_PLAIN_KERNELS=1` puts them in the intrinsics' place. Blocks have shape `(B, side, side)`.
"""

from __future__ import annotations

import numpy as np

from tasklet_bench.problems.compiled import jit

SIDE = 8
LARGEST_HALF = 6


@jit(allocates=False)
def lower_bound(blocks, block):  # type: ignore[no-untyped-def]
    """Lower bound on the bottleneck of a block: the largest of all row and column minima."""
    return lower_bound_of_side(blocks, block, blocks.shape[1])


@jit(allocates=False)
def lower_bound_of_side(blocks, block, n):  # type: ignore[no-untyped-def]
    """The same from the first n rows and columns of a block of any side."""
    side, highest = blocks.shape[1], np.int64(0)
    for i in range(n):
        in_row = np.int64(blocks[block, i, 0])
        for j in range(1, side):
            in_row = min(in_row, np.int64(blocks[block, i, j]))
        in_column = np.int64(blocks[block, 0, i])
        for j in range(1, n):
            in_column = min(in_column, np.int64(blocks[block, j, i]))
        highest = max(highest, in_row, in_column)
    return highest


@jit(allocates=False)
def pairs_within(blocks, block, threshold):  # type: ignore[no-untyped-def]
    """The pairs of a block whose level is at most `threshold`, pair (i, j) at bit 8i + j."""
    word = np.uint64(0)
    for i in range(SIDE):
        word |= row_within(blocks, block, i, threshold) << np.uint64(SIDE * i)
    return word


@jit(allocates=False)
def row_within(blocks, block, row, threshold):  # type: ignore[no-untyped-def]
    """The columns of one row of a block whose level is at most `threshold`, as bits."""
    word = np.uint64(0)
    for j in range(blocks.shape[1]):
        if np.int64(blocks[block, row, j]) <= threshold:
            word |= np.uint64(1) << np.uint64(j)
    return word


@jit(allocates=False)
def cheapest(blocks, block, pairs):  # type: ignore[no-untyped-def]
    """The smallest level of a block among `pairs`; the highest that its type holds where there is none."""
    smallest = np.int64((1 << (8 * blocks.itemsize)) - 1)
    for i in range(SIDE):
        columns = (pairs >> np.uint64(SIDE * i)) & np.uint64(255)
        smallest = min(smallest, cheapest_in_row(blocks, block, i, columns))
    return smallest


@jit(allocates=False)
def cheapest_in_row(blocks, block, row, columns):  # type: ignore[no-untyped-def]
    """The smallest level in one row of a block among some columns, given as bits."""
    smallest = np.int64((1 << (8 * blocks.itemsize)) - 1)
    for j in range(blocks.shape[1]):
        if (columns >> np.uint64(j)) & np.uint64(1) != np.uint64(0):
            smallest = min(smallest, np.int64(blocks[block, row, j]))
    return smallest


@jit(allocates=False)
def cheapest_in_rows(blocks, block, rows, columns):  # type: ignore[no-untyped-def]
    """The smallest level in some rows of a block among some columns, both given as bits."""
    smallest = np.int64((1 << (8 * blocks.itemsize)) - 1)
    for i in range(blocks.shape[1]):
        if (rows >> np.uint64(i)) & np.uint64(1) != np.uint64(0):
            smallest = min(smallest, cheapest_in_row(blocks, block, i, columns))
    return smallest


@jit(allocates=False)
def copy_block(blocks, source, target):  # type: ignore[no-untyped-def]
    """Write `blocks[source]` to `blocks[target]`."""
    for i in range(blocks.shape[1]):
        for j in range(blocks.shape[2]):
            blocks[target, i, j] = blocks[source, i, j]


@jit(allocates=False)
def replace_device(blocks, source, target, slot, as_row, rank, device, members, opposite):  # type: ignore[no-untyped-def]
    """Write block `source` to `target`, with `device` in one slot of its rows or of its columns."""
    for i in range(SIDE):
        for j in range(SIDE):
            blocks[target, i, j] = blocks[source, i, j]
    for lane in range(SIDE):
        level = rank[device, members[opposite, lane]]
        if as_row:
            blocks[target, slot, lane] = level
        else:
            blocks[target, lane, slot] = level


@jit(allocates=False)
def hall_violator(pairs):  # type: ignore[no-untyped-def]
    """The lowest-numbered set of rows with fewer columns within reach than rows, or 0 where there is none."""
    for rows in range(1, 1 << SIDE):
        if _shortage(pairs, rows) > 0:
            return rows
    return 0


@jit(allocates=False)
def deficiency(pairs):  # type: ignore[no-untyped-def]
    """How many of 8 rows stay alone in a largest matching over `pairs`."""
    worst = 0
    for rows in range(1, 1 << SIDE):
        worst = max(worst, _shortage(pairs, rows))
    return worst


@jit(allocates=False)
def shortest_rows(pairs):  # type: ignore[no-untyped-def]
    """The lowest-numbered of the sets of rows that lack the most columns."""
    worst, result = 0, np.uint64(0)
    for rows in range(1, 1 << SIDE):
        short = _shortage(pairs, rows)
        if short > worst:
            worst, result = short, np.uint64(rows)
    return result


@jit(allocates=False)
def _shortage(pairs, rows):  # type: ignore[no-untyped-def]
    """Rows of a set less the columns within its reach."""
    reached, size = np.uint64(0), 0
    for i in range(SIDE):
        if rows >> i & 1:
            size += 1
            reached |= (pairs >> np.uint64(SIDE * i)) & np.uint64(255)
    for j in range(SIDE):
        if (reached >> np.uint64(j)) & np.uint64(1) != np.uint64(0):
            size -= 1
    return size


@jit(allocates=False)
def lowest_bit(word):  # type: ignore[no-untyped-def]
    """The place of the lowest bit that is set; 64 where none is."""
    for place in range(64):
        if (word >> np.uint64(place)) & np.uint64(1) != np.uint64(0):
            return place
    return 64


@jit(allocates=False)
def extend(path_s, length_s, sources, levels):  # type: ignore[no-untyped-def]
    """Fill the rows of `path_s` one after the other: each lane the least `path_s[source] + length_s[source % width]`.

    The sources of a row follow those of the row before.
    """
    width, following = length_s.shape[1], 0
    for size in range(1, LARGEST_HALF + 1):
        for row in range(levels[size], levels[size + 1]):
            for lane in range(width):
                best = np.inf
                for i in range(size):
                    source = sources[following + i]
                    through = path_s[source] + length_s[source % width, lane]
                    if i == 0 or through < best:
                        best = through
                path_s[row * width + lane] = best
            following += size


@jit(allocates=False)
def shortest_meeting(path_s, meet):  # type: ignore[no-untyped-def]
    """The column of `meet` whose two halves are shortest together; of equal ones the first in the lowest lane of 8."""
    shortest_s, place = np.inf, 0
    for lane in range(SIDE):
        for i in range(lane, meet.shape[1], SIDE):
            whole_s = path_s[meet[0, i]] + path_s[meet[1, i]]
            if whole_s < shortest_s:
                shortest_s, place = whole_s, i
    return place


@jit(allocates=False)
def group_of_8_s(dp_s, members, group):  # type: ignore[no-untyped-def]
    """The largest sum of `dp_s` from one of the 8 devices `members[group]` to the others (in seconds)."""
    slowest_s = -np.inf
    for i in range(SIDE):
        total_s = 0.0
        for j in range(SIDE):
            if i != j:
                total_s += dp_s[members[group, min(i, j)], members[group, max(i, j)]]
        slowest_s = max(slowest_s, total_s)
    return slowest_s


@jit(allocates=False)
def slowest_other_s(pair_s, group, slot, new_s, which):  # type: ignore[no-untyped-def]
    """The largest column sum of `pair_s[group]`, `(D, W)`, with row `slot` replaced and column `slot` left out."""
    slowest_s = 0.0
    for column in range(pair_s.shape[1]):
        total_s = 0.0
        for row in range(pair_s.shape[1]):
            total_s += new_s[which, column] if row == slot else pair_s[group, row, column]
        if column != slot:
            slowest_s = max(slowest_s, total_s)
    return slowest_s


@jit(allocates=False)
def available(rank):  # type: ignore[no-untyped-def]  # noqa: ARG001 - as the intrinsic
    """Never: blocks are gathered one by one."""
    return False


@jit(allocates=False)
def all_blocks(rank, members, blocks):  # type: ignore[no-untyped-def]
    """Write the levels `(64, 64)` between the groups a ≥ 1 and b of `members` to `blocks[8a + b]`."""
    for a in range(1, SIDE):
        for b in range(SIDE):
            for i in range(SIDE):
                for j in range(SIDE):
                    blocks[SIDE * a + b, i, j] = rank[members[a, i], members[b, j]]


@jit(allocates=False)
def within_ceiling(load_s, near_s, without_s, dp_s, device_at, rows, device, first, terms):  # type: ignore[no-untyped-def]
    """Which swaps of a device with those at 8 neighbouring positions cost no more than a ceiling, as bits."""
    word = np.uint64(0)
    for lane in range(SIDE):
        at = first + lane
        pair_s = dp_s[device, device_at[at]]
        ours_s, theirs_s = load_s[rows[0], at] - pair_s, terms[0] - pair_s
        edges_s = max(near_s[rows[1], at], terms[3]) + max(near_s[rows[2], at], terms[4])
        edges_s = edges_s + max(without_s[rows[3], at], terms[5]) + max(without_s[rows[4], at], terms[6])
        if not max(terms[1], max(ours_s, theirs_s)) + terms[2] * (ours_s + theirs_s) + edges_s > terms[7]:
            word |= np.uint64(1) << np.uint64(lane)
    return word


@jit(allocates=False)
def two_nearest(rank, device_at, device, start, count):  # type: ignore[no-untyped-def]
    """The two cheapest links of a device to those at some positions, each with its slot in 20 low bits, or 2^62."""
    first = second = np.int64(1) << 62
    for slot in range(count):
        mate = device_at[start + slot]
        if mate != device:
            link = np.int64(rank[device, mate]) << 20 | slot
            second = min(second, max(first, link))
            first = min(first, link)
    return first, second


@jit(allocates=False)
def replace_member(near, after, nearest, device_at, rank, changed, group, slot, old, new):  # type: ignore[no-untyped-def]
    """Follow what a group's change of one member does to row `group` of three tables, and note where it changes."""
    for chunk in range(changed.shape[1]):
        wrong = newer = 0
        for lane in range(SIDE):
            at = SIDE * chunk + lane
            link, broken = np.int32(rank[new, device_at[at]]), np.int32(rank[old, device_at[at]])
            first, second = near[group, at], after[group, at]
            wrong |= (broken <= second < link) << lane
            if nearest[group, at] == slot or link < first:
                after[group, at] = second if nearest[group, at] == slot else first
                near[group, at] = link
                nearest[group, at] = slot
                newer |= 1 << lane
            else:
                after[group, at] = min(second, link)
        changed[0, chunk], changed[1, chunk] = wrong, newer
