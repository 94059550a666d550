"""Hierarchical clustering of the links."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasklet_bench.problems import Shape, Site, Topology, Workload
from tasklet_bench.problems.allocation import AllocationProblem
from tasklet_bench.problems.problem import Candidate
from tasklet_bench.strategies.baselines.clustering import Clustering


class Scored:
    """A run without a budget that keeps every candidate."""

    exhausted = False

    def __init__(self, problem: AllocationProblem) -> None:
        self._problem = problem
        self.candidates: list[Candidate] = []

    def evaluate(self, candidate: Candidate) -> float:
        """Score and keep."""
        self.candidates.append(candidate)
        return self._problem.cost(candidate).total_s


@pytest.mark.parametrize("linkage", ["single", "average", "complete"])
def test_sites_are_found_in_the_links(linkage: str) -> None:
    """Four sites of four devices that nobody declared: compact groups are the sites, dealt ones take one of each."""
    site_of = np.random.default_rng(1).permutation(np.repeat(np.arange(4), 4))
    run = Scored(_problem_of_sites(site_of))
    Clustering(linkage=linkage).search(run._problem, run, np.random.default_rng(0))
    compact, dealt = run.candidates
    assert all(len(set(site_of[compact == group])) == 1 for group in range(4))
    assert all(len(set(site_of[dealt == group])) == 4 for group in range(4))


def test_the_optimum_of_tiny_problems_is_never_undercut(tiny_excesses: Any) -> None:
    """Without sites in the links, two guesses cost less than twice the optimum in at least half of them."""
    excesses = tiny_excesses(Clustering(), evaluations=2)
    assert min(excesses) > -1e-12
    assert sum(excess < 1 for excess in excesses) >= 5


@settings(max_examples=30)
@given(data=st.data(), linkage=st.sampled_from(["single", "average", "complete"]))
def test_odd_shapes_are_clustered(searched: Any, odd_problems: Any, data: st.DataObject, linkage: str) -> None:
    """Two evaluations, whatever the shape and the links, and none beyond the budget."""
    problem = data.draw(odd_problems)
    result = searched(Clustering(linkage=linkage), problem, evaluations=10)
    assert result.meter.evaluations == 2
    assert problem.cost(result.candidate).total_s == result.cost_s
    assert searched(Clustering(linkage=linkage), problem, evaluations=1).meter.evaluations == 1


def test_256_devices_give_the_pinned_result(searched: Any, random_problem: Any) -> None:
    """No seed makes a difference, and the cost is the one written down here."""
    problem = random_problem(16, 16)
    runs = [searched(Clustering(), problem, seed, evaluations=2) for seed in range(2)]
    assert runs[0].curve == runs[1].curve
    assert runs[0].curve == [(1, pytest.approx(33.442228439247415, rel=1e-9))]


def _problem_of_sites(site_of: np.ndarray) -> AllocationProblem:
    n = len(site_of)
    inside = site_of[:, None] == site_of
    between_s = 0.05 + 0.01 * np.abs(np.subtract.outer(site_of, site_of))
    topology = Topology(
        tuple(Site(f"device {i}", 1) for i in range(n)), np.where(inside, 0.001, between_s), np.where(inside, 1e9, 1e8)
    )
    return AllocationProblem("sites", topology, Workload(6e8, 5e8), Shape(4, n // 4))
