"""Edges as lists of neighbours, compiled, and whether they hang together."""

from __future__ import annotations

import numpy as np

from tasklet_bench.problems.compiled import jit


@jit(allocates=False)
def fill_neighbours(edges, degree, neighbours, degrees):  # type: ignore[no-untyped-def]
    """Write the neighbours of all devices, int64 `(N, degree)`, and how many there are, `(N,)`.

    Returns whether the edges `(E, 2)` are a graph: from the smaller to the larger device, none twice, `degree` at most.
    """
    n = len(degrees)
    degrees[:] = 0
    for edge in range(len(edges)):
        i, j = edges[edge, 0], edges[edge, 1]
        if i < 0 or j >= n or i >= j or degrees[i] == degree or degrees[j] == degree:
            return False
        for place in range(degrees[i]):
            if neighbours[i, place] == j:
                return False
        neighbours[i, degrees[i]] = j
        neighbours[j, degrees[j]] = i
        degrees[i] += 1
        degrees[j] += 1
    return True


@jit
def is_connected(neighbours, degrees):  # type: ignore[no-untyped-def]
    """Whether every device can be reached from the first."""
    n = len(degrees)
    seen, stack = np.zeros(n, dtype=np.bool_), np.empty(n, dtype=np.int64)
    seen[0], stack[0], waiting, reached = True, 0, 1, 1
    while waiting:
        waiting -= 1
        i = stack[waiting]
        for place in range(degrees[i]):
            j = neighbours[i, place]
            if not seen[j]:
                seen[j] = True
                stack[waiting] = j
                waiting += 1
                reached += 1
    return reached == n
