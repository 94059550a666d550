"""An open path over more groups than can be ordered exactly: an upper bound by a deterministic local search.

The nearest neighbour from several starts, each improved by 2-opt (reverse a segment) and Or-opt (move up to three
groups elsewhere, either way round) until neither helps; the shortest counts.
"""

from __future__ import annotations

import numpy as np

from tasklet_bench.problems.compiled import jit
from tasklet_bench.problems.tolerances import ROUNDED_DOWN

STARTS = 8


@jit
def improved_order(length_s, order):  # type: ignore[no-untyped-def]
    """Write a good order of K groups, lengths `(K, K)` in seconds, to `order`, int64 `(K,)`."""
    k = len(order)
    trial = np.empty(k, dtype=np.int64)
    best = np.inf
    for s in range(min(STARTS, k)):
        _nearest_neighbours(length_s, s * k // min(STARTS, k), trial)
        while _two_opt(length_s, trial) or _or_opt(length_s, trial):
            pass
        total = 0.0
        for j in range(k - 1):
            total += length_s[trial[j], trial[j + 1]]
        if total < best:
            best = total
            for j in range(k):  # a slice would compile the message about shapes that differ, which takes seconds
                order[j] = trial[j]


@jit
def _nearest_neighbours(length_s, first, order):  # type: ignore[no-untyped-def]
    k = len(order)
    for j in range(k):
        order[j] = j
    order[0], order[first] = order[first], order[0]
    for j in range(1, k):
        nearest = j
        for i in range(j + 1, k):
            if length_s[order[j - 1], order[i]] < length_s[order[j - 1], order[nearest]]:
                nearest = i
        order[j], order[nearest] = order[nearest], order[j]


@jit
def _link(length_s, order, i, j):  # type: ignore[no-untyped-def]
    """Length between the groups at two places; 0 if one of them is beyond an open end."""
    if i < 0 or j >= len(order):
        return 0.0
    return length_s[order[i], order[j]]


@jit
def _two_opt(length_s, order):  # type: ignore[no-untyped-def]
    """Reverse segments while that shortens the path by more than rounding; returns whether it ever did."""
    k = len(order)
    improved, again = False, True
    while again:
        again = False
        for i in range(k - 1):
            for j in range(i + 1, k):
                before = _link(length_s, order, i - 1, i) + _link(length_s, order, j, j + 1)
                after = _link(length_s, order, i - 1, j) + _link(length_s, order, i, j + 1)
                if after < before * ROUNDED_DOWN:
                    _reverse(order, i, j)
                    improved = again = True
    return improved


@jit
def _or_opt(length_s, order):  # type: ignore[no-untyped-def]
    """Move one segment to where it fits better; returns whether there was one."""
    k = len(order)
    for size in range(1, min(3, k - 1) + 1):
        for i in range(k - size + 1):
            last = i + size - 1
            closed = _link(length_s, order, i - 1, last + 1)
            freed = _link(length_s, order, i - 1, i) + _link(length_s, order, last, last + 1)
            for j in range(-1, k):
                if i - 1 <= j <= last:
                    continue
                opened = _link(length_s, order, j, j + 1)
                straight = _link(length_s, order, j, i) + _link(length_s, order, last, j + 1)
                turned = _link(length_s, order, j, last) + _link(length_s, order, i, j + 1)
                if closed + min(straight, turned) < (freed + opened) * ROUNDED_DOWN:
                    _move(order, i, size, j, turned < straight)
                    return True
    return False


@jit
def _move(order, i, size, j, turned):  # type: ignore[no-untyped-def]
    """Take the segment of `size` groups at i out and put it in behind the group at j."""
    segment = np.empty(size, dtype=np.int64)
    for place in range(size):
        segment[place] = order[i + place]
    if j < i:
        for place in range(i - 1, j, -1):
            order[place + size] = order[place]
        first = j + 1
    else:
        for place in range(i + size, j + 1):
            order[place - size] = order[place]
        first = j - size + 1
    for place in range(size):
        order[first + place] = segment[size - 1 - place] if turned else segment[place]


@jit
def _reverse(order, first, last):  # type: ignore[no-untyped-def]
    """Turn the groups at the places first..last round."""
    while first < last:
        order[first], order[last] = order[last], order[first]
        first, last = first + 1, last - 1
