"""Bounds on the largest load of a spanning tree, by weights on the loads that are adapted to the trees, compiled.

Whatever weights of sum 1 the loads get, their weighted mean is no larger than the largest, and its smallest value over
all spanning trees is that of a minimum spanning tree. Devices that carry much of that tree get more weight next time.
"""

from __future__ import annotations

import numpy as np

from tasklet_bench.problems.compiled import jit

STEP = 0.5
"""How much more weight the largest load gets at first."""


@jit
def tree_bound_s(airtime_s, before_s, edges_s, limit_s, rounds):  # type: ignore[no-untyped-def]
    """The best bound of so many rounds (in seconds) on graphs without edges above `limit_s`, or one above that.

    `airtime_s` `(m, m)`, rows send, and `before_s` `(m,)`: the load of a device is the latter and what it sends, and as
    well the latter and what it gets. `edges_s` `(m, m)`: what each edge costs by itself. Infinite without any tree.
    """
    n = len(before_s)
    send, get = np.full(n, 0.5 / n), np.full(n, 0.5 / n)
    sent_s, got_s, near_s, parent = np.empty(n), np.empty(n), np.empty(n), np.empty(n, dtype=np.int64)
    best_s = 0.0
    for done in range(rounds):
        total_s = _lightest_tree(airtime_s, send, get, near_s, parent, edges_s, limit_s)
        if total_s == np.inf:
            return np.inf
        sent_s[:], got_s[:] = before_s, before_s
        for i in range(1, n):
            j = parent[i]
            sent_s[i] += airtime_s[i, j]
            sent_s[j] += airtime_s[j, i]
            got_s[i] += airtime_s[j, i]
            got_s[j] += airtime_s[i, j]
        largest_s = 0.0
        for i in range(n):
            total_s += (send[i] + get[i]) * before_s[i]
            largest_s = max(largest_s, sent_s[i], got_s[i])
        best_s = max(best_s, total_s)
        if largest_s <= best_s or best_s > limit_s:
            break
        step = STEP / np.sqrt(1.0 + done)
        weight = 0.0
        for i in range(n):
            send[i] *= 1.0 + step * sent_s[i] / largest_s
            get[i] *= 1.0 + step * got_s[i] / largest_s
            weight += send[i] + get[i]
        for i in range(n):
            send[i] /= weight
            get[i] /= weight
    return best_s


@jit(allocates=False)
def _lightest_tree(airtime_s, send, get, near_s, parent, edges_s, limit_s):  # type: ignore[no-untyped-def]
    """Minimum spanning tree from node 0 (Prim); writes each node's parent, returns its weighted seconds."""
    n = len(send)
    for i in range(1, n):
        near_s[i], parent[i] = np.inf, 0
    at, total_s = 0, 0.0
    near_s[0] = -1.0
    for _ in range(n - 1):
        following, least_s = 0, np.inf
        for i in range(n):
            if near_s[i] >= 0.0:
                if edges_s[at, i] <= limit_s:
                    weighted_s = (send[i] + get[at]) * airtime_s[i, at] + (send[at] + get[i]) * airtime_s[at, i]
                    if weighted_s < near_s[i]:
                        near_s[i], parent[i] = weighted_s, at
                if near_s[i] < least_s:
                    following, least_s = i, near_s[i]
        total_s += least_s
        near_s[following] = -1.0
        at = following
    return total_s
