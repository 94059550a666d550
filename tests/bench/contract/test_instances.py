"""The instances of the contract are as odd, and as easy, as their clauses say."""

from __future__ import annotations

import numpy as np
import pytest

from tasklet_bench.bench.contract.instances import ALLOCATION
from tasklet_bench.problems.allocation import AllocationProblem
from tasklet_bench.problems.instances import catalogue
from tasklet_bench.problems.workload import Shape

FAILED_TIMES_SLOWER = 1e6


def _odd(kind: str) -> AllocationProblem:
    return catalogue.load(ALLOCATION.odd[kind])


def test_shapes_are_odd() -> None:
    """One pipeline, one stage, and two devices."""
    assert _odd("one-replica").shape.data_parallel == 1
    assert _odd("one-stage").shape.pipeline_parallel == 1
    assert _odd("two-devices").shape == Shape(1, 2)


def test_all_links_are_equal() -> None:
    """In delay and bandwidth."""
    links = _odd("equal-links").topology
    off_diagonal = ~np.eye(links.n_devices, dtype=bool)
    assert len(np.unique(links.delay_s[off_diagonal])) == 1
    assert len(np.unique(links.bandwidth_bytes_s[off_diagonal])) == 1


def test_one_link_is_a_million_times_slower() -> None:
    """Than it would be without the failure; no other is."""
    whole = catalogue.load(ALLOCATION.odd["one-slow-link"].replace("&failed_links=1", ""))
    upper = np.triu_indices(whole.topology.n_devices, k=1)
    ratio = whole.topology.bandwidth_bytes_s[upper] / _odd("one-slow-link").topology.bandwidth_bytes_s[upper]
    assert sorted(np.round(ratio))[-2:] == [1, FAILED_TIMES_SLOWER]


def test_site_sizes_fit_neither_d_nor_k() -> None:
    """Neither can every site hold whole groups, nor whole pipelines."""
    problem = _odd("uneven-sites")
    sizes = np.array([site.devices for site in problem.sites])
    assert (sizes % problem.shape.data_parallel).any()
    assert (sizes % problem.shape.pipeline_parallel).any()


def test_links_are_directed() -> None:
    """Bandwidths differ with the direction."""
    bandwidth = _odd("directed-links").topology.bandwidth_bytes_s
    assert not np.allclose(bandwidth, bandwidth.T)


@pytest.mark.parametrize("name", [ALLOCATION.planted, ALLOCATION.easy])
def test_the_planted_optimum_is_the_bound(name: str) -> None:
    """So that a bound above it is false for sure."""
    problem, optimum = catalogue.load(name), catalogue.planted_optimum(name)
    assert optimum is not None
    assert problem.cost(optimum).total_s == pytest.approx(problem.bound(), rel=1e-9)


@pytest.mark.parametrize("name", [ALLOCATION.plain, ALLOCATION.provable, *ALLOCATION.odd.values()])
def test_names_are_canonical(name: str) -> None:
    """A run is found again by the name that is shown."""
    assert catalogue.canonical_name(name) == name
