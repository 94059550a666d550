"""Graphs that take no search: the baselines of the field."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.mixing_graph.connectivity import TOLERANCE
from tasklet_bench.problems.mixing_graph.draft import Draft
from tasklet_bench.problems.mixing_graph.judge import laplacian
from tasklet_bench.problems.mixing_graph.reference import inner_degree

if TYPE_CHECKING:
    from tasklet_bench.problems.mixing_graph.problem import MixingGraphProblem

DEVICES_AT_ONCE = 128
"""Up to twice as many devices, edges are added one by one; beyond, one more for each further so many."""
LEAST_S = 1e-12
"""What an edge costs at least: the diagonal is free, and never added."""

Edges = NDArray[np.int64]


def starts(problem: MixingGraphProblem) -> Mapping[str, Edges]:
    """The baselines by name: `circulant-on-tour` and, where the degrees leave it room, `grown`."""
    graphs = {"circulant-on-tour": circulant_on_tour(problem), "grown": grown(problem)}
    return {name: edges for name, edges in graphs.items() if edges is not None}


def circulant_on_tour(problem: MixingGraphProblem) -> Edges:
    """The reference of each cluster on a short tour of its devices, after the ring overlay of arXiv 2010.12229."""
    from tasklet_bench.problems.mixing_graph.problem import references
    from tasklet_bench.problems.mixing_graph.tour import short_tour

    cost_s = pair_s(problem)
    return references(problem, [members[short_tour(cost_s[np.ix_(members, members)])] for members in problem.clusters])


def grown(problem: MixingGraphProblem) -> Edges | None:
    """A cheapest spanning tree of each cluster, then the edges that make it mix most for their seconds.

    After Ghosh and Boyd, "Growing well-connected graphs" (2006): the Fiedler vector tells how much an edge raises λ₂.
    """
    return complete(problem, np.empty((0, 2), dtype=np.int64))


def complete(problem: MixingGraphProblem, edges: Edges) -> Edges | None:
    """The graph with edges added until it is valid; None where the degrees leave no room for that."""
    draft = Draft(problem.n_devices, problem.options.degree, edges)
    cost_s = pair_s(problem)
    limit = inner_degree(problem.options.degree, problem.options.clusters)
    for members, least in zip(problem.clusters, problem.least_connectivity, strict=True):
        for most in (limit - 1, limit, problem.options.degree):
            draft.join(members, cost_s, most)
        if not _mix(draft, members, cost_s, float(least), limit):
            return None
    for first, second in pairwise(problem.clusters):
        draft.link(first, second, cost_s)
    return draft.edges() if draft.is_connected() else None


def pair_s(problem: MixingGraphProblem) -> NDArray[np.float64]:
    """Seconds until a model is with the other device, in the slower direction of each pair, `(N, N)`."""
    topology = problem.network.topology
    exchange_s: NDArray[np.float64] = topology.delay_s + problem.message_bytes / topology.bandwidth_bytes_s
    return np.maximum(exchange_s, exchange_s.T)


def _mix(draft: Draft, members: Edges, cost_s: NDArray[np.float64], least: float, limit: int) -> bool:
    """Add edges inside a cluster until λ₂ is as large as demanded; returns whether it is."""
    size = len(members)
    if size < 2:
        return True
    at_once = max(1, size // DEVICES_AT_ONCE)
    while True:
        values, vectors = np.linalg.eigh(laplacian(size, draft.inside(members)))
        if values[1] >= least - TOLERANCE / 2:
            return True
        raised = (vectors[:, 1][:, None] - vectors[:, 1]) ** 2
        priced_s = np.maximum(cost_s[np.ix_(members, members)], LEAST_S)
        added = draft.add_best(members, raised / priced_s, limit, at_once)
        if not added:
            return False
