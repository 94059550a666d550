"""The order of the groups: exact up to 12, an upper bound above, certified where it is final."""

from __future__ import annotations

from itertools import pairwise, permutations

import numpy as np
import pytest

from tasklet_bench.problems.allocation import cost_model
from tasklet_bench.problems.allocation.certify import certified_allocation, certified_order, one_tree_bound
from tasklet_bench.problems.allocation.kernels.ordering.held_karp import best_order, path_tables, shortest_path_s


def lengths(k: int, seed: int, classes: int = 0) -> np.ndarray:
    """Symmetric lengths, from a few classes if asked to."""
    rng = np.random.default_rng(seed)
    length_s = rng.uniform(0.1, 1, (k, k))
    if classes:
        length_s = np.ceil(length_s * classes)
    return np.triu(length_s, 1) + np.triu(length_s, 1).T


def ordered(length_s: np.ndarray) -> tuple[np.ndarray, float]:
    """The kernels' order and its length."""
    tables = path_tables(len(length_s))
    tables.length_s[:, : len(length_s)] = length_s
    order = np.zeros(len(length_s), dtype=np.int64)
    path_s = best_order(tables, order)
    assert shortest_path_s(tables, np.zeros_like(order)) == path_s
    assert sorted(order.tolist()) == list(range(len(length_s)))
    assert path_s == pytest.approx(length_s[order[:-1], order[1:]].sum(), rel=1e-12)
    return order, path_s


@pytest.mark.parametrize("k", range(1, 8))
def test_the_order_is_the_best_of_all(k: int) -> None:
    """Up to 7 groups, no permutation is shorter."""
    for seed in range(5):
        length_s = lengths(k, seed)
        best = min(sum(length_s[a, b] for a, b in pairwise(p)) for p in permutations(range(k)))
        assert ordered(length_s)[1] == pytest.approx(best, rel=1e-12)


@pytest.mark.parametrize("k", [8, 9, 10, 11, 12])
def test_the_order_equals_held_karp(k: int) -> None:
    """Up to 12 groups, the two halves that meet are as short as the cost model's path, with ties and without."""
    for classes in (0, 3):
        length_s = lengths(k, k, classes)
        order = cost_model.shortest_path(length_s)
        assert ordered(length_s)[1] == pytest.approx(length_s[order[:-1], order[1:]].sum(), rel=1e-12)


@pytest.mark.parametrize("k", [13, 16, 32])
def test_the_local_search_is_deterministic_and_near_the_bound(k: int) -> None:
    """Above 12 groups, the same lengths give the same order, at most 10 % above a proven bound."""
    length_s = lengths(k, k)
    order, path_s = ordered(length_s)
    assert order.tolist() == ordered(length_s)[0].tolist()
    assert one_tree_bound(length_s, path_s) <= path_s <= 1.1 * one_tree_bound(length_s, path_s)


@pytest.mark.parametrize("k", [3, 7, 10])
def test_the_one_tree_bound_is_below_the_optimum(k: int) -> None:
    """The bound never exceeds the exact optimum, whatever upper value steers its steps."""
    for seed in range(4):
        for classes in (0, 3):
            length_s = lengths(k, seed, classes)
            best = ordered(length_s)[1]
            for upper in (best, 1.5 * best):
                assert one_tree_bound(length_s, upper, rounds=100) <= best * (1 + 1e-12)


@pytest.mark.parametrize("k", [9, 16, 32])
def test_a_bad_order_is_bettered_and_certified(k: int) -> None:
    """From any order to begin with, CP-SAT closes the gap that the 1-tree leaves: the result is exact."""
    length_s = lengths(k, seed=k)
    result = certified_order(length_s, np.arange(k), solver_seconds=20)
    assert result.exact
    assert result.length_s == pytest.approx(length_s[result.order[:-1], result.order[1:]].sum())
    assert result.length_s <= ordered(length_s)[1] * (1 + 1e-12)
    if k <= 12:
        assert result.length_s == pytest.approx(ordered(length_s)[1], rel=1e-12)


def test_without_a_solver_nothing_is_claimed() -> None:
    """An order that the 1-tree cannot certify stays an upper bound, and its bound a lower one."""
    length_s = lengths(16, seed=1)
    worst = np.arange(16)
    result = certified_order(length_s, worst, solver_seconds=0)
    assert not result.exact
    assert result.order.tolist() == worst.tolist()
    assert result.bound_s <= ordered(length_s)[1]


@pytest.mark.parametrize("shape", [(8, 16), (4, 32)], ids=str)
def test_a_final_allocation_is_certified(random_problem, shape: tuple[int, int]) -> None:
    """A partition of 16 and of 32 groups is written out in an order that is proven to be its best."""
    problem = random_problem(*shape, seed=1)
    labels = problem.random(np.random.default_rng(1))
    allocation, cost = certified_allocation(problem, labels, solver_seconds=30)
    assert cost.exact
    assert cost.total_s == problem.cost(allocation).total_s <= problem.cost(labels).total_s
    assert not problem.cost(labels).exact
