"""Starts of problems kept by site: those of the dense form, but for clusters, which are of sites there."""

from __future__ import annotations

import numpy as np

from tasklet_bench.problems import Shape, Workload
from tasklet_bench.problems.allocation import Allocation, AllocationProblem
from tasklet_bench.problems.allocation.site_level import SiteLevelProblem
from tasklet_bench.problems.instances.generated import farm

WORK, SHAPE = Workload(4e8, 1e8), Shape(8, 12)


def both_forms(n_devices: int) -> tuple[SiteLevelProblem, AllocationProblem]:
    """One farm, kept by site and by device."""
    links = farm.site_topology(n_devices, 3, 7, 3)
    return SiteLevelProblem("farm", links, WORK, SHAPE), AllocationProblem("farm", links.expanded(), WORK, SHAPE)


def test_starts_that_read_sites_are_those_of_the_dense_form() -> None:
    """Megatron's order, aligned and site-pure stages are the same in both forms, with spares and without."""
    for n_devices in (SHAPE.n_devices, SHAPE.n_devices + 5):
        by_site, dense = (problem.starts() for problem in both_forms(n_devices))
        assert list(by_site) == list(dense)
        assert by_site["megatron"] == dense["megatron"]
        for name in ("aligned", "site-pure"):
            np.testing.assert_array_equal(by_site[name], dense[name])


def test_clusters_of_sites_are_allocations() -> None:
    """Both ways to cut the tree over sites use D·K devices, leave out the costliest, and beat random labels."""
    problem, _ = both_forms(SHAPE.n_devices + 5)
    rng = np.random.default_rng(0)
    random_s = np.mean([problem.cost(problem.random(rng)).total_s for _ in range(20)])
    spared = np.argsort(problem.dearness(), kind="stable")[SHAPE.n_devices :]
    for name in ("compact-clusters", "dealt-clusters"):
        labels = problem.starts()[name]
        assert not isinstance(labels, Allocation)
        assert sorted(np.flatnonzero(labels == SHAPE.pipeline_parallel)) == sorted(spared)
        assert problem.cost(labels).total_s < random_s


def test_compact_clusters_keep_sites_together() -> None:
    """Along the tree's leaves the devices of a site stand next to each other, so that few stages mix many sites."""
    problem, _ = both_forms(SHAPE.n_devices)
    labels = problem.starts()["compact-clusters"]
    assert not isinstance(labels, Allocation)
    counts = problem.classes.counts(np.asarray(labels), SHAPE.pipeline_parallel)
    assert np.count_nonzero(counts) <= SHAPE.pipeline_parallel + problem.classes.n_classes - 1
