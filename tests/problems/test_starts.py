"""Allocations that take no search."""

from __future__ import annotations

import numpy as np

from tasklet_bench.problems.allocation import Allocation
from tasklet_bench.problems.instances import catalogue


def test_an_allocation_problem_names_its_starts(random_problem) -> None:
    """All are members, whatever the shape, and cost something."""
    for shape in ((2, 3), (1, 4), (4, 1), (1, 1)):
        problem = random_problem(*shape)
        starts = problem.starts()
        assert list(starts) == ["megatron", "aligned", "site-pure", "compact-clusters", "dealt-clusters"]
        assert all(problem.cost(start).total_s >= problem.bound() * (1 - 1e-12) for start in starts.values())


def test_starts_are_the_baselines_of_the_field() -> None:
    """On the paper's worldwide scenario: Megatron's grid by hand, and clusters that find the sites."""
    problem = catalogue.load("paper/worldwide")
    starts = problem.starts()
    assert starts["megatron"] == Allocation(np.arange(64).reshape(8, 8).T)
    pure, compact = (problem.cost(starts[name]).total_s for name in ("site-pure", "compact-clusters"))
    assert compact <= pure * 1.0001
