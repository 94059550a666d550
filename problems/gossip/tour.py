"""A short closed tour: nearest neighbour, then 2-opt, compiled."""

from __future__ import annotations

import numpy as np

from tasklet_bench.problems.compiled import jit

LEAST_GAIN = 1e-12
"""What a change must gain, relative to a hop, to be more than rounding."""


@jit
def visit_nearest(length):  # type: ignore[no-untyped-def]
    """Go from device 0 to the nearest one not yet visited, by `length` `(N, N)`; int64 `(N,)`."""
    n = len(length)
    tour = np.zeros(n, dtype=np.int64)
    visited = np.zeros(n, dtype=np.bool_)
    visited[0] = True
    for p in range(1, n):
        here, nearest, best = tour[p - 1], -1, np.inf
        for j in range(n):
            if not visited[j] and (nearest < 0 or length[here, j] < best):
                nearest, best = j, length[here, j]
        tour[p] = nearest
        visited[nearest] = True
    return tour


@jit
def shorten(length, tour):  # type: ignore[no-untyped-def]
    """Turn segments of a closed tour round, in place, while the sum of symmetric lengths falls."""
    n = len(tour)
    improved = n > 3
    while improved:
        improved = False
        for i in range(n - 2):
            for j in range(i + 2, n if i > 0 else n - 1):
                a, b, c, d = tour[i], tour[i + 1], tour[j], tour[(j + 1) % n]
                before = length[a, b] + length[c, d]
                if length[a, c] + length[b, d] < before * (1.0 - LEAST_GAIN):
                    tour[i + 1 : j + 1] = tour[i + 1 : j + 1][::-1].copy()
                    improved = True
