"""Prices: what every message and every device adds, counted one by one."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tasklet_bench.problems import families
from tasklet_bench.problems.allocation import Allocation, AllocationProblem
from tasklet_bench.problems.allocation.price import price_of_iteration
from tasklet_bench.problems.bad_input import BadInput

SITES = [
    {"name": "Oslo", "devices": 3, "price_per_hour": 2.5, "egress_price_per_gb": 0.09},
    {"name": "Rome", "devices": 3, "price_per_hour": 1.25, "egress_price_per_gb": 0.12},
    {"name": "Home", "devices": 1},
]
FILE: dict[str, Any] = {
    "name": "priced", "sites": SITES, "delay_ms": [[1, 38, 20], [38, 1, 30], [20, 30, 0]],
    "bandwidth_gbps": [[10, 0.9, 0.5], [0.7, 5, 0.5], [0.5, 0.5, None]],
    "grid": {"data_parallel": 3, "pipeline_parallel": 2}, "workload": {"gradient_bytes": 3e9, "activation_bytes": 2e9},
}  # fmt: skip


def one_by_one(problem: AllocationProblem, grid: np.ndarray, iteration_s: float) -> float:
    """The price by a list of all messages (from, to, bytes) and all devices."""
    d = len(grid)
    messages = []
    for row in grid:
        for a, b in itertools.pairwise(row):
            messages += [(a, b, problem.workload.activation_bytes), (b, a, problem.workload.activation_bytes)]
    for stage in grid.T:
        for owner in stage:
            for mate in stage:
                if mate != owner:
                    messages.append((mate, owner, problem.workload.gradient_bytes / d))  # to be summed
                    messages.append((owner, mate, problem.workload.gradient_bytes / d))  # updated
    home = problem.topology.site_of
    paid = 0.0
    for source, target, n_bytes in messages:
        if home[source] != home[target]:
            paid += (problem.sites[home[source]].egress_price_per_gb or 0.0) * n_bytes / 1e9
    for device in grid.ravel():
        paid += (problem.sites[home[device]].price_per_hour or 0.0) * iteration_s / 3600
    return paid


def test_a_price_is_the_sum_over_messages_and_devices() -> None:
    """On drawn allocations with a spare it equals the count one by one, and grows with the seconds."""
    problem = families.from_json(FILE, "priced.json")
    assert isinstance(problem, AllocationProblem)
    for seed in range(5):
        order = np.random.default_rng(seed).permutation(7)[:6].reshape(3, 2)
        price = price_of_iteration(problem, Allocation(order, n_devices=7), 12.0)
        assert price is not None
        assert price.total == pytest.approx(one_by_one(problem, order, 12.0), rel=1e-12)
        assert price.total == price.devices + price.egress


def test_without_prices_there_is_none() -> None:
    """A problem whose sites declare no price has none, which is not the same as 0."""
    problem = families.from_json(FILE, "priced.json")
    assert isinstance(problem, AllocationProblem)
    bare = tuple(replace(site, price_per_hour=None, egress_price_per_gb=None) for site in problem.sites)
    free = replace(problem, topology=replace(problem.topology, sites=bare))
    assert price_of_iteration(free, Allocation([[0, 1], [2, 3], [4, 5]], n_devices=7), 1.0) is None


def test_a_price_below_zero_is_refused() -> None:
    """The message names the site's field."""
    wrong = {**FILE, "sites": [{**SITES[0], "price_per_hour": -1}, *SITES[1:]]}
    with pytest.raises(BadInput, match="price_per_hour"):
        families.from_json(wrong, "priced.json")
