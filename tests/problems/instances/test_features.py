"""Features say in numbers what an instance is like."""

import math
from dataclasses import asdict

import numpy as np
import pytest

from tasklet_bench.problems.allocation import AllocationProblem
from tasklet_bench.problems.instances import catalogue
from tasklet_bench.problems.instances.features import features, triangle_violations
from tasklet_bench.problems.topology import Site, Topology
from tasklet_bench.problems.workload import Shape, Workload


def test_features_of_the_worldwide_scenario() -> None:
    """Sites, classes, links and the paper's best heuristic come out as they are known."""
    result = features(catalogue.load("paper/worldwide"))
    assert (result.devices, result.data_parallel, result.pipeline_parallel) == (64, 8, 8)
    assert (result.sites, result.smallest_site, result.largest_site) == (8, 8, 8)
    assert result.device_classes == 8
    assert result.link_classes == 1 + 8 * 7 // 2
    assert result.symmetric
    assert 0 < result.gap_aligned < result.gap_site_pure < 1


def test_features_are_a_function_of_the_problem() -> None:
    """Computed twice, on a problem loaded twice, they are the same."""
    name = "generated/clustered?n=24&dp=4&seed=1&sites=3"
    assert features(catalogue.load(name)) == features(catalogue.load(name))


def test_a_directed_instance_is_not_symmetric() -> None:
    """Asymmetric bandwidths show."""
    assert not features(catalogue.load("measured/gcp4-hivemind-32")).symmetric


@pytest.mark.parametrize("shape", [Shape(4, 1), Shape(1, 4), Shape(1, 1)])
def test_degenerate_shapes_have_features(shape: Shape) -> None:
    """One stage, one replica or one device: every feature is still a number."""
    n = shape.n_devices
    topology = Topology((Site("s", n),), np.full((n, n), 0.01), np.full((n, n), 1e9))
    result = features(AllocationProblem("tiny", topology, Workload(1e6, 1e6), shape))
    assert result.triangle_violations == 0
    assert result.device_classes == 1
    assert not any(math.isnan(value) for value in asdict(result).values())


def test_equal_costs_are_a_smooth_plateau() -> None:
    """Where all swaps cost the same, ruggedness is 0."""
    assert features(catalogue.load("paper/spot")).ruggedness == 0


def test_triangle_violations_are_counted() -> None:
    """One slow pair of four devices, with a fast way round over either of the others, is 4 of 24."""
    delay_s = np.ones((4, 4))
    np.fill_diagonal(delay_s, 0)
    delay_s[0, 1] = delay_s[1, 0] = 3
    assert triangle_violations(delay_s) == pytest.approx(4 / 24)
    assert triangle_violations(np.where(delay_s > 2, 2, delay_s)) == 0


def test_large_instances_are_sampled() -> None:
    """At 1,024 devices features come from smaller samples, and are numbers all the same."""
    result = features(catalogue.load("generated/hierarchical?n=1024&dp=128&seed=1&host=8&rack=4&sites=8"))
    assert result.device_classes == 128
    assert 0 < result.gap_aligned < 1
