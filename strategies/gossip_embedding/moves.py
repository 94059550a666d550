"""Small changes of an order, compiled: each writes which ranks get which devices."""

from __future__ import annotations

from tasklet_bench.problems.compiled import jit

ANY_SWAP, NEAR_SWAP, TURNED, MOVED = 0.3, 0.6, 0.75, 0.9
"""Up to which share of moves two devices change places, a near one comes beside another, a segment is turned round, a
short one is moved along; beyond, aligned blocks change places."""
LONGEST_MOVED = 3
"""Longest segment that is moved along the others (Or-opt)."""


@jit
def draw_move(system, layout, order, place, exchange_s, rng, ranks, devices):  # type: ignore[no-untyped-def]
    """Draw a change: the first `count` of `ranks` get those of `devices`; returns count, 0 for no change.

    `place` `(N,)` is the rank of each device; `ranks` and `devices` have room for N.
    """
    n = len(order)
    kind = rng.random()
    if kind < NEAR_SWAP:
        first = int(rng.random() * n)
        if kind < ANY_SWAP:
            second = int(rng.random() * n)
        else:
            first = _slower(layout, exchange_s, first, int(rng.random() * n))
            second = _beside_partner(system, layout, order, place, rng, first)
        ranks[0], devices[0] = first, order[second]
        ranks[1], devices[1] = second, order[first]
        return 2 if first != second else 0
    if kind >= MOVED and layout.n_scales > 0:
        return _exchange_blocks(layout, order, rng, ranks, devices)
    return _change_segment(layout, order, rng, kind < TURNED, ranks, devices)


@jit
def _slower(layout, exchange_s, first, second):  # type: ignore[no-untyped-def]
    """The one of two ranks whose exchanges in a period take longer."""
    more_s = 0.0
    for r in range(len(layout.group_of)):
        more_s += exchange_s[r, layout.group_of[r, first]] - exchange_s[r, layout.group_of[r, second]]
    return first if more_s >= 0.0 else second


@jit
def _beside_partner(system, layout, order, place, rng, rank):  # type: ignore[no-untyped-def]
    """The rank of a device that is near to one of those next to which `rank` stands in a group."""
    r = int(rng.random() * len(layout.group_of))
    group = layout.group_of[r, rank]
    begin = system.ends[r, group - 1] if group > 0 else 0
    size = system.ends[r, group] - begin
    if size < 2:
        return rank
    step = 1 if rng.random() < 0.5 else size - 1
    partner = system.members[r, begin + (layout.place_of[r, rank] - begin + step) % size]
    beside = place[layout.near[order[partner], int(rng.random() * layout.near.shape[1])]]
    return rank if beside == partner else beside


@jit
def _change_segment(layout, order, rng, turned, ranks, devices):  # type: ignore[no-untyped-def]
    """Turn a segment of a closed order round (2-opt), or move its head or tail to its other end (Or-opt)."""
    n = len(order)
    length = min(n, 2 + int(rng.random() * (layout.longest - 1)))
    begin = int(rng.random() * n)
    shift = 1 + int(rng.random() * min(LONGEST_MOVED, length - 1))
    if rng.random() < 0.5:
        shift = length - shift
    for i in range(length):
        taken = length - 1 - i if turned else (i + shift) % length
        ranks[i] = (begin + i) % n
        devices[i] = order[(begin + taken) % n]
    return length


@jit
def _exchange_blocks(layout, order, rng, ranks, devices):  # type: ignore[no-untyped-def]
    """Let two aligned blocks of ranks, such as faces of a cube, change places, mirrored in a drawn way."""
    size = 2 << int(rng.random() * layout.n_scales)
    n_blocks = len(order) // size
    first, second = int(rng.random() * n_blocks), int(rng.random() * n_blocks)
    if first == second:
        return 0
    mirror = int(rng.random() * size)
    for i in range(size):
        ranks[2 * i], devices[2 * i] = first * size + i, order[second * size + (i ^ mirror)]
        ranks[2 * i + 1], devices[2 * i + 1] = second * size + i, order[first * size + (i ^ mirror)]
    return 2 * size
