"""The bound on both terms at once, and its parts, against brute force."""

from __future__ import annotations

import math
import time
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasklet_bench.problems import Shape, Site, Topology, Workload
from tasklet_bench.problems.allocation import AllocationProblem, bounds, cost_model
from tasklet_bench.problems.allocation.bounds.cover import Undecided, coverable
from tasklet_bench.problems.allocation.bounds.prices import half_boundaries_s, priced
from tasklet_bench.problems.allocation.bounds.stages import TooMany, enumerate_stages
from tasklet_bench.problems.instances import catalogue

SHAPES = [(1, 2), (2, 1), (1, 5), (2, 2), (3, 2), (2, 3), (4, 2), (2, 4), (3, 3), (1, 1)]


def partitions(shape: Shape) -> Any:
    """All partitions, each as labels `(N,)`, some of them more than once."""
    n, d = shape.n_devices, shape.data_parallel

    def fill(labels: np.ndarray, stage: int) -> Any:
        free = np.flatnonzero(labels < 0)
        if not len(free):
            yield labels
            return
        for mates in combinations(free[1:], d - 1):
            filled = labels.copy()
            filled[[free[0], *mates]] = stage
            yield from fill(filled, stage + 1)

    return fill(np.full(n, -1), 0)


def drawn(shape: tuple[int, int], links: str, payload: Workload, seed: int) -> AllocationProblem:
    """A tiny problem: links distinct, in few levels (so that there are ties), all equal, or one of them dead slow."""
    n = shape[0] * shape[1]
    rng = np.random.default_rng(seed)
    delay_s, bandwidth_bytes_s = rng.uniform(0, 0.1, (n, n)), 10.0 ** rng.uniform(7, 9, (n, n))
    if links == "levels":
        delay_s, bandwidth_bytes_s = rng.choice([0.001, 0.05], (n, n)), rng.choice([1e8, 1e9, 2e9], (n, n))
    if links == "equal":
        delay_s, bandwidth_bytes_s = np.full((n, n), 0.01), np.full((n, n), 1e8)
    if links == "dead-slow":
        bandwidth_bytes_s[0, -1] /= 1e6
    topology = Topology(tuple(Site(f"device {i}", 1) for i in range(n)), delay_s, bandwidth_bytes_s)
    return AllocationProblem("tiny", topology, payload, Shape(*shape))


PROBLEMS = st.builds(
    drawn,
    st.sampled_from(SHAPES),
    st.sampled_from(["distinct", "levels", "equal", "dead-slow"]),
    st.sampled_from([Workload(6e8, 5e8), Workload(6e9, 5e8), Workload(6e8, 5e9), Workload(0.0, 5e8), Workload(0, 0)]),
    st.integers(0, 10_000),
)


@settings(max_examples=60)
@given(problem=PROBLEMS)
def test_no_allocation_costs_less(problem: AllocationProblem) -> None:
    """The joint bound is at least the separate one and at most the optimum, which all partitions are searched for."""
    optimum_s = min(
        cost_model.partition_cost(problem.dp_pair_s, problem.pp_pair_s, labels).total_s
        for labels in partitions(problem.shape)
    )
    bound_s = bounds.joint(problem, 1.0)
    assert math.isfinite(bound_s)
    assert problem.bound() <= bound_s <= optimum_s


@pytest.mark.parametrize("seed", range(4))
def test_each_stage_within_a_limit_is_found_once(random_problem: Any, seed: int) -> None:
    """Enumeration equals a look at all groups, at limits that none, some and all of them keep."""
    problem = random_problem(3, 3, seed=seed)
    groups = [np.array(group) for group in combinations(range(9), 3)]
    paid_s = np.array([cost_model.group_data_parallel_s(problem.dp_pair_s, group) for group in groups])
    for limit_s in (paid_s.min() * 0.9, np.quantile(paid_s, 0.1), np.median(paid_s), paid_s.max()):
        result = enumerate_stages(problem.dp_pair_s, 3, limit_s, time.process_time() + 10)
        expected = sorted(tuple(group) for group, s in zip(groups, paid_s, strict=True) if s <= limit_s)
        assert sorted(tuple(sorted(stage)) for stage in result.members.tolist()) == expected
        assert (result.data_parallel_s <= limit_s * (1 + 1e-9)).all()


@pytest.mark.parametrize(("shape", "seed"), [((3, 3), 0), ((3, 3), 1), ((2, 4), 2), ((4, 2), 3)])
def test_prices_bound_every_pipeline(random_problem: Any, shape: tuple[int, int], seed: int) -> None:
    """No partition's pipeline costs less than the prices say, nor than that and the excess of its stages."""
    problem = random_problem(*shape, seed=seed)
    n, d, k = problem.shape.n_devices, *shape
    members = np.array(list(combinations(range(n), d)))
    prices = priced(members, *half_boundaries_s(members, problem.pp_pair_s, k), n, k, time.process_time() + 10)
    excess_s = {tuple(stage): excess for stage, excess in zip(members.tolist(), prices.excess_s, strict=True)}
    assert prices.bound_s > 0
    for labels in partitions(problem.shape):
        pipeline_s = cost_model.partition_cost(problem.dp_pair_s, problem.pp_pair_s, labels).parts_s["pipeline_s"]
        stages = [tuple(np.flatnonzero(labels == stage).tolist()) for stage in range(k)]
        assert prices.bound_s + sum(excess_s[stage] for stage in stages) <= pipeline_s * (1 + 1e-9)


def test_exact_covers_are_found_if_they_fit_the_allowance() -> None:
    """Of six devices in pairs: one cover that costs 3, so an allowance of 2 refutes it; out of time is no answer."""
    members, excess_s = np.array([[0, 1], [2, 3], [4, 5], [1, 2], [3, 4]]), np.array([1.0, 1.0, 1.0, 0.0, 0.0])
    assert coverable(members, excess_s, 6, 3.0, time.process_time() + 10)
    assert not coverable(members, excess_s, 6, 2.0, time.process_time() + 10)
    assert not coverable(members[1:], excess_s[1:], 6, 9.0, time.process_time() + 10)
    with pytest.raises(Undecided):
        coverable(members, excess_s, 6, 3.0, time.process_time() - 1)


def test_too_many_stages_leave_the_separate_bound(random_problem: Any) -> None:
    """Where the time ends before anything is proven, the bound is the separate one; enumeration itself says so."""
    problem = random_problem(16, 16)
    assert bounds.joint(problem, 0.2) >= problem.bound()
    with pytest.raises(TooMany):
        enumerate_stages(problem.dp_pair_s, 16, problem.dp_pair_s.sum(), time.process_time() - 1)


def test_without_sites_it_is_half_as_much_again() -> None:
    """On distinct links in 4×8, in two CPU seconds; and it stays below what a good search finds."""
    problem = catalogue.load("generated/uniform?n=32&dp=4&seed=1")
    bound_s = bounds.joint(problem, 2.0)
    assert bound_s > 1.1 * problem.bound()
    rng = np.random.default_rng(0)
    assert bound_s < min(problem.cost(problem.random(rng)).total_s for _ in range(1000))
