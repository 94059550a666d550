"""The seconds of a grid that changes by moves, compiled: only rows and columns that a move touches are run again.

A pipeline depends on its own devices alone, and an exchange on its column's and on when its gradients are ready. If
these are ready later by some seconds at most, so is its end: a column of the same devices that cannot be the last one
is left at that upper bound. A move is made in the grid first; `reevaluate` then tells the seconds, and `keep` or `undo`
(after which the move is taken back in the grid) ends it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.compiled import jit
from tasklet_bench.problems.iteration_time.evaluate import run_column, run_row
from tasklet_bench.problems.iteration_time.templates import Tables

ROUNDING = 1e-12
"""Room for rounding in upper bounds, as a share."""


class State(NamedTuple):
    """A grid `(D, K)` with its moments: when gradients are ready `(D, K, B)`, when rows `(D,)` and columns `(K,)` end.

    Ends of columns are upper bounds where `exact` does not hold; the latest one is exact. `old_…` hold what a move
    changed, `…_trial` what it makes of the columns; `rows` and `columns` flag what the move touches.
    """

    grid: NDArray[np.int64]
    ready_s: NDArray[np.float64]
    row_end_s: NDArray[np.float64]
    column_end_s: NDArray[np.float64]
    exact: NDArray[np.bool_]
    old_ready_s: NDArray[np.float64]
    old_row_end_s: NDArray[np.float64]
    column_trial_s: NDArray[np.float64]
    exact_trial: NDArray[np.bool_]
    rows: NDArray[np.bool_]
    columns: NDArray[np.bool_]


def new_state(tables: Tables, grid: NDArray[np.int64]) -> State:
    """A state of a copy of a grid, not evaluated yet."""
    (d, k), pieces = grid.shape, tables.row_ends.shape[1]
    return State(
        np.array(grid, order="C"),
        np.zeros((d, k, pieces)),
        np.zeros(d),
        np.zeros(k),
        np.zeros(k, dtype=np.bool_),
        np.zeros((d, k, pieces)),
        np.zeros(d),
        np.zeros(k),
        np.zeros(k, dtype=np.bool_),
        np.zeros(d, dtype=np.bool_),
        np.zeros(k, dtype=np.bool_),
    )


@jit(allocates=False)
def evaluate_state(tables, scratch, state):  # type: ignore[no-untyped-def]
    """Evaluate the whole grid; returns the seconds of the iteration."""
    state.rows[:], state.columns[:] = True, True
    iteration_s = reevaluate(tables, scratch, state, np.inf)
    keep(state)
    return iteration_s


@jit(allocates=False)
def reevaluate(tables, scratch, state, limit_s):  # type: ignore[no-untyped-def]
    """Seconds of the iteration after a move in flagged rows and columns; infinity as soon as they pass the limit."""
    before_s = _latest(state.row_end_s)
    for row in range(len(state.rows)):
        if state.rows[row]:
            state.old_row_end_s[row] = state.row_end_s[row]
            _copy(state.ready_s[row], state.old_ready_s[row])
    for row in range(len(state.rows)):
        if state.rows[row]:
            state.row_end_s[row] = run_row(tables, scratch, state.grid[row], state.ready_s[row])
            if state.row_end_s[row] > limit_s:
                return np.inf
    ready_s, later_s = state.ready_s, 0.0
    if tables.barrier:
        pipeline_s = _latest(state.row_end_s)
        ready_s, later_s = scratch.ready_s, pipeline_s - before_s
        ready_s[:] = pipeline_s
    total_s = 0.0
    for stage in range(len(state.columns)):
        if state.columns[stage]:
            total_s = max(total_s, _run_exactly(tables, scratch, state, ready_s, stage))
        else:
            if not tables.barrier:
                later_s = _later(state, stage)
            _bound_column(state, stage, later_s)
    while total_s <= limit_s:
        stage = _latest_bounded(state, total_s)
        if stage < 0:
            return total_s
        if state.exact_trial[stage]:
            total_s = state.column_trial_s[stage]
        else:
            total_s = max(total_s, _run_exactly(tables, scratch, state, ready_s, stage))
    return np.inf


@jit(allocates=False)
def _run_exactly(tables, scratch, state, ready_s, stage):  # type: ignore[no-untyped-def]
    """Run the exchange of a stage; notes and returns its end."""
    state.column_trial_s[stage] = run_column(tables, scratch, state.grid, ready_s, stage)
    state.exact_trial[stage] = True
    return state.column_trial_s[stage]


@jit(allocates=False)
def _bound_column(state, stage, later_s):  # type: ignore[no-untyped-def]
    """Note an upper bound on the end of a stage whose gradients are ready later by so much at most."""
    end_s = state.column_end_s[stage]
    state.column_trial_s[stage] = (end_s + later_s) * (1.0 + ROUNDING) if later_s > 0 else end_s
    state.exact_trial[stage] = state.exact[stage] and later_s == 0


@jit(allocates=False)
def _latest_bounded(state, after_s):  # type: ignore[no-untyped-def]
    """The stage whose noted end is the latest, if that is after a moment; -1 if none is."""
    latest = -1
    for stage in range(len(state.column_trial_s)):
        if state.column_trial_s[stage] > after_s:
            latest, after_s = stage, state.column_trial_s[stage]
    return latest


@jit(allocates=False)
def _latest(moments_s):  # type: ignore[no-untyped-def]
    latest_s = 0.0
    for moment_s in moments_s:
        latest_s = max(latest_s, moment_s)
    return latest_s


@jit(allocates=False)
def _copy(source, target):  # type: ignore[no-untyped-def]
    """Copy moments of a row, shape `(K, B)`; an assignment of arrays would allocate."""
    for stage in range(source.shape[0]):
        for piece in range(source.shape[1]):
            target[stage, piece] = source[stage, piece]


@jit(allocates=False)
def _later(state, stage):  # type: ignore[no-untyped-def]
    """By how much gradients of a stage are ready later than before the move at most; below 0 if none is ready later."""
    later_s, changed = -np.inf, False
    for row in range(len(state.rows)):
        if state.rows[row]:
            for piece in range(state.ready_s.shape[2]):
                difference_s = state.ready_s[row, stage, piece] - state.old_ready_s[row, stage, piece]
                if difference_s != 0:
                    changed = True
                    later_s = max(later_s, difference_s)
    return later_s if changed else 0.0


@jit(allocates=False)
def keep(state):  # type: ignore[no-untyped-def]
    """Make the move's moments the state's, and clear the flags."""
    for stage in range(len(state.column_end_s)):
        state.column_end_s[stage] = state.column_trial_s[stage]
        state.exact[stage] = state.exact_trial[stage]
    state.rows[:], state.columns[:] = False, False


@jit(allocates=False)
def undo(state):  # type: ignore[no-untyped-def]
    """Put the moments from before the move back, and clear the flags."""
    for row in range(len(state.rows)):
        if state.rows[row]:
            state.row_end_s[row] = state.old_row_end_s[row]
            _copy(state.old_ready_s[row], state.ready_s[row])
    state.rows[:], state.columns[:] = False, False


@jit(allocates=False)
def swap_cells(state, a, b):  # type: ignore[no-untyped-def]
    """Let two cells, counted row by row, change their devices; its own inverse."""
    k = state.grid.shape[1]
    row, stage, other_row, other_stage = a // k, a % k, b // k, b % k
    device = state.grid[row, stage]
    state.grid[row, stage] = state.grid[other_row, other_stage]
    state.grid[other_row, other_stage] = device
    state.rows[row], state.rows[other_row] = True, True
    state.columns[stage], state.columns[other_stage] = True, True


@jit(allocates=False)
def swap_tails(state, row, other, stage):  # type: ignore[no-untyped-def]
    """Let two pipelines change all devices from a stage on; its own inverse."""
    for j in range(stage, state.grid.shape[1]):
        device = state.grid[row, j]
        state.grid[row, j] = state.grid[other, j]
        state.grid[other, j] = device
        state.columns[j] = True
    state.rows[row], state.rows[other] = True, True


@jit(allocates=False)
def reverse_stages(state, low, high):  # type: ignore[no-untyped-def]
    """Turn the stages from `low` to `high` round in all pipelines; its own inverse."""
    for row in range(state.grid.shape[0]):
        i, j = low, high
        while i < j:
            device = state.grid[row, i]
            state.grid[row, i] = state.grid[row, j]
            state.grid[row, j] = device
            i, j = i + 1, j - 1
    state.rows[:] = True
    state.columns[low : high + 1] = True
