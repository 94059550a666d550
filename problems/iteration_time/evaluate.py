"""Seconds of an iteration whose links share nothing, compiled: rows, then columns; the judge is `simulate`.

Both compute the same sums and maxima in the same order of operations, so they agree to the last bit.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.compiled import jit
from tasklet_bench.problems.iteration_time.templates import Tables


class Scratch(NamedTuple):
    """Memory that an evaluation writes: moments by code, what resources cost now, and moments of a row by stage."""

    moment_s: NDArray[np.float64]
    takes_s: NDArray[np.float64]
    lag_s: NDArray[np.float64]
    ready_s: NDArray[np.float64]


def make_scratch(tables: Tables, n_pipelines: int) -> Scratch:
    """Scratch memory for tables; `ready_s` has shape `(D, K, B)`."""
    n_stages, pieces = tables.row_ends.shape
    longest = max(len(tables.row_tasks), len(tables.column_tasks) + n_pipelines * pieces)
    resources = max(len(tables.row_place), len(tables.column_place))
    return Scratch(
        np.zeros(2 * (longest + 1)), np.zeros(resources), np.zeros(resources), np.zeros((n_pipelines, n_stages, pieces))
    )


@jit(allocates=False)
def iteration_seconds(tables, scratch, grid):  # type: ignore[no-untyped-def]
    """Seconds of the iteration of a grid `(D, K)`, and until its last backward pass."""
    pipeline_s = 0.0
    for row in range(grid.shape[0]):
        pipeline_s = max(pipeline_s, run_row(tables, scratch, grid[row], scratch.ready_s[row]))
    if tables.barrier:
        scratch.ready_s[:] = pipeline_s
    iteration_s = 0.0
    for stage in range(grid.shape[1]):
        iteration_s = max(iteration_s, run_column(tables, scratch, grid, scratch.ready_s, stage))
    return iteration_s, pipeline_s


@jit(allocates=False)
def run_row(tables, scratch, devices, ready_s):  # type: ignore[no-untyped-def]
    """Run the pipeline of devices `(K,)`; writes when gradients are ready, shape `(K, B)`, and returns its end."""
    for r in range(len(tables.row_place)):
        source, target = devices[tables.row_place[r, 0]], tables.row_place[r, 1]
        if target < 0:
            scratch.takes_s[r], scratch.lag_s[r] = tables.row_seconds[r, source], 0.0
        else:
            scratch.takes_s[r] = tables.row_bytes[r] / tables.bandwidth_bytes_s[source, devices[target]]
            scratch.lag_s[r] = tables.delay_s[source, devices[target]]
    run_tasks(tables.row_tasks, scratch, 0)
    end_s = 0.0
    for stage in range(ready_s.shape[0]):
        for piece in range(ready_s.shape[1]):
            ready_s[stage, piece] = scratch.moment_s[tables.row_ends[stage, piece]]
        end_s = max(end_s, ready_s[stage, ready_s.shape[1] - 1])
    return end_s


@jit(allocates=False)
def run_column(tables, scratch, grid, ready_s, stage):  # type: ignore[no-untyped-def]
    """Run the exchange of a stage, with gradients of all in `ready_s`, shape `(D, K, B)`; returns its end."""
    n, pieces = grid.shape[0], ready_s.shape[2]
    for member in range(n):
        for piece in range(pieces):
            scratch.moment_s[2 * (1 + member * pieces + piece)] = ready_s[member, stage, piece]
    scratch.takes_s[0], scratch.lag_s[0] = 0.0, 0.0
    for r in range(1, len(tables.column_place)):
        source, target = grid[tables.column_place[r, 0], stage], grid[tables.column_place[r, 1], stage]
        scratch.takes_s[r] = tables.column_bytes[stage, r] / tables.bandwidth_bytes_s[source, target]
        scratch.lag_s[r] = tables.delay_s[source, target]
    run_tasks(tables.column_tasks, scratch, n * pieces)
    end_s = 0.0
    for member in range(n):
        done_s = scratch.moment_s[tables.column_ends[member]]
        end_s = max(end_s, tables.update_s[stage, grid[member, stage]] + done_s)
    return end_s


@jit(allocates=False)
def run_tasks(tasks, scratch, n_inputs):  # type: ignore[no-untyped-def]
    """Let each task begin at the later of its two moments; writes the moments of its end and of its arrival."""
    moment_s, takes_s, lag_s = scratch.moment_s, scratch.takes_s, scratch.lag_s
    code = 2 * (n_inputs + 1)
    for t in range(len(tasks)):
        resource = tasks[t, 2]
        end_s = takes_s[resource] + max(moment_s[tasks[t, 0]], moment_s[tasks[t, 1]])
        moment_s[code] = end_s
        moment_s[code + 1] = end_s + lag_s[resource]
        code += 2
