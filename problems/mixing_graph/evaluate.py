"""A candidate scored at once, compiled: membership, connection, mixing of every cluster, seconds of an iteration."""

from __future__ import annotations

import numpy as np

from tasklet_bench.problems.compiled import jit
from tasklet_bench.problems.mixing_graph.adjacency import fill_neighbours, is_connected
from tasklet_bench.problems.mixing_graph.connectivity import BELOW, UNDECIDED, compare_connectivity
from tasklet_bench.problems.mixing_graph.period import fill_sums, fill_weights, largest_cycle_mean

SCORED, NO_GRAPH, IN_PIECES, TOO_WIDE, ON_THE_BORDER = 0, 1, 2, 3, 4
"""What there is to say of a candidate; on the border of what is demanded, an eigensolver has to tell."""


@jit
def evaluate(arrays, edges):  # type: ignore[no-untyped-def]
    """What there is to say of edges `(E, 2)`, the cluster it is said of, and the period of what is or may be valid."""
    n, clusters = len(arrays.compute_s), len(arrays.least)
    neighbours, degrees = np.empty((n, arrays.degree), dtype=np.int64), np.empty(n, dtype=np.int64)
    if not fill_neighbours(edges, arrays.degree, neighbours, degrees):
        return NO_GRAPH, 0, np.inf
    if not is_connected(neighbours, degrees):
        return IN_PIECES, 0, np.inf
    size = (n + clusters - 1) // clusters
    matrix = np.empty((size, size))
    said, where = SCORED, 0
    for cluster in range(clusters):
        compared = compare_connectivity(neighbours, degrees, cluster, clusters, arrays.least[cluster], matrix)
        if compared == BELOW:
            return TOO_WIDE, cluster, np.inf
        if compared == UNDECIDED:
            said, where = ON_THE_BORDER, cluster
    out_s, in_s, weights = np.empty(n), np.empty(n), np.empty((n, arrays.degree + 1))
    fill_sums(arrays, neighbours, degrees, out_s, in_s)
    fill_weights(arrays, neighbours, degrees, out_s, in_s, weights)
    return said, where, largest_cycle_mean(neighbours, degrees, weights)
