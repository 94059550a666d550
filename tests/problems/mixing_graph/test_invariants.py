"""What must hold for every graph, whatever the network."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tasklet_bench.problems.collective.devices import Devices
from tasklet_bench.problems.collective.network import Network
from tasklet_bench.problems.mixing_graph import MixingGraphProblem
from tasklet_bench.problems.mixing_graph.reference import circulant
from tasklet_bench.problems.topology import Site, Topology
from tasklet_bench.problems.workload import Transformer

from .conftest import Maker

OVERLAPS = st.sampled_from(["none", "backward", "delayed"])
SEEDS = st.integers(0, 2**32)


def _changed(
    problem: MixingGraphProblem, delay: object = 1.0, bandwidth: object = 1.0, speed: object = 1.0
) -> MixingGraphProblem:
    """The same rules with links and devices multiplied by factors."""
    topology, devices = problem.network.topology, problem.network.devices
    changed = replace(
        topology, delay_s=topology.delay_s * delay, bandwidth_bytes_s=topology.bandwidth_bytes_s * bandwidth
    )
    network = Network("changed", changed, Devices(devices.flops_s * speed, devices.memory_bytes), problem.network.model)
    return MixingGraphProblem("changed", network, problem.options)


def _case(
    make: Maker, seed: int, overlap: str, n: int = 10
) -> tuple[MixingGraphProblem, NDArray[np.int64], np.random.Generator]:
    rng = np.random.Generator(np.random.PCG64(seed))
    clusters = int(rng.integers(1, 3))
    problem = make(n, seed, degree=5, clusters=clusters, overlap=overlap, local_steps=9)
    return problem, problem.random(rng), rng


@given(SEEDS, OVERLAPS)
@settings(max_examples=25)
def test_renaming_devices_within_clusters_changes_nothing(make: Maker, seed: int, overlap: str) -> None:
    """Devices, links and graph renamed alike cost the same."""
    problem, edges, rng = _case(make, seed, overlap)
    name = np.arange(problem.n_devices)
    for members in problem.clusters:
        name[members] = rng.permutation(members)
    back = np.argsort(name)
    topology, devices = problem.network.topology, problem.network.devices
    renamed = Topology(
        topology.sites, topology.delay_s[np.ix_(back, back)], topology.bandwidth_bytes_s[np.ix_(back, back)]
    )
    network = Network(
        "renamed", renamed, Devices(devices.flops_s[back], devices.memory_bytes[back]), problem.network.model
    )
    other = MixingGraphProblem("renamed", network, problem.options)
    assert other.cost(np.sort(name[edges], axis=1)).total_s == pytest.approx(problem.cost(edges).total_s, rel=1e-12)


@given(SEEDS, OVERLAPS)
@settings(max_examples=25)
def test_edges_in_any_order_cost_the_same(make: Maker, seed: int, overlap: str) -> None:
    """The order of edges means nothing."""
    problem, edges, rng = _case(make, seed, overlap)
    assert problem.cost(rng.permutation(edges)).total_s == pytest.approx(problem.cost(edges).total_s, rel=1e-12)


@given(SEEDS, OVERLAPS)
@settings(max_examples=25)
def test_another_edge_never_makes_it_cheaper(make: Maker, seed: int, overlap: str) -> None:
    """So good graphs have no edge to spare."""
    problem, edges, _ = _case(make, seed, overlap)
    degrees = np.bincount(edges.ravel(), minlength=problem.n_devices)
    there = {tuple(edge) for edge in edges.tolist()}
    free = [
        (i, j)
        for i in range(problem.n_devices)
        for j in range(i + 1, problem.n_devices)
        if (i, j) not in there and max(degrees[i], degrees[j]) < problem.options.degree
    ]
    for edge in free[:5]:
        more = np.vstack([edges, [edge]])
        assert problem.cost(more).total_s >= problem.cost(edges).total_s * (1 - 1e-12)


@given(SEEDS, OVERLAPS)
@settings(max_examples=25)
def test_slower_links_and_devices_never_make_it_cheaper(make: Maker, seed: int, overlap: str) -> None:
    """More delay, less bandwidth, or slower computing, of some links and devices."""
    problem, edges, rng = _case(make, seed, overlap)
    n = problem.n_devices
    cost_s = problem.cost(edges).total_s * (1 - 1e-12)
    assert _changed(problem, delay=1 + rng.random((n, n))).cost(edges).total_s >= cost_s
    assert _changed(problem, bandwidth=1 / (1 + rng.random((n, n)))).cost(edges).total_s >= cost_s
    assert _changed(problem, speed=1 / (1 + rng.random(n))).cost(edges).total_s >= cost_s


@given(SEEDS, OVERLAPS, st.floats(0.01, 100))
@settings(max_examples=25)
def test_all_seconds_scale_the_cost(make: Maker, seed: int, overlap: str, factor: float) -> None:
    """Everything so many times slower takes so many times as long."""
    problem, edges, _ = _case(make, seed, overlap)
    slower = _changed(problem, factor, 1 / factor, 1 / factor)
    assert slower.cost(edges).total_s == pytest.approx(factor * problem.cost(edges).total_s, rel=1e-9)


@given(SEEDS)
@settings(max_examples=25)
def test_more_overlap_is_never_dearer(make: Maker, seed: int) -> None:
    """None takes at least as long as backward, and that at least as long as delayed."""
    problem, edges, _ = _case(make, seed, "none")
    costs_s = [
        replace(problem, options=problem.options.model_copy(update={"overlap": overlap})).cost(edges).total_s
        for overlap in ("none", "backward", "delayed")
    ]
    assert costs_s[0] >= costs_s[1] * (1 - 1e-12)
    assert costs_s[1] >= costs_s[2] * (1 - 1e-12)


@pytest.mark.parametrize("overlap", ["none", "backward", "delayed"])
def test_equal_links_and_a_regular_graph_have_a_closed_form(make: Maker, overlap: str) -> None:
    """With d neighbours each: c + α + d·P/β without overlap."""
    n, delay_s, bandwidth = 12, 0.25, 1e8
    topology = Topology((Site("all", n),), np.full((n, n), delay_s), np.full((n, n), bandwidth))
    network = Network("equal", topology, Devices(np.full(n, 1e13), np.full(n, 16e9)), Transformer(2, 256, 128, 64))
    options = make(n, degree=4, overlap=overlap, local_steps=40).options
    problem = MixingGraphProblem("equal", network, options)
    cost = problem.cost(circulant(n, (1, 2)))
    compute_s, exchange_s = float(problem.compute_s[0]), delay_s + 4 * problem.message_bytes / bandwidth
    expected_s = {
        "none": compute_s + exchange_s,
        "backward": max(compute_s, compute_s / 3 + exchange_s),
        "delayed": max(compute_s, exchange_s),
    }[overlap]
    assert cost.total_s == pytest.approx(expected_s, rel=1e-12)
    assert sum(cost.parts_s.values()) == cost.total_s
