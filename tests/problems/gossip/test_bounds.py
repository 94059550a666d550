"""Bounds hold, and are high enough to tell something."""

from __future__ import annotations

from itertools import pairwise, permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasklet_bench.problems.gossip import GossipProblem
from tasklet_bench.problems.gossip.bounds.cuts import most_edges_inside
from tasklet_bench.problems.gossip.bounds.round_trips import bottlenecks
from tasklet_bench.problems.gossip.names import load
from tests.problems.gossip.conftest import order_of, problems, with_links


def _in_sites(problem: GossipProblem) -> GossipProblem:
    """The same instance with all links between two sites alike, so that devices are interchangeable."""
    topology = problem.network.topology
    first = np.searchsorted(topology.site_of, topology.site_of)
    grid = np.ix_(first, first)
    delay_s = np.where(topology.site_of[:, None] == topology.site_of, 0.001, topology.delay_s[grid])
    bandwidth = np.where(topology.site_of[:, None] == topology.site_of, 1e9, topology.bandwidth_bytes_s[grid])
    return with_links(problem, delay_s, bandwidth)


@given(problems(), st.booleans())
@settings(max_examples=25, deadline=None)
def test_no_order_is_below_the_bound(problem: GossipProblem, in_sites: bool) -> None:
    """All orders of up to 6 devices, and a sample of those of 8, with and without interchangeable devices."""
    if in_sites:
        problem = _in_sites(problem)
    n = problem.schedule.n_ranks
    orders = permutations(range(n)) if n <= 6 else (order_of(problem, seed) for seed in range(500))
    best_s = min(problem.cost(np.array(order)).total_s for order in orders)
    assert problem.bound() <= best_s


@pytest.mark.parametrize("mixing", ["ring", "one-peer-exp"])
def test_no_set_of_ranks_has_more_edges_inside(mixing: str) -> None:
    """All sets of 8 ranks, by enumeration; the limit is met for every size."""
    edges = {
        "ring": [(p, (p + 1) % 8) for p in range(8)],
        "one-peer-exp": [(p, p ^ 1 << q) for p in range(8) for q in range(3) if p < p ^ 1 << q],
    }[mixing]
    most = np.zeros(9, dtype=int)
    for mask in range(256):
        inside = sum(mask >> a & mask >> b & 1 for a, b in edges)
        most[mask.bit_count()] = max(most[mask.bit_count()], inside)
    np.testing.assert_array_equal(most_edges_inside(mixing, 8), most)


def test_bottlenecks_of_round_trips_by_enumeration() -> None:
    """The least slowest hop over all closed walks through two devices."""
    rng = np.random.default_rng(1)
    hop = rng.random((5, 5))
    way = np.full((5, 5), np.inf)
    for size in range(2, 6):
        for path in permutations(range(5), size):
            slowest = max(hop[a, b] for a, b in pairwise(path))
            way[path[0], path[-1]] = min(way[path[0], path[-1]], slowest)
    expected = np.maximum(way, way.T)
    np.fill_diagonal(expected, 0.0)
    np.testing.assert_array_equal(bottlenecks(hop), expected)


@pytest.mark.parametrize(
    ("name", "page_s", "best_s"),
    [
        ("measured/aws10-uneven-64?mixing=complete&overlap=backward", 18.2, 22.36),
        ("measured/aws10-uneven-64?mixing=ring", 2.44, 2.769),
        ("measured/aws10-uneven-64?mixing=alternating-exp-ring&local=8", 3.24, 9.96),
        ("paper/worldwide", 1.97, 3.14),
        ("measured/sky-3metro-3cloud-72?first=64&jitter=0.3", 0.425, 0.582),
    ],
)
def test_bounds_close_gaps(name: str, page_s: float, best_s: float) -> None:
    """On instances with sites, at least a third of the gap that counting crossings of single sites leaves."""
    assert page_s + (best_s - page_s) / 3 <= load(f"gossip/{name}").bound() <= best_s


def test_an_all_reduce_is_proven_optimal() -> None:
    """The bottleneck of a way round all sites is attained by an order of aws10-uneven-64."""
    assert load("gossip/measured/aws10-uneven-64?mixing=complete&overlap=backward").bound() == pytest.approx(
        22.3590246025, rel=1e-9
    )
