"""Classes of devices against all pairs of them: one cost, one grid and one bound, to the last bit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasklet_bench.problems import Shape, Site, Workload
from tasklet_bench.problems.allocation import Allocation, AllocationProblem, bounds
from tasklet_bench.problems.allocation.classes import DeviceClasses
from tasklet_bench.problems.allocation.kernels import evaluate_grid as dense_evaluate_grid
from tasklet_bench.problems.allocation.site_level import SiteLevelProblem, bound
from tasklet_bench.problems.allocation.site_level.evaluation import evaluate, evaluate_grid, write_grid
from tasklet_bench.problems.allocation.site_level.packing import MOST_ORDERED, pack_classes
from tasklet_bench.problems.instances import catalogue
from tasklet_bench.problems.instances.generated import farm
from tasklet_bench.problems.site_topology import SiteTopology

QUICK, LARGE = 128, 1024
"""Largest instances of the quick tier, and of the first part of the slow one."""
NAMES = catalogue.names()


def sized(least: int, most: int) -> list[str]:
    """Listed instances of so many devices."""
    return [name for name in NAMES if least < catalogue.shape(name).n_devices <= most]


def check_equal(problem: AllocationProblem) -> None:
    """All labels and grids tried cost the same by classes and by device, and so does the bound."""
    classes = DeviceClasses.find(problem)
    ready, rng = pack_classes(classes, problem.shape), np.random.default_rng(1)
    shape = (problem.shape.data_parallel, problem.shape.pipeline_parallel)
    starts = problem.starts()
    for labels in (problem.random(rng), starts["aligned"], starts["site-pure"]):
        assert evaluate(ready, labels) == tuple(problem.cost(labels).parts_s.values())
        grid = np.empty(shape, dtype=np.int64)
        write_grid(ready, labels, grid)
        np.testing.assert_array_equal(grid, problem.allocation(labels).grid)
        drawn = rng.permutation(problem.n_devices)[: problem.shape.n_devices].reshape(shape)
        for wired in (grid, drawn):
            cost = problem.cost(Allocation(wired, n_devices=problem.n_devices))
            assert evaluate_grid(ready, wired) == tuple(cost.parts_s.values())
    assert bound.separate(classes, problem.shape) == bounds.separate(
        problem.dp_pair_s, problem.pp_pair_s, problem.shape
    )


def test_costs_by_site_and_by_device_are_equal_on_listed_instances() -> None:
    """On every listed instance of up to 128 devices, labels, grids and bounds by classes equal the dense ones."""
    names = sized(0, QUICK)
    assert len(names) > 100
    for name in names:
        check_equal(catalogue.load(name))


@pytest.mark.slow
@pytest.mark.parametrize("name", sized(QUICK, 10 * LARGE))
def test_costs_by_site_and_by_device_are_equal_on_large_instances(name: str) -> None:
    """The same on every listed instance above, as far as links are kept by device."""
    problem = catalogue.load(name)
    if not isinstance(problem, SiteLevelProblem):
        check_equal(problem)


@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_a_problem_kept_by_site_is_the_same_problem(data: st.DataObject) -> None:
    """Cost, judge, bound and dearness of a site-level problem equal those of the expanded one, spares included."""
    sizes = data.draw(st.lists(st.integers(1, 9), min_size=1, max_size=8))
    n = sum(sizes)
    d = data.draw(st.integers(1, n))
    k = data.draw(st.integers(1, min(n // d, 14)))
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32)))
    shape = (len(sizes), len(sizes))
    links = SiteTopology(
        tuple(Site(f"s{i}", size) for i, size in enumerate(sizes)),
        rng.choice([0.001, 0.05, 0.2], shape),
        rng.choice([1e7, 3e8, 1e9], shape),
    )
    work, grid_shape = Workload(4e8, 1e8), Shape(d, k)
    by_site = SiteLevelProblem("by site", links, work, grid_shape)
    dense = AllocationProblem("by device", links.expanded(), work, grid_shape)
    labels = dense.random(rng)
    assert by_site.cost(labels) == dense.cost(labels)
    assert by_site.allocation(labels) == dense.allocation(labels)
    assert by_site.judge(labels) == dense.judge(labels)
    assert by_site.bound() == dense.bound()
    np.testing.assert_allclose(by_site.dearness(), dense.dearness(), rtol=1e-12)


def test_many_stages_cost_what_their_grid_does() -> None:
    """Above 256 stages labels cost what the grid does that they are written out as, by classes and by device."""
    links = farm.site_topology(2 * 300, 1, 20, 3)
    shape, work = Shape(2, 300), Workload(4e8, 1e8)
    assert shape.pipeline_parallel > MOST_ORDERED
    problem = SiteLevelProblem("deep", links, work, shape)
    dense = AllocationProblem("deep", links.expanded(), work, shape)
    labels = problem.random(np.random.default_rng(2))
    allocation = problem.allocation(labels)
    assert not problem.cost(labels).exact
    assert problem.cost(labels).total_s == problem.cost(allocation).total_s
    assert dense_evaluate_grid(dense.pack, allocation.grid.copy()) == tuple(problem.cost(labels).parts_s.values())
    assert problem.judge(labels).total_s == pytest.approx(problem.cost(labels).total_s, rel=1e-12)
    numbered = problem.wire_in_order(labels)
    np.testing.assert_array_equal(numbered.labels, labels)
    assert problem.cost(labels).total_s <= problem.cost(numbered).total_s
