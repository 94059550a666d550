"""The baselines of the field."""

from __future__ import annotations

import numpy as np
import pytest

from tasklet_bench.problems.gossip.bisection import bisect_sites
from tasklet_bench.problems.gossip.names import load
from tasklet_bench.problems.gossip.tour import shorten, visit_nearest
from tests.problems.gossip.conftest import draw_problem


@pytest.mark.parametrize(
    ("name", "host_order_s", "tour_s"),
    [
        ("measured/aws10-uneven-64?mixing=complete&overlap=backward", 49.5, 34.4),
        ("measured/aws10-uneven-64?mixing=ring", 5.11, 3.67),
        ("measured/aws10-uneven-64", 6.89, 5.87),
        ("measured/residential-20?mixing=ring", 243.0, 242.8),
    ],
)
def test_baselines_cost_what_is_known_of_them(name: str, host_order_s: float, tour_s: float) -> None:
    """Host order and tour, to the digits that are published with the family."""
    problem = load(f"gossip/{name}")
    starts = problem.starts()
    assert problem.cost(starts["host-order"]).total_s == pytest.approx(host_order_s, rel=2e-3)
    assert problem.cost(starts["tour"]).total_s == pytest.approx(tour_s, rel=2e-3)


def test_all_starts_are_orders() -> None:
    """A bisection is there where the devices are a power of two, and nowhere else."""
    for n, names in ((8, {"host-order", "shuffled", "tour", "bisection"}), (6, {"host-order", "shuffled", "tour"})):
        problem = draw_problem(0, n, "complete")
        starts = problem.starts()
        assert set(starts) == names
        for order in starts.values():
            problem.decision.check(order)


def test_a_tour_cannot_be_shortened_by_turning_a_segment() -> None:
    """2-opt ends where no two hops can be exchanged to gain."""
    rng = np.random.default_rng(0)
    points = rng.random((12, 2))
    length = np.hypot(*(points[:, None] - points).transpose(2, 0, 1))
    tour = visit_nearest(length)
    shorten(length, tour)
    total = length[tour, np.roll(tour, -1)].sum()
    for i in range(12):
        for j in range(i + 1, 12):
            turned = tour.copy()
            turned[i : j + 1] = tour[i : j + 1][::-1]
            assert length[turned, np.roll(turned, -1)].sum() >= total - 1e-9


def test_a_bisection_keeps_whole_sites_where_it_can() -> None:
    """Sites of 4, 2 and 2 fill the halves; of 5 and 3, one is split."""
    order = bisect_sites(np.repeat([0, 1, 2], [2, 4, 2]), np.arange(8))
    halves = [set(order[:4].tolist()), set(order[4:].tolist())]
    assert {2, 3, 4, 5} in halves
    split = bisect_sites(np.repeat([0, 1], [5, 3]), np.arange(8))
    assert sorted(split.tolist()) == list(range(8))
    assert {5, 6, 7} <= set(split[:4].tolist()) or {5, 6, 7} <= set(split[4:].tolist())
