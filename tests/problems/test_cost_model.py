"""The cost model against brute force and against its own invariants."""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasklet_bench.problems import InvalidCandidate
from tasklet_bench.problems.allocation import Allocation, AllocationProblem, cost_model

ProblemMaker = Callable[..., AllocationProblem]

SHAPES_TO_8 = [(d, n // d) for n in range(1, 9) for d in range(1, n + 1) if n % d == 0]
SHAPES = st.sampled_from([(1, 1), (1, 5), (5, 1), (2, 4), (4, 2), (3, 4), (4, 3), (4, 6), (6, 4), (2, 9)])


def brute_force(dp: np.ndarray, pp: np.ndarray, d: int, k: int) -> dict[tuple, float]:
    """Cheapest grid of each partition, by scoring all N! grids with the formula written out once more."""
    grids = np.array(list(permutations(range(d * k)))).reshape(-1, d, k)
    data_parallel = np.zeros(len(grids))
    for j in range(k):
        for i in range(d):
            row_sum = sum((dp[grids[:, i, j], grids[:, other, j]] for other in range(d)), np.zeros(len(grids)))
            data_parallel = np.maximum(data_parallel, row_sum)
    pipeline = np.zeros(len(grids))
    for j in range(k - 1):
        pipeline += pp[grids[:, :, j], grids[:, :, j + 1]].max(axis=1)
    cheapest: dict[tuple, float] = {}
    for grid, cost in zip(grids, data_parallel + pipeline, strict=True):
        partition = tuple(sorted(tuple(sorted(column)) for column in grid.T.tolist()))
        cheapest[partition] = min(cost, cheapest.get(partition, np.inf))
    return cheapest


@pytest.mark.parametrize(("d", "k"), SHAPES_TO_8)
def test_best_wiring_and_order_equal_brute_force_over_all_grids(random_problem: ProblemMaker, d: int, k: int) -> None:
    """For every partition of every shape up to 8 devices, no grid is cheaper than the cost of its partition."""
    problem = random_problem(d, k, seed=d * 10 + k)
    for partition, expected in brute_force(problem.dp_pair_s, problem.pp_pair_s, d, k).items():
        labels = np.empty(d * k, dtype=int)
        for group, devices in enumerate(partition):
            labels[list(devices)] = group
        result = cost_model.partition_cost(problem.dp_pair_s, problem.pp_pair_s, labels)
        assert result.total_s == pytest.approx(expected, rel=1e-12)
        assert problem.cost(labels).total_s == pytest.approx(expected, rel=1e-12)


@given(shape=SHAPES, seed=st.integers(0, 10**6))
def test_a_partition_costs_exactly_what_its_grid_costs(random_problem: ProblemMaker, shape: tuple, seed: int) -> None:
    """The grid written out for a partition costs to the last bit what the partition was said to cost."""
    problem = random_problem(*shape, seed=seed)
    labels = problem.random(np.random.default_rng(seed))
    allocation = problem.allocation(labels)
    assert problem.cost(allocation).total_s == problem.cost(labels).total_s
    assert set(map(frozenset, allocation.grid.T.tolist())) == {
        frozenset(np.flatnonzero(labels == g).tolist()) for g in range(shape[1])
    }


def test_1000_partitions_cost_exactly_what_their_grids_cost(random_problem: ProblemMaker) -> None:
    """On 1,000 partitions over directed topologies with D ≠ K, grid and partition agree to the last bit."""
    rng = np.random.default_rng(5)
    for shape in ((4, 6), (6, 4), (2, 8), (8, 3)):
        problem = random_problem(*shape, seed=sum(shape))
        for _ in range(250):
            labels = problem.random(rng)
            assert problem.cost(problem.allocation(labels)).total_s == problem.cost(labels).total_s


@given(shape=SHAPES, seed=st.integers(0, 10**6))
def test_no_wiring_beats_the_best_wiring(random_problem: ProblemMaker, shape: tuple, seed: int) -> None:
    """A random grid never costs less than its partition, and the bound is below both."""
    problem = random_problem(*shape, seed=seed)
    grid = Allocation(np.random.default_rng(seed).permutation(problem.shape.n_devices).reshape(shape))
    best = problem.cost(grid.labels).total_s
    assert best <= problem.cost(grid).total_s * (1 + 1e-12)
    assert problem.bound() <= best * (1 + 1e-12)


@given(shape=SHAPES, seed=st.integers(0, 10**6))
def test_group_names_do_not_matter(random_problem: ProblemMaker, shape: tuple, seed: int) -> None:
    """Renaming the groups of a partition leaves its cost as it was."""
    problem = random_problem(*shape, seed=seed)
    rng = np.random.default_rng(seed)
    labels = problem.random(rng)
    renamed = rng.permutation(shape[1])[labels]
    assert problem.cost(renamed).total_s == pytest.approx(problem.cost(labels).total_s, rel=1e-12)


@given(shape=SHAPES, seed=st.integers(0, 10**6))
def test_reversing_every_pipeline_changes_nothing(random_problem: ProblemMaker, shape: tuple, seed: int) -> None:
    """Pair costs fold both directions, so a grid read from its last stage to its first costs the same."""
    problem = random_problem(*shape, seed=seed)
    grid = np.random.default_rng(seed).permutation(problem.shape.n_devices).reshape(shape)
    assert problem.cost(Allocation(grid[:, ::-1])).total_s == pytest.approx(problem.cost(Allocation(grid)).total_s)


def test_directed_links_are_folded_direction_by_direction() -> None:
    """A pair pays both of its directions: at 1.14 and 0.45 Gbps the fold is 23 % dearer than averaging first."""
    bandwidth = np.array([[np.inf, 1.14], [0.45, np.inf]]) * 125e6
    folded = cost_model.pair_seconds(np.zeros((2, 2)), bandwidth, 1e9)[0, 1]
    averaged = 2 * 1e9 / ((1.14 + 0.45) / 2 * 125e6)
    assert folded / averaged == pytest.approx(1.23, abs=0.005)


@pytest.mark.parametrize(
    ("labels", "said"),
    [
        ([0, 0, 0, 1], "group 0 has 3 devices, expected 2"),
        ([0, 1, 2, 1], "labels are 0..1, found 0..2"),
        ([0, 1, 1], r"shape \(4,\)"),
        ([0.0, 1.0, 0.0, 1.0], "int array"),
    ],
)
def test_labels_that_are_no_solution_are_refused(random_problem: ProblemMaker, labels: list, said: str) -> None:
    """Labels of the wrong shape, type, range or balance raise `InvalidCandidate` that says what is wrong."""
    with pytest.raises(InvalidCandidate, match=said):
        random_problem(2, 2).cost(labels)


@pytest.mark.parametrize(
    ("grid", "said"),
    [([[0, 1], [2, 2]], "device 2 twice"), ([[0, 1], [2, 4]], "found device 4"), ([[0, 1, 2, 3]], "1×4, expected 2×2")],
)
def test_grids_that_are_no_solution_are_refused(random_problem: ProblemMaker, grid: list, said: str) -> None:
    """A grid with a device twice, an unknown device or another shape raises `InvalidCandidate`."""
    with pytest.raises(InvalidCandidate, match=said):
        random_problem(2, 2).cost(Allocation(grid))
