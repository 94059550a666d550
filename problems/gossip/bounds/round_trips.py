"""Bottlenecks of round trips: what a ring all-reduce needs whatever ring it takes, compiled."""

from __future__ import annotations

import numpy as np

from tasklet_bench.problems.compiled import jit


@jit
def bottlenecks(hop):  # type: ignore[no-untyped-def]
    """The least bottleneck of a way from i to j and back, by `hop` `(N, N)`; symmetric, 0 on the diagonal.

    Devices of one ring reach each other along it, so that its slowest hop is no quicker than this for any two of them.
    Warshall's algorithm on (min, max), O(N³).
    """
    n = len(hop)
    least = hop.copy()
    for i in range(n):
        least[i, i] = 0.0
    for k in range(n):
        onward = least[k]
        for i in range(n):
            until, row = least[i, k], least[i]
            for j in range(n):
                row[j] = min(row[j], max(until, onward[j]))
    return np.maximum(least, least.T)
