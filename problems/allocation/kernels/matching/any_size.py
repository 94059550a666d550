"""Bottleneck perfect matchings between two groups, in rank space.

For groups of any size by augmenting paths: each row in turn grows the alternating tree whose costliest pair is cheapest
(Dijkstra with the maximum in place of the sum), and the threshold rises only as far as the tree needs.
"""

from __future__ import annotations

import numpy as np

from tasklet_bench.problems.compiled import jit

_LEFT, _RIGHT, _LOW, _VIA, _SEEN = range(5)
_UNREACHED = np.int64(1) << 40


@jit(allocates=False)
def bottleneck(rank, left, right, matching):  # type: ignore[no-untyped-def]
    """The smallest class at which the devices `left` and `right`, shapes `(D,)`, can be wired pair by pair.

    `matching` is scratch, int64 `(5, D)`; afterwards `matching[0]` holds the position in `right` of each left device.
    """
    n = len(left)
    partner, owner = matching[_LEFT], matching[_RIGHT]
    low, via, seen = matching[_LOW], matching[_VIA], matching[_SEEN]
    for i in range(n):
        owner[i] = seen[i] = -1
    threshold = np.int64(0)
    for root in range(n):
        for i in range(n):
            low[i] = _UNREACHED
        row = root
        while True:
            best, column = _UNREACHED, 0
            for j in range(n):
                if seen[j] != root:
                    r = np.int64(rank[left[row], right[j]])
                    if r < low[j]:
                        low[j] = r
                        via[j] = row
                    if low[j] < best:
                        best, column = low[j], j
            threshold = max(threshold, best)
            seen[column] = root
            if owner[column] < 0:
                break
            row = owner[column]
        while True:
            row = via[column]
            owner[column] = row
            if row == root:
                partner[row] = column
                break
            column, partner[row] = partner[row], column
    return threshold


@jit(allocates=False)
def matchable(rank, left, right, threshold, matching):  # type: ignore[no-untyped-def]
    """How many of the devices `left` can be wired to `right` at once with pairs of class at most `threshold`."""
    n = len(left)
    partner, owner = matching[_LEFT], matching[_RIGHT]
    via, seen, queue = matching[_VIA], matching[_SEEN], matching[_LOW]
    for i in range(n):
        partner[i] = owner[i] = seen[i] = -1
    matched = np.int64(0)
    if threshold < 0:
        return matched
    for root in range(n):
        queue[0] = root
        head, tail, end = 0, 1, -1
        while head < tail and end < 0:
            row = queue[head]
            head += 1
            for j in range(n):
                if seen[j] != root and rank[left[row], right[j]] <= threshold:
                    seen[j] = root
                    via[j] = row
                    if owner[j] < 0:
                        end = j
                        break
                    queue[tail] = owner[j]
                    tail += 1
        if end >= 0:
            matched += 1
            column = end
            while column >= 0:
                row = via[column]
                owner[column] = row
                column, partner[row] = partner[row], column
    return matched
