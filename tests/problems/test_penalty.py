"""A failure costs as much as not searching at all."""

from __future__ import annotations

import numpy as np
import pytest

from tasklet_bench.problems import Shape, Workload
from tasklet_bench.problems.allocation import Allocation, AllocationProblem, cost_model
from tasklet_bench.problems.allocation.penalty import penalty_s
from tasklet_bench.problems.instances import catalogue


def _by_the_book(problem: AllocationProblem) -> float:
    d, k = problem.shape.data_parallel, problem.shape.pipeline_parallel
    draws = np.random.Generator(np.random.PCG64(0)).random((1000, d * k))
    grids = [np.argsort(row, kind="stable").reshape(d, k) for row in draws]
    megatron = np.array([[stage * d + replica for stage in range(k)] for replica in range(d)])
    costs_s = [
        cost_model.grid_cost(problem.dp_pair_s, problem.pp_pair_s, Allocation(grid).grid).total_s
        for grid in [megatron, *grids]
    ]
    return max(costs_s[0], float(np.mean(costs_s[1:])))


@pytest.mark.parametrize(("d", "k"), [(8, 8), (3, 4), (1, 5), (5, 1), (2, 1), (16, 16)])
def test_it_is_the_larger_of_megatron_and_the_mean_of_random_grids(d: int, k: int, random_problem) -> None:
    """All at once gives what one by one gives."""
    problem = random_problem(d, k)
    assert penalty_s(problem) == pytest.approx(_by_the_book(problem), rel=1e-12)


def test_known_values() -> None:
    """The means of random grids on the paper's scenarios; Megatron's order is dearer in none of them."""
    result = {name: penalty_s(catalogue.load(f"paper/{name}")) for name in ("regional", "worldwide")}
    assert result == pytest.approx({"regional": 61.0, "worldwide": 171.7}, rel=2e-3)


def test_megatron_counts_where_it_is_worse_than_chance(random_problem) -> None:
    """On a problem where stages of neighbours are the worst choice, its cost is the penalty."""
    problem = random_problem(2, 2)
    delay_s = np.zeros((4, 4))
    delay_s[0, 1] = delay_s[1, 0] = delay_s[2, 3] = delay_s[3, 2] = 10.0
    topology = type(problem.topology)(problem.sites, delay_s, problem.topology.bandwidth_bytes_s)
    hostile = AllocationProblem("hostile", topology, Workload(1.0, 1.0), Shape(2, 2))
    megatron = Allocation(np.array([[0, 2], [1, 3]]))
    assert penalty_s(hostile) == pytest.approx(hostile.cost(megatron).total_s)
