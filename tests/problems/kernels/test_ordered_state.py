"""The ordered state: after any walk of moves it is what a fresh start from the same order would be."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasklet_bench.problems.allocation import Allocation, AllocationProblem
from tasklet_bench.problems.allocation.kernels import (
    State,
    commit,
    evaluate,
    new_state,
    order_labels,
    pack,
    propose_reversal,
    propose_swap,
    rollback,
    start,
    write_labels,
)
from tasklet_bench.problems.allocation.kernels.packing import pack_matrices
from tasklet_bench.problems.compiled import jit
from tasklet_bench.problems.instances import catalogue

RELATIVE = 1e-12
READABLE = ("stage_of", "boundary_class", "boundary_below")


@jit
def walk(ready, state, moves):  # type: ignore[no-untyped-def]
    """Make moves `(M, 4)`: is it a reversal, its two arguments, is it kept; returns how many cost what they said."""
    agreed = 0
    for i in range(len(moves)):
        if moves[i, 0]:
            first, last = min(moves[i, 1], moves[i, 2]), max(moves[i, 1], moves[i, 2])
            cost_s = propose_reversal(ready, state, first % ready.n_groups, last % ready.n_groups)
        else:
            cost_s = propose_swap(ready, state, moves[i, 1] % ready.n_devices, moves[i, 2] % ready.n_devices)
        before = state.parts_s[0] + state.parts_s[1]
        if moves[i, 3]:
            commit(ready, state)
            agreed += state.parts_s[0] + state.parts_s[1] == cost_s
        else:
            rollback(ready, state)
            agreed += state.parts_s[0] + state.parts_s[1] == before
    return agreed


def moves_of(problem: AllocationProblem, count: int, seed: int) -> np.ndarray:
    """Random moves: one in four is a reversal, half of them are kept."""
    rng = np.random.default_rng(seed)
    moves = rng.integers(0, problem.shape.n_devices, (count, 4))
    moves[:, 0] = rng.random(count) < 0.25
    moves[:, 3] = rng.random(count) < 0.5
    reversals = moves[:, 0] == 1
    stages = rng.integers(0, problem.shape.pipeline_parallel, (reversals.sum(), 2))
    moves[reversals, 1:3] = np.sort(stages, axis=1)
    return moves


def fresh(problem: AllocationProblem, state: State) -> State:
    """The state that `start` makes of the same labels."""
    labels = np.empty(problem.shape.n_devices, dtype=np.int64)
    write_labels(pack(problem), state, labels)
    other = new_state(pack(problem))
    start(pack(problem), other, labels)
    return other


def check_walk(problem: AllocationProblem, moves: np.ndarray) -> None:
    """Walk, then compare with a fresh start."""
    ready = pack(problem)
    state = new_state(ready)
    start(ready, state, problem.random(np.random.default_rng(0)))
    assert walk(ready, state, moves) == len(moves)
    other = fresh(problem, state)
    for name in READABLE:
        assert getattr(state, name).tolist() == getattr(other, name).tolist(), name
    assert state.parts_s == pytest.approx(other.parts_s, rel=RELATIVE)


@pytest.mark.parametrize(
    "shape", [(8, 8), (4, 6), (6, 4), (12, 5), (4, 9), (16, 3), (20, 2), (40, 2), (70, 2)], ids=str
)
def test_incremental_equals_full_after_10000_moves(random_problem, shape: tuple[int, int]) -> None:
    """After 10,000 swaps and reversals, half of them rolled back, the state is the one that a start makes."""
    problem = random_problem(*shape, seed=1)
    count = 10_000 if shape[0] <= 16 else 500
    check_walk(problem, moves_of(problem, count, seed=1))


@pytest.mark.parametrize(
    "name",
    [
        "paper/datacentre",
        "paper/spot",
        "paper/worldwide",
        "generated/hierarchical?n=96&dp=12&seed=1",
        "generated/planted?n=100&dp=20&seed=1",
    ],
)
def test_incremental_equals_full_where_links_tie(name: str) -> None:
    """The same where links fall into a few classes, in stages of 8 devices and of more."""
    problem = catalogue.load(name)
    check_walk(problem, moves_of(problem, 10_000, seed=2))


@pytest.mark.parametrize("values", [2, 5, 10**6])
@pytest.mark.parametrize("shape", [(9, 3), (16, 2), (33, 3), (64, 2)], ids=str)
def test_every_proposal_agrees_with_a_start_where_matchings_are_kept(shape: tuple[int, int], values: int) -> None:
    """Levels, rows below and stages to the last digit, whether levels rise, fall or stay, with two values or many."""
    d, k = shape
    rng = np.random.default_rng(d)
    pair_s = rng.integers(1, values + 1, (d * k, d * k)).astype(float)
    pair_s = np.triu(pair_s, 1) + np.triu(pair_s, 1).T
    ready = pack_matrices(pair_s, pair_s, d, k)
    labels = rng.permutation(np.repeat(np.arange(k), d))
    state, other = new_state(ready), new_state(ready)
    start(ready, state, labels)
    moved = set()
    for a, b in rng.integers(0, d * k, (300, 2)):
        before = state.boundary_class.copy()
        propose_swap(ready, state, a, b)
        if rng.random() < 0.3:
            rollback(ready, state)
            continue
        commit(ready, state)
        labels[[a, b]] = labels[[b, a]]
        start(ready, other, labels)
        assert state.boundary_class.tolist() == other.boundary_class.tolist()
        assert state.boundary_below.tolist() == other.boundary_below.tolist()
        assert state.parts_s.tolist() == other.parts_s.tolist()  # whole numbers, so in any order of additions
        moved |= set(np.sign(state.boundary_class - before).tolist())
    assert values < 10**6 or moved == {-1, 0, 1}


@settings(max_examples=60)
@given(
    shape=st.sampled_from([(8, 3), (3, 5), (1, 6), (6, 1), (9, 3), (1, 1)]),
    moves=st.lists(
        st.tuples(st.integers(0, 1), st.integers(0, 10**6), st.integers(0, 10**6), st.integers(0, 1)), max_size=30
    ),
)
def test_no_walk_leads_astray(random_problem, shape: tuple[int, int], moves: list) -> None:
    """Any walk, at any shape, ends in the state that its labels start."""
    problem = random_problem(*shape, seed=3)
    result = np.array(moves, dtype=np.int64).reshape(-1, 4)
    result[:, 1:3] %= np.where(result[:, :1], problem.shape.pipeline_parallel, problem.shape.n_devices)
    check_walk(problem, result)


@pytest.mark.parametrize("shape", [(8, 8), (9, 3)], ids=str)
def test_a_proposal_says_what_a_start_would(random_problem, shape: tuple[int, int]) -> None:
    """The touched boundaries of a proposal, and its two parts, are those of a start from the labels after the move."""
    problem = random_problem(*shape, seed=4)
    ready = pack(problem)
    rng = np.random.default_rng(4)
    labels = problem.random(rng)
    state, other = new_state(ready), new_state(ready)
    start(ready, state, labels)
    for a, b in rng.integers(0, len(labels), (50, 2)):
        moved = labels.copy()
        moved[[a, b]] = labels[[b, a]]
        cost_s = propose_swap(ready, state, a, b)
        assert cost_s == pytest.approx(start(ready, other, moved), rel=RELATIVE)
        assert state.proposed_s == pytest.approx(other.parts_s, rel=RELATIVE)
        touched = state.touched[: state.n_touched[0]]
        neighbours = {x for stage in {labels[a], labels[b]} for x in (stage - 1, stage) if 0 <= x < shape[1] - 1}
        assert set(touched.tolist()) == (neighbours if labels[a] != labels[b] else set())
        assert state.touched_class[: len(touched)].tolist() == other.boundary_class[touched].tolist()
        assert state.touched_below[: len(touched)].tolist() == other.boundary_below[touched].tolist()
        rollback(ready, state)


def test_matchable_rows_below_are_a_largest_matching(random_problem) -> None:
    """`boundary_below` is the size of a largest matching over the pairs faster than the boundary's class."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import maximum_bipartite_matching

    for problem in (catalogue.load("paper/worldwide"), catalogue.load("paper/two-datacentres"), random_problem(12, 3)):
        ready = pack(problem)
        labels = problem.random(np.random.default_rng(5))
        state = new_state(ready)
        start(ready, state, labels)
        for b in range(problem.shape.pipeline_parallel - 1):
            block = problem.pp_pair_s[np.ix_(labels == b, labels == b + 1)]
            faster = csr_array(block < ready.class_s[state.boundary_class[b]])
            assert state.boundary_below[b] == (maximum_bipartite_matching(faster) >= 0).sum()


def test_a_start_in_the_best_order_costs_what_the_partition_does(random_problem) -> None:
    """The ordered cost is never below the partition's, and equals it to the last bit in the best order."""
    problem = random_problem(8, 8, seed=6)
    ready = pack(problem)
    state = new_state(ready)
    for seed in range(20):
        labels = problem.random(np.random.default_rng(seed))
        exact_s = sum(evaluate(ready, labels))
        assert start(ready, state, labels) >= exact_s
        order_labels(ready, labels)
        assert start(ready, state, labels) == exact_s


def test_the_state_costs_what_its_grid_costs(random_problem) -> None:
    """A grid wired by hand along the state's order costs no less than the state, so the state flatters nobody."""
    problem = random_problem(4, 5, seed=7)
    ready = pack(problem)
    state = new_state(ready)
    rng = np.random.default_rng(7)
    labels = problem.random(rng)
    cost_s = start(ready, state, labels)
    for _ in range(20):
        columns = [rng.permutation(np.flatnonzero(labels == stage)) for stage in range(5)]
        assert problem.cost(Allocation(np.column_stack(columns))).total_s >= cost_s * (1 - RELATIVE)
