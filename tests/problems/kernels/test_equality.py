"""The kernels against the cost model: one cost, two ways to compute it."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasklet_bench.problems import Shape
from tasklet_bench.problems.allocation import AllocationProblem, cost_model
from tasklet_bench.problems.allocation.kernels import (
    evaluate,
    evaluate_batch,
    evaluate_grid,
    order_labels,
    pack,
    packing,
    write_grid,
)
from tasklet_bench.problems.allocation.kernels.packing import SMALL
from tasklet_bench.problems.instances import catalogue

RELATIVE = 1e-12
SCENARIOS = ["datacentre", "spot", "two-datacentres", "regional", "worldwide"]
MEASURED = ["measured/sky-3cloud60-120?dp=12", "measured/gcp-zones-hetero-40?dp=4", "measured/azure48-96?dp=12"]
"""Directed measured topologies of at most 12 groups."""
SHAPES = [(8, 8), (4, 6), (6, 4), (12, 5), (4, 9)]


def judge_cost(problem: AllocationProblem, labels: np.ndarray) -> float:
    """What the cost model says."""
    return cost_model.partition_cost(problem.dp_pair_s, problem.pp_pair_s, labels).total_s


def draws(problem: AllocationProblem, count: int) -> Iterator[np.ndarray]:
    """Random partitions, and as many near the structured ones that have ties everywhere."""
    rng = np.random.default_rng(count)
    dealt = np.arange(problem.shape.n_devices) % problem.shape.pipeline_parallel
    for i in range(count):
        if i % 2:
            yield problem.random(rng)
        else:
            labels = dealt.copy()
            for a, b in rng.integers(0, len(labels), (i % 7, 2)):
                labels[a], labels[b] = labels[b], labels[a]
            yield labels


def check(problem: AllocationProblem, count: int) -> None:
    """Compare totals with the judge, and the emitted grid with both, to the last bit with the kernels."""
    ready = pack(problem)
    grid = np.empty((problem.shape.data_parallel, problem.shape.pipeline_parallel), dtype=np.int64)
    for labels in draws(problem, count):
        parts_s = evaluate(ready, labels)
        assert sum(parts_s) == pytest.approx(judge_cost(problem, labels), rel=RELATIVE)
        assert write_grid(ready, labels, grid) == parts_s == evaluate_grid(ready, grid)
        assert problem.cost(labels).total_s == problem.cost(problem.allocation(labels)).total_s == sum(parts_s)


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_equal_on_the_papers_scenarios(scenario: str) -> None:
    """On each of the paper's scenarios the kernels cost partitions as the cost model does."""
    check(catalogue.load(f"paper/{scenario}"), 60)


@pytest.mark.parametrize("name", MEASURED)
def test_equal_on_directed_measured_topologies(name: str) -> None:
    """On measured links, each direction with figures of its own, the kernels cost as the cost model does."""
    check(catalogue.load(name), 15)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_equal_where_all_links_differ(random_problem, shape: tuple[int, int]) -> None:
    """Where no two links are alike, at D = K and D ≠ K, the kernels cost as the cost model does."""
    check(random_problem(*shape, seed=1), 40)


@pytest.mark.parametrize("shape", [(1, 1), (1, 7), (7, 1), (2, 1), (1, 2), (2, 12), (70, 2), (33, 2)], ids=str)
def test_equal_at_odd_shapes(random_problem, shape: tuple[int, int]) -> None:
    """One group, one replica, one device, twelve groups, groups of more than 32 and of more than 64 devices."""
    check(random_problem(*shape, seed=2), 4)


@settings(max_examples=40)
@given(
    d=st.integers(1, 9), k=st.integers(1, 7), classes=st.integers(1, 5), slow=st.booleans(), seed=st.integers(0, 10**6)
)
def test_equal_with_few_classes_and_a_failed_link(d: int, k: int, classes: int, slow: bool, seed: int) -> None:
    """With ties everywhere, and with one link a million times slower, the kernels cost as the cost model does."""
    problem = tied_problem(d, k, classes, slow, seed)
    check(problem, 3)


def tied_problem(d: int, k: int, classes: int, slow: bool, seed: int) -> AllocationProblem:
    """Links that are drawn from a handful of values."""
    from tasklet_bench.problems import Site, Topology, Workload

    rng = np.random.default_rng(seed)
    n = d * k
    bandwidth = rng.uniform(1e7, 1e9, classes)[rng.integers(0, classes, (n, n))]
    if slow and n > 1:
        bandwidth[0, n - 1] /= 1e6
    topology = Topology(tuple(Site(f"device {i}", 1) for i in range(n)), np.zeros((n, n)), bandwidth)
    return AllocationProblem("tied", topology, Workload(6e8, 5e8), Shape(d, k))


@pytest.mark.parametrize("shape", [(16, 16), pytest.param((32, 32), marks=pytest.mark.slow)], ids=str)
def test_large_shapes_agree_term_by_term(random_problem, shape: tuple[int, int]) -> None:
    """Above 12 groups DATAP, every matching, and the emitted grid equal the cost model; the order is an upper bound."""
    problem = random_problem(*shape, seed=3)
    labels = problem.random(np.random.default_rng(3))
    groups = [np.flatnonzero(labels == group) for group in range(shape[1])]
    ready = pack(problem)
    data_parallel_s, pipeline_s = evaluate(ready, labels)
    assert data_parallel_s == pytest.approx(
        max(cost_model.group_data_parallel_s(problem.dp_pair_s, group) for group in groups), rel=RELATIVE
    )
    length_s = ready.path.length_s.copy()
    for a in range(1, shape[1]):
        for b in range(a) if shape[1] == 16 else (0, a - 1):
            block = problem.pp_pair_s[np.ix_(groups[a], groups[b])]
            assert length_s[a, b] == length_s[b, a] == cost_model.bottleneck_matching(block)[0]
    cost = problem.cost(labels)
    assert not cost.exact
    assert cost.parts_s["pipeline_s"] == pipeline_s
    allocation = problem.allocation(labels)
    assert problem.cost(allocation).exact
    assert problem.cost(allocation).total_s == cost.total_s
    assert cost_model.grid_cost(problem.dp_pair_s, problem.pp_pair_s, allocation.grid).total_s == pytest.approx(
        cost.total_s, rel=RELATIVE
    )


def test_uint32_ranks_cost_the_same(random_problem) -> None:
    """The type of the ranks is an implementation's choice: all three give the same cost and grid, to the last bit."""
    from tasklet_bench.problems.allocation.kernels.packing import RANK_TYPES, pack_matrices

    problem = tied_problem(8, 8, 3, False, 4)
    labels = problem.random(np.random.default_rng(4))
    result = set()
    for rank_type in RANK_TYPES:
        ready = pack_matrices(problem.dp_pair_s, problem.pp_pair_s, 8, 8, rank_type)
        grid = np.empty((8, 8), dtype=np.int64)
        result.add((*write_grid(ready, labels, grid), grid.tobytes()))
    assert len(result) == 1


def test_a_type_of_ranks_holds_all_classes_twice_over() -> None:
    """127 classes fit uint8, 32,767 fit uint16, and N = 363 devices with all links distinct need uint32."""
    from tasklet_bench.problems.allocation.kernels.packing import rank_type

    assert [np.dtype(rank_type(r, 256)).itemsize for r in (1, 127, 128, 32767, 32768)] == [1, 1, 2, 2, 4]
    assert rank_type(363 * 362 // 2, 363) is np.uint32


def test_small_problems_share_one_type_of_ranks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Up to 128 devices ranks take two bytes, however few classes there are; beyond, as many as the classes need."""
    monkeypatch.setattr(packing, "SMALL", SMALL)
    assert [packing.rank_type(5, rows) for rows in (2, 128, 129)] == [np.uint16, np.uint16, np.uint8]
    assert [pack(tied_problem(d, 8, 3, False, 4)).rank.dtype for d in (16, 17)] == [np.uint16, np.uint8]


def test_a_batch_costs_what_its_rows_cost(random_problem) -> None:
    """`evaluate_batch` writes, for every row, what `evaluate` returns for it."""
    problem = random_problem(4, 6, seed=5)
    rng = np.random.default_rng(5)
    labels = np.array([problem.random(rng) for _ in range(20)])
    cost_s = np.empty(20)
    evaluate_batch(pack(problem), labels, cost_s)
    assert cost_s.tolist() == [sum(evaluate(pack(problem), row)) for row in labels]


def test_ordered_labels_stand_in_the_order_of_the_grid(random_problem) -> None:
    """`order_labels` renames the groups as the emitted grid orders them, and keeps their devices together."""
    problem = random_problem(4, 6, seed=6)
    labels = problem.random(np.random.default_rng(6))
    ordered = labels.copy()
    order_labels(pack(problem), ordered)
    assert (ordered == problem.allocation(labels).labels).all()


def test_other_kinds_of_arrays_are_scored_alike(random_problem) -> None:
    """Lists, small integers, strided and read-only labels, and a grid in Fortran order cost the same."""
    problem = random_problem(4, 6, seed=7)
    labels = problem.random(np.random.default_rng(7))
    frozen = labels.copy()
    frozen.flags.writeable = False
    expected = problem.cost(labels)
    for same in (labels.tolist(), labels.astype(np.int8), labels.astype(np.uint16), np.repeat(labels, 2)[::2], frozen):
        assert problem.cost(same) == expected
    grid = problem.allocation(labels).grid
    assert problem.cost(type(problem.allocation(labels))(np.asfortranarray(grid))).total_s == expected.total_s


def test_copied_and_pickled_problems_score_alike(random_problem) -> None:
    """A problem that has been scored can be copied and pickled; the copy makes a pack of its own."""
    problem = random_problem(8, 8, seed=8)
    labels = problem.random(np.random.default_rng(8))
    expected = problem.cost(labels)
    for same in (copy.deepcopy(problem), pickle.loads(pickle.dumps(problem))):  # noqa: S301 - our own bytes
        assert "pack" not in vars(same)
        assert same.cost(labels) == expected
