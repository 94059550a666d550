"""Which devices of a boundary are replaceable: what bounds a boundary's cost once one of its devices is replaced.

Below its class, a boundary has no perfect matching. A device is *replaceable* if some largest matching below the class
leaves it single; those are the ones that alternating paths reach from the devices that one such matching leaves single
(Dulmage and Mendelsohn, "Coverings of bipartite graphs", Canadian Journal of Mathematics 10, 1958). Another device in
its place may add a row to the matching; in any other place it adds none, so the class cannot fall.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tasklet_bench.problems.allocation.kernels.packing import Ints
from tasklet_bench.problems.compiled import jit

LARGEST_SIDE = 62
"""Devices of a stage up to which they are bits of an integer; in larger stages all devices count as replaceable."""


class Sides(NamedTuple):
    """Scratch of one boundary, with its left stage as side 0 and its right one as side 1, both `(2, D)`.

    `open`: the devices of the other side that each can reach below the class, as bits; `mate`: its partner's slot or
    -1. `seen_from` and `queue`, `(D,)`, are those of a search for an alternating path.
    """

    open: Ints
    mate: Ints
    seen_from: Ints
    queue: Ints


def new_sides(group_size: int) -> Sides:
    """Memory for `find_replaceable`."""
    return Sides(
        open=np.zeros((2, group_size), dtype=np.int64),
        mate=np.zeros((2, group_size), dtype=np.int64),
        seen_from=np.zeros(group_size, dtype=np.int64),
        queue=np.zeros(group_size, dtype=np.int64),
    )


@jit(allocates=False)
def find_replaceable(rank, members, boundary, level, sides, replaceable):  # type: ignore[no-untyped-def]
    """Note in `replaceable` `(2, N)`, 1 or 0, which devices at a boundary of class `level` > 0 can be spared.

    `replaceable[0]` is of a device's boundary on the left of its stage, `replaceable[1]` of that on the right.
    """
    d = members.shape[1]
    if d > LARGEST_SIDE:
        for slot in range(d):
            replaceable[1, members[boundary, slot]] = replaceable[0, members[boundary + 1, slot]] = 1
        return
    _look_across(rank, members, boundary, level, sides)
    _match(sides, d)
    for side in range(2):
        reached = _reached(sides, side, d)
        for slot in range(d):
            replaceable[1 - side, members[boundary + side, slot]] = reached >> slot & 1


@jit(allocates=False)
def _look_across(rank, members, boundary, level, sides):  # type: ignore[no-untyped-def]
    d = members.shape[1]
    for side in range(2):
        for slot in range(d):
            device, bits = members[boundary + side, slot], np.int64(0)
            for other in range(d):
                bits |= np.int64(np.int64(rank[device, members[boundary + 1 - side, other]]) < level) << other
            sides.open[side, slot] = bits


@jit(allocates=False)
def _match(sides, d):  # type: ignore[no-untyped-def]
    """A largest matching: greedily, then by augmenting paths, breadth first."""
    one, single = np.int64(1), (np.int64(1) << d) - 1
    for row in range(d):
        sides.mate[0, row] = sides.mate[1, row] = -1
    for row in range(d):
        bits = sides.open[0, row] & single
        if bits:
            column = _lowest(bits)
            single &= ~(one << column)
            sides.mate[0, row], sides.mate[1, column] = column, row
    for row in range(d):
        if sides.mate[0, row] < 0:
            _augment(sides, row)


@jit(allocates=False)
def _augment(sides, row):  # type: ignore[no-untyped-def]
    """Match a row that is single, if an alternating path leads from it to a single column."""
    one, seen, head, tail = np.int64(1), np.int64(0), 0, 1
    sides.queue[0] = row
    while head < tail:
        row, head = sides.queue[head], head + 1
        bits = sides.open[0, row] & ~seen
        seen |= bits
        while bits:
            column = _lowest(bits)
            bits &= ~(one << column)
            sides.seen_from[column] = row
            if sides.mate[1, column] >= 0:
                sides.queue[tail], tail = sides.mate[1, column], tail + 1
                continue
            while column >= 0:
                row = sides.seen_from[column]
                sides.mate[1, column] = row
                sides.mate[0, row], column = column, sides.mate[0, row]
            return


@jit(allocates=False)
def _reached(sides, side, d):  # type: ignore[no-untyped-def]
    """The slots of a side that alternating paths reach from its single ones, as bits, with these."""
    one, seen, reached, head, tail = np.int64(1), np.int64(0), np.int64(0), 0, 0
    for slot in range(d):
        if sides.mate[side, slot] < 0:
            reached |= one << slot
            sides.queue[tail], tail = slot, tail + 1
    while head < tail:
        bits, head = sides.open[side, sides.queue[head]] & ~seen, head + 1
        seen |= bits
        while bits:
            other = _lowest(bits)
            bits &= ~(one << other)
            slot = sides.mate[1 - side, other]
            if not reached >> slot & 1:
                reached |= one << slot
                sides.queue[tail], tail = slot, tail + 1
    return reached


@jit(inline=True, allocates=False)
def _lowest(bits):  # type: ignore[no-untyped-def]
    """Place of the lowest bit that is set."""
    place = 0
    while not bits >> place & 1:
        place += 1
    return place
