"""A candidate scored at once, compiled: membership, connection, mixing of every cluster, seconds of an iteration."""

from __future__ import annotations

import numpy as np

from tasklet_bench.problems.compiled import jit
from tasklet_bench.problems.mixing_graph.adjacency import fill_neighbours, is_connected
from tasklet_bench.problems.mixing_graph.connectivity import INVALID, VALID, compare_connectivity
from tasklet_bench.problems.mixing_graph.period import fill_sums, fill_weights, largest_cycle_mean

SCORED, NO_GRAPH, IN_PIECES, TOO_LOOSE, ASK_EIGENSOLVER = 0, 1, 2, 3, 4
"""What there is to say of a candidate; `ASK_EIGENSOLVER` scores it as if it were valid."""


@jit
def evaluate(arrays, edges):  # type: ignore[no-untyped-def]
    """What there is to say of edges `(E, 2)`, and the seconds of an iteration if they are valid or may be."""
    n, clusters = len(arrays.compute_s), len(arrays.least)
    neighbours = np.empty((n, arrays.degree), dtype=np.int64)
    degrees, order, mark, kept = (np.empty(n, np.int64), np.empty(n, np.int64), np.empty(n, np.int64), np.empty(n, np.int64))
    if not fill_neighbours(edges, arrays.degree, neighbours, degrees):
        return NO_GRAPH, np.inf
    if not is_connected(neighbours, degrees, order, mark):
        return IN_PIECES, np.inf
    said = SCORED
    size = (n + clusters - 1) // clusters
    matrix = np.empty((size, size))
    for cluster in range(clusters):
        found = compare_connectivity(neighbours, degrees, cluster, clusters, arrays.least[cluster], matrix)
        if found == INVALID:
            return TOO_LOOSE, np.inf
        if found != VALID:
            said = ASK_EIGENSOLVER
    out_s, in_s, potential = np.empty(n), np.empty(n), np.empty(n)
    weights = np.empty((n, arrays.degree + 1))
    fill_sums(arrays, neighbours, degrees, out_s, in_s)
    fill_weights(arrays, neighbours, degrees, out_s, in_s, weights)
    return said, largest_cycle_mean(neighbours, degrees, weights, kept, potential, order, mark)
