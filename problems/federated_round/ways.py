"""Shortest ways between all devices, compiled."""

from __future__ import annotations

from tasklet_bench.problems.compiled import jit


@jit
def shortest_ways(hop_s):  # type: ignore[no-untyped-def]
    """The shortest sums of hops, float64 `(N, N)`, by Floyd and Warshall in O(N³)."""
    way_s = hop_s.copy()
    n = len(way_s)
    for middle in range(n):
        for i in range(n):
            first_s = way_s[i, middle]
            for j in range(n):
                way_s[i, j] = min(way_s[i, j], first_s + way_s[middle, j])
    return way_s
