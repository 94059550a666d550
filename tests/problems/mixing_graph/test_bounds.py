"""No valid graph is cheaper than a bound, and enumeration finds the best one."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasklet_bench.problems.candidate import InvalidCandidate
from tasklet_bench.problems.families import load
from tasklet_bench.problems.mixing_graph import MixingGraphProblem
from tasklet_bench.problems.mixing_graph.enumeration import optimum

from .conftest import Maker


@given(st.integers(2, 5), st.integers(0, 2**32), st.sampled_from(["none", "backward", "delayed"]))
@settings(max_examples=25)
def test_the_bound_is_below_the_optimum(make: Maker, n: int, seed: int, overlap: str) -> None:
    """On tiny instances, with one cluster or two, and a share of the connectivity that is drawn."""
    rng = np.random.Generator(np.random.PCG64(seed))
    clusters, degree = int(rng.integers(1, 3)), int(rng.integers(4, 6))
    share = float(0.05 + 0.95 * rng.random())
    problem = make(n, seed, degree=degree, clusters=clusters, connectivity_factor=share, overlap=overlap, local_steps=9)
    edges, period_s = optimum(problem)
    assert problem.judge(edges).total_s == pytest.approx(period_s, rel=1e-12)
    assert problem.bound() <= period_s * (1 + 1e-12)


@pytest.mark.parametrize("seed", range(3))
def test_enumeration_agrees_with_plain_enumeration(make: Maker, seed: int) -> None:
    """All graphs on four devices, each scored by the judge."""
    problem = make(4, seed, degree=3, connectivity_factor=0.9)
    pairs = list(itertools.combinations(range(4), 2))
    costs_s = []
    for size in range(len(pairs) + 1):
        for edges in itertools.combinations(pairs, size):
            try:
                costs_s.append(problem.judge(np.array(edges, dtype=np.int64).reshape(-1, 2)).total_s)
            except InvalidCandidate:
                continue
    assert optimum(problem)[1] == pytest.approx(min(costs_s), rel=1e-12)


def test_enumeration_refuses_more_devices(make: Maker) -> None:
    """Seven devices have two million graphs."""
    with pytest.raises(ValueError, match="at most 6"):
        optimum(make(7))


@given(st.integers(7, 40), st.integers(0, 2**32), st.sampled_from([1, 3]))
@settings(max_examples=20)
def test_the_bound_is_below_the_baselines(make: Maker, n: int, seed: int, clusters: int) -> None:
    """On larger instances it is below whatever there is."""
    problem: MixingGraphProblem = make(n, seed, degree=6, clusters=clusters)
    for edges in problem.starts().values():
        assert problem.bound() <= problem.judge(edges).total_s


@pytest.mark.parametrize(
    ("name", "stated_s"),
    [
        ("measured/aws10-uneven-64", 3.05),
        ("measured/residential-20?degree=4", 242.5),
        ("measured/gcp4-hivemind-32?clusters=2&connectivity=0.8", 8.355),
        ("measured/planetlab-128?first=64&degree=4&connectivity=1", 9.755),
        ("measured/sky-3metro-3cloud-72?clusters=4&overlap=none&model=gpt3-xl", 8.985),
    ],
)
def test_bounds_of_measured_instances(name: str, stated_s: float) -> None:
    """They are no lower than those of sites, degrees and plain spanning trees."""
    assert load(f"mixing-graph/{name}").bound() >= stated_s
