"""Planted instances: the plant is optimal, and that is proven by what the bounds say."""

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasklet_bench.problems.allocation import Allocation, structure
from tasklet_bench.problems.instances import catalogue

WORKLOADS = ["", "&pp_scale=0.1", "&pp_scale=3", "&workload=gpt3-xl-reference&pp_scale=20"]
LURES = ["site-pure", "aligned"]


def _name(d: int, k: int, seed: int, rest: str = "") -> str:
    return f"generated/planted?n={d * k}&dp={d}&seed={seed}{rest}"


@given(
    d=st.integers(3, 9),
    k=st.integers(1, 9),
    seed=st.integers(0, 10**6),
    decoys=st.integers(0, 8),
    lure=st.sampled_from(["site-pure", "aligned"]),
    workload=st.sampled_from(WORKLOADS),
)
def test_the_plant_meets_the_bound(d: int, k: int, seed: int, decoys: int, lure: str, workload: str) -> None:
    """The planted allocation costs what the problem's own lower bound says, as it is wired: it is optimal."""
    name = _name(d, k, seed, f"&decoys={decoys}&lure={lure}{workload}")
    problem, plant = catalogue.load(name), catalogue.planted_optimum(name)
    assert plant is not None
    assert problem.cost(plant).total_s == pytest.approx(problem.bound(), rel=1e-9)


@given(d=st.integers(3, 8), k=st.integers(2, 8), seed=st.integers(0, 10**6), workload=st.sampled_from(WORKLOADS))
def test_the_construction_is_what_its_proof_needs(d: int, k: int, seed: int, workload: str) -> None:
    """Planted groups pay the smallest gradient cost of all pairs, planted wires the smallest activation cost."""
    name = _name(d, k, seed, workload)
    problem = catalogue.load(name)
    grid = catalogue.planted_optimum(name).grid
    upper = np.triu_indices(d * k, k=1)
    w, p = problem.dp_pair_s[upper].min(), problem.pp_pair_s[upper].min()
    for group in grid.T:
        assert (problem.dp_pair_s[np.ix_(group, group)][~np.eye(d, dtype=bool)] == w).all()
        assert (problem.pp_pair_s[np.ix_(group, group)][~np.eye(d, dtype=bool)] > p).all()
    assert (problem.pp_pair_s[grid[:, :-1], grid[:, 1:]] == p).all()
    assert (problem.dp_pair_s[grid[:, :-1], grid[:, 1:]] > w).all()


@pytest.mark.parametrize(("d", "k", "seeds"), [(2, 3, 25), (3, 2, 25), (2, 4, 25), (3, 3, 20), (4, 3, 5)])
def test_no_partition_is_better(d: int, k: int, seeds: int) -> None:
    """On a hundred tiny instances, every partition there is costs at least as much as the plant."""
    partitions = list(_partitions(d, k))
    for seed in range(seeds):
        name = _name(d, k, seed, f"&decoys={seed % 4}&lure={LURES[seed % 2]}{WORKLOADS[seed % 3 % 2]}")
        problem, plant = catalogue.load(name), catalogue.planted_optimum(name)
        best = min(problem.cost(labels).total_s for labels in partitions)
        assert best == pytest.approx(problem.cost(plant).total_s, rel=1e-9)


@pytest.mark.parametrize("seed", range(3))
def test_declared_sites_lure(seed: int) -> None:
    """A heuristic that reads the sites is led to the optimum of one part of the cost, far from that of the other."""
    for lure, right, wrong in (
        ("site-pure", "data_parallel_s", "pipeline_s"),
        ("aligned", "pipeline_s", "data_parallel_s"),
    ):
        problem = catalogue.load(_name(8, 8, seed, f"&decoys=1&lure={lure}"))
        optimum = problem.cost(catalogue.planted_optimum(problem.name)).parts_s
        labels = {
            "site-pure": structure.site_pure(problem.sites, problem.group_sizes),
            "aligned": structure.aligned(problem.group_sizes),
        }[lure]
        lured = problem.cost(labels).parts_s
        assert lured[right] == pytest.approx(optimum[right], rel=0.1)
        assert lured[wrong] > 1.1 * optimum[wrong]


def test_only_untouched_plants_are_said_to_be_optimal() -> None:
    """A wrapper that could move the optimum, or renumbers devices, takes the claim away; other instances have none."""
    plain = _name(4, 6, 1)
    assert catalogue.planted_optimum(plain) is not None
    for query in ("noise=0.1", "asymmetry=0.1", "failed_links=1", "delay=one-way", "relabel=yes"):
        assert catalogue.planted_optimum(f"{plain}&{query}") is None
    assert catalogue.planted_optimum("paper/worldwide") is None


def test_a_plant_is_proven_at_1024_devices() -> None:
    """The construction holds at sizes where nothing can be proven otherwise."""
    name = _name(32, 32, 3)
    problem = catalogue.load(name)
    assert problem.cost(catalogue.planted_optimum(name)).total_s == pytest.approx(problem.bound(), rel=1e-9)


def test_an_allocation_is_wired_as_planted() -> None:
    """The planted allocation is a grid of all devices at the problem's shape."""
    plant = catalogue.planted_optimum(_name(4, 6, 2))
    assert isinstance(plant, Allocation)
    assert plant.grid.shape == (4, 6)


def _partitions(d: int, k: int, labels: tuple[int, ...] = ()) -> Iterator[np.ndarray]:
    """Every partition into k groups of d, once: groups are numbered by their first device."""
    if len(labels) == d * k:
        yield np.array(labels)
        return
    for group in range(min(max(labels, default=-1) + 2, k)):
        if labels.count(group) < d:
            yield from _partitions(d, k, (*labels, group))
