"""Descent by swaps on the ordered state: the quick start of the exact solvers."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.allocation import AllocationProblem
from tasklet_bench.problems.allocation.kernels import (
    Pack,
    commit,
    new_state,
    pack,
    propose_swap,
    put_in_order,
    rollback,
    start,
    write_labels,
)
from tasklet_bench.problems.allocation.kernels.packing import pack_matrices, rank_types_in_use
from tasklet_bench.problems.compiled import jit


def descend(
    problem: AllocationProblem, labels: NDArray[np.int64], rng: np.random.Generator, evaluations: int
) -> tuple[NDArray[np.int64], int]:
    """Swap devices while that lowers the cost, at most `evaluations` proposals; returns labels and what it spent.

    Only devices that no rule is about are swapped, a spare one of them with one that is used too. Pairs are met in a
    random order, a new one each time round, until one time round finds nothing. The stages keep the
    order that was best at the start, so the labels that come back can cost less than their last proposal did.
    """
    return _descend(pack(problem), labels, rng, evaluations, np.flatnonzero(~problem.rules.bound(problem.n_devices)))


def load() -> None:
    """Load the compiled code for the types of ranks in use, by a descent on two devices."""
    pair_s = np.ones((2, 2)) - np.eye(2)
    for rank in rank_types_in_use():
        _descend(pack_matrices(pair_s, pair_s, 1, 2, rank), np.arange(2), np.random.default_rng(0), 2, np.arange(2))


def _descend(
    ready: Pack, labels: NDArray[np.int64], rng: np.random.Generator, evaluations: int, free: NDArray[np.intp]
) -> tuple[NDArray[np.int64], int]:
    state = new_state(ready)
    result = np.array(labels, dtype=np.int64)
    put_in_order(ready, result)
    pairs = free[np.column_stack(np.triu_indices(len(free), k=1))]
    spent, better, begins = 1, True, True
    while better and spent < evaluations:
        used, better = _once_round(ready, state, result, begins, rng.permutation(pairs), evaluations - spent)
        spent += used
        begins = False
    return result, spent


@jit(allocates=False)
def _once_round(pack, state, labels, begins, pairs, evaluations):  # type: ignore[no-untyped-def]
    """Propose each pair once, up to `evaluations` proposals; returns how many, and whether one lowered the cost.

    The first time round, when it `begins`, the state is at `labels`; they follow it.
    """
    if begins:
        start(pack, state, labels)
    cost_s = state.parts_s[0] + state.parts_s[1]
    spent, better = 0, False
    for i in range(len(pairs)):
        a, b = pairs[i, 0], pairs[i, 1]
        if state.stage_of[a] == state.stage_of[b]:
            continue
        if spent == evaluations:
            break
        spent += 1
        proposed_s = propose_swap(pack, state, a, b)
        if proposed_s < cost_s:
            commit(pack, state)
            cost_s, better = proposed_s, True
        else:
            rollback(pack, state)
    write_labels(pack, state, labels)
    return spent, better
