"""The shortest open path over K groups: exact up to 12, above an upper bound by a deterministic local search.

Exact: Held–Karp with the two halves of the path meeting in the middle, so only subsets of at most K/2 groups are met.
`path_s[S, v]` is the length of the shortest path that visits the groups of S and then v. Above: the nearest neighbour
from several starts, each improved by 2-opt and Or-opt until neither helps.
"""

from __future__ import annotations

import numpy as np

from problems.compiled import jit

STARTS = 8


@jit
def order_groups(length_s, subsets, path_s, order):  # type: ignore[no-untyped-def]
    """Write the best order of the groups, lengths `(K, K)`, to `order`, int64 `(K,)`; returns its length (seconds)."""
    if len(subsets) or len(order) <= 2:
        _exact(length_s, subsets, path_s, order)
    else:
        _improved(length_s, order)
    total = 0.0
    for j in range(len(order) - 1):
        total += length_s[order[j], order[j + 1]]
    return total


@jit
def _exact(length_s, subsets, path_s, order):  # type: ignore[no-untyped-def]
    k = len(order)
    if k <= 2:
        for j in range(k):
            order[j] = j
        return
    _fill(length_s, subsets, path_s)
    everything = (1 << k) - 1
    half = k // 2
    best, best_set, best_next = np.inf, 0, 0
    for subset in subsets:
        size = 0
        for v in range(k):
            size += (subset >> v) & 1
        if size != half:
            continue
        rest = everything ^ subset
        for v in range(k):
            if (rest >> v) & 1:
                through = path_s[subset, v] + (path_s[rest ^ (1 << v), v] if rest != 1 << v else 0.0)
                if through < best:
                    best, best_set, best_next = through, subset, v
    _unwind(length_s, path_s, best_set, best_next, half - 1, -1, order)
    order[half] = best_next
    _unwind(length_s, path_s, everything ^ best_set ^ (1 << best_next), best_next, half + 1, 1, order)


@jit
def _fill(length_s, subsets, path_s):  # type: ignore[no-untyped-def]
    k = len(length_s)
    for subset in subsets:
        row = path_s[subset]
        row[:] = np.inf
        for u in range(k):
            if (subset >> u) & 1:
                before = subset ^ (1 << u)
                reached = path_s[before, u] if before else 0.0
                for v in range(k):
                    row[v] = min(row[v], reached + length_s[u, v])


@jit
def _unwind(length_s, path_s, subset, last, place, step, order):  # type: ignore[no-untyped-def]
    """Write the groups of `subset` in the order in which the shortest path to `last` meets them, from its end."""
    while subset:
        best, group = np.inf, 0
        for u in range(len(order)):
            if (subset >> u) & 1:
                before = subset ^ (1 << u)
                reached = (path_s[before, u] if before else 0.0) + length_s[u, last]
                if reached < best:
                    best, group = reached, u
        order[place] = group
        place += step
        subset ^= 1 << group
        last = group


@jit
def _improved(length_s, order):  # type: ignore[no-untyped-def]
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
            order[:] = trial


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
def _edge(length_s, order, j):  # type: ignore[no-untyped-def]
    """Length of the boundary between the stages j and j+1; 0 beyond the two open ends."""
    if j < 0 or j + 1 >= len(order):
        return 0.0
    return length_s[order[j], order[j + 1]]


@jit
def _link(length_s, order, i, j):  # type: ignore[no-untyped-def]
    """Length between the groups at two stages; 0 if one of them is beyond an open end."""
    if i < 0 or j >= len(order):
        return 0.0
    return length_s[order[i], order[j]]


@jit
def _two_opt(length_s, order):  # type: ignore[no-untyped-def]
    """Reverse segments while that shortens the path by more than rounding; returns whether it ever did."""
    k = len(order)
    improved = False
    again = True
    while again:
        again = False
        for i in range(k - 1):
            for j in range(i + 1, k):
                before = _edge(length_s, order, i - 1) + _edge(length_s, order, j)
                after = _link(length_s, order, i - 1, j) + _link(length_s, order, i, j + 1)
                if after < before * (1 - 1e-12):
                    order[i : j + 1] = order[i : j + 1][::-1].copy()
                    improved = again = True
    return improved


@jit
def _or_opt(length_s, order):  # type: ignore[no-untyped-def]
    """Move one segment of up to three groups, either way round, to where it fits better; returns whether it did."""
    k = len(order)
    for size in range(1, min(3, k - 1) + 1):
        for i in range(k - size + 1):
            last = i + size - 1
            closed = _link(length_s, order, i - 1, last + 1) if i > 0 and last + 1 < k else 0.0
            gain = _edge(length_s, order, i - 1) + _edge(length_s, order, last) - closed
            for j in range(-1, k):
                if i - 1 <= j <= last:
                    continue
                opened = _edge(length_s, order, j)
                left = order[j] if j >= 0 else -1
                right = order[j + 1] if j + 1 < k else -1
                for turned in range(2):
                    head, tail = (order[last], order[i]) if turned else (order[i], order[last])
                    cost = (length_s[left, head] if left >= 0 else 0.0) + (length_s[tail, right] if right >= 0 else 0.0)
                    if cost - opened < gain - 1e-12 * (gain + opened):
                        _move(order, i, size, j, turned)
                        return True
    return False


@jit
def _move(order, i, size, j, turned):  # type: ignore[no-untyped-def]
    """Take the segment of `size` groups at i out and put it in behind the stage that j was."""
    segment = order[i : i + size].copy()
    if j < i:
        order[j + 1 + size : i + size] = order[j + 1 : i].copy()
        start = j + 1
    else:
        order[i : j - size + 1] = order[i + size : j + 1].copy()
        start = j - size + 1
    order[start : start + size] = segment[::-1] if turned else segment
