"""Orders that take no search of the period: the baselines of the field."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.gossip.bisection import bisect_sites
from tasklet_bench.problems.gossip.system import hop_seconds

if TYPE_CHECKING:
    from tasklet_bench.problems.gossip.problem import GossipProblem

Order = NDArray[np.int64]
SHUFFLE_SEED = 0


def baselines(problem: GossipProblem) -> dict[str, Order]:
    """Host order, one shuffle of it, a short tour, and for N = 2^R a bisection that keeps sites together."""
    n = problem.schedule.n_ranks
    result = {
        "host-order": np.arange(n),
        "shuffled": np.argsort(np.random.Generator(np.random.PCG64(SHUFFLE_SEED)).random(n), kind="stable"),
        "tour": short_tour(problem),
    }
    if n & (n - 1) == 0:
        result["bisection"] = bisect_sites(problem.network.topology.site_of, result["tour"])
    return result


def short_tour(problem: GossipProblem) -> Order:
    """A closed tour by nearest neighbour and 2-opt on what a pair's exchange takes, as overlays of silos are built.

    Source: O. Marfoq, C. Xu, G. Neglia and R. Vidal, "Throughput-optimal topology design for cross-silo federated
    learning" (arXiv 2010.12229), their ring overlay.
    """
    from tasklet_bench.problems.gossip.tour import shorten, visit_nearest

    hop_s = hop_seconds(problem.network.topology, problem.message_bytes, 2)
    pair_s = np.maximum(hop_s, hop_s.T)
    tour = visit_nearest(pair_s)
    shorten(pair_s, tour)
    return np.asarray(tour)
