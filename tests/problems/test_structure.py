"""The two partitions that the declared sites suggest, and devices that no cost tells apart."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasklet_bench.problems.allocation import structure
from tasklet_bench.problems.instances import catalogue
from tasklet_bench.problems.topology import Site, site_index


def _sites(sizes: list[int]) -> tuple[Site, ...]:
    return tuple(Site(f"s{i}", size) for i, size in enumerate(sizes))


SIZES = st.lists(st.integers(1, 12), min_size=1, max_size=8)


@given(sizes=SIZES, data=st.data())
def test_both_partitions_are_balanced(sizes: list[int], data) -> None:
    """Whatever the sites, every group gets its size."""
    n = sum(sizes)
    d = data.draw(st.sampled_from([d for d in range(1, n + 1) if n % d == 0]))
    groups = (d,) * (n // d)
    for labels in (structure.aligned(groups), structure.site_pure(_sites(sizes), groups)):
        assert np.array_equal(np.bincount(labels, minlength=n // d), groups)


@given(sizes=SIZES, data=st.data())
def test_aligned_spreads_every_site_evenly(sizes: list[int], data) -> None:
    """A site's devices differ by at most one between any two groups."""
    n = sum(sizes)
    d = data.draw(st.sampled_from([d for d in range(1, n + 1) if n % d == 0]))
    labels, site_of = structure.aligned((d,) * (n // d)), site_index(_sites(sizes))
    for site in range(len(sizes)):
        spread = np.bincount(labels[site_of == site], minlength=n // d)
        assert spread.max() - spread.min() <= 1


def test_aligned_respects_uneven_groups() -> None:
    """Groups of different sizes are dealt to until they are full."""
    assert structure.aligned((1, 3, 2)).tolist() == [0, 1, 2, 1, 2, 1]


@given(sizes=SIZES, d=st.integers(1, 6))
def test_site_pure_mixes_no_more_groups_than_it_must(sizes: list[int], d: int) -> None:
    """As many groups stay inside one site as site sizes allow."""
    sizes = [*sizes, -sum(sizes) % d] if sum(sizes) % d else sizes
    labels, site_of = structure.site_pure(_sites(sizes), (d,) * (sum(sizes) // d)), site_index(_sites(sizes))
    pure = sum(np.unique(site_of[labels == group]).size == 1 for group in range(sum(sizes) // d))
    assert pure >= sum(size // d for size in sizes)


@pytest.mark.parametrize(
    ("name", "classes"),
    [
        ("paper/datacentre", [8] * 8),
        ("paper/spot", [4] * 8 + [32]),
        ("paper/worldwide", [8] * 8),
        ("paper/worldwide?relabel=yes", [8] * 8),
        ("measured/aws10-uneven-64", [13, 11, 9, 7, 6, 3, 2, 5, 5, 3]),
        ("measured/planetlab-128", [1] * 128),
    ],
)
def test_interchangeable_devices_are_found_from_the_matrices(name: str, classes: list[int]) -> None:
    """Classes come out whether or not sites declare them, and single devices of many sites form one class."""
    problem = catalogue.load(name)
    result = structure.interchangeable(problem.dp_pair_s, problem.pp_pair_s)
    assert sorted(np.bincount(result)) == sorted(classes)


def test_interchangeable_means_that_a_swap_changes_nothing() -> None:
    """On small random matrices with few values, two devices are in one class iff swapping them keeps the matrix."""
    rng = np.random.default_rng(4)
    alike = 0
    for _ in range(200):
        upper = np.triu(rng.integers(1, 3, (5, 5)), k=1).astype(np.float64)
        matrix = upper + upper.T
        result = structure.interchangeable(matrix)
        for a, b in itertools.combinations(range(5), 2):
            order = np.arange(5)
            order[[a, b]] = order[[b, a]]
            same = np.array_equal(matrix[np.ix_(order, order)], matrix)
            alike += same
            assert same == (result[a] == result[b])
    assert alike > 100
