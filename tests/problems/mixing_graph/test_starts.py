"""Baselines, random graphs, neighbours and repairs."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasklet_bench.problems.families import load
from tasklet_bench.problems.mixing_graph.tour import short_tour

from .conftest import Maker


@given(st.integers(1, 30), st.integers(0, 2**32), st.integers(4, 7), st.sampled_from([1, 2, 3]))
@settings(max_examples=40)
def test_random_graphs_and_baselines_are_valid(make: Maker, n: int, seed: int, degree: int, clusters: int) -> None:
    """The judge accepts them at any size, with all of the reference's connectivity demanded."""
    problem = make(n, seed, degree=degree, clusters=min(n, clusters), connectivity_factor=1.0)
    problem.judge(problem.random(np.random.Generator(np.random.PCG64(seed))))
    graphs = problem.starts()
    assert "circulant-on-tour" in graphs
    for edges in graphs.values():
        problem.judge(edges)


@given(st.integers(6, 20), st.integers(0, 2**32))
@settings(max_examples=20)
def test_repair_gives_valid_graphs_that_hold_the_edges(make: Maker, n: int, seed: int) -> None:
    """Edges are only added."""
    problem = make(n, seed, degree=6)
    edges = problem.decision.sample(np.random.Generator(np.random.PCG64(seed)))
    repaired = problem.repair(edges)
    if repaired is not None:
        problem.judge(repaired)
        assert {tuple(edge) for edge in edges.tolist()} <= {tuple(edge) for edge in repaired.tolist()}


@pytest.mark.parametrize(
    ("name", "grown_s"),
    [
        ("measured/aws10-uneven-64", 10.216),
        ("measured/residential-20?degree=4", 728.05),
        ("measured/gcp4-hivemind-32?clusters=2&connectivity=0.8", 37.170),
    ],
)
def test_grown_graphs_cost_what_was_measured(name: str, grown_s: float) -> None:
    """To the digits that were written down."""
    problem = load(f"mixing-graph/{name}")
    assert problem.cost(problem.starts()["grown"]).total_s == pytest.approx(grown_s, rel=1e-4)


@given(st.integers(1, 12), st.integers(0, 2**32))
@settings(max_examples=20)
def test_tours_visit_everything_once_and_no_reversal_helps(n: int, seed: int) -> None:
    """Of a symmetric matrix."""
    seconds = np.random.Generator(np.random.PCG64(seed)).random((n, n))
    seconds += seconds.T
    order = short_tour(seconds)
    assert sorted(order.tolist()) == list(range(n))
    length = _length(seconds, order)
    for first in range(n):
        for last in range(first + 1, n):
            turned = np.concatenate([order[:first], order[first : last + 1][::-1], order[last + 1 :]])
            assert _length(seconds, turned) >= length * (1 - 1e-9)


def _length(seconds: np.ndarray, order: np.ndarray) -> float:  # type: ignore[type-arg]
    return float(seconds[order, np.roll(order, -1)].sum())
