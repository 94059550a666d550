"""Hands an iteration whose messages share rates over to the compiled event queue."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.iteration_time.durations import Durations
from tasklet_bench.problems.iteration_time.options import SimulationOptions
from tasklet_bench.problems.iteration_time.sharing import shared_rates
from tasklet_bench.problems.iteration_time.tasks import TaskGraph, successors
from tasklet_bench.problems.iteration_time.timeline import RateChanges
from tasklet_bench.problems.topology import Topology


class SharedRun(NamedTuple):
    """Start and finish of each task (in seconds), the changes of rates, and what was assumed about shared places."""

    start_s: NDArray[np.float64]
    finish_s: NDArray[np.float64]
    rate_changes: RateChanges
    notes: tuple[str, ...]


def run_shared(tasks: TaskGraph, durations: Durations, topology: Topology, options: SimulationOptions) -> SharedRun:
    """Run the tasks with the rates shared as `options.sharing` says."""
    from tasklet_bench.problems.iteration_time.events import Progress, Work, run  # numba, only where rates are shared

    rates = shared_rates(topology, options)
    n = len(tasks)
    n_waits = np.diff(tasks.first)
    waiting = np.repeat(np.arange(n), n_waits)
    by_before, first_follower = successors(n, tasks.before)
    lag_s = np.where(tasks.arrived, durations.delay_s[tasks.before], 0.0)
    source, target = durations.source, durations.target
    work = Work(
        follower=waiting[by_before],
        first_follower=first_follower,
        lag_s=lag_s[by_before],
        compute_s=durations.compute_s,
        payload_bytes=durations.payload_bytes,
        link_bytes_s=durations.link_bytes_s,
        places=np.column_stack([rates.leaving[source, target], rates.entering[source, target]]),
        capacity_bytes_s=rates.capacity_bytes_s,
    )
    progress = Progress(n_waits, *(np.full(n, value) for value in (-1.0, -1.0, 0.0, 0.0, 0.0, np.inf)))
    changes = RateChanges(*run(work, progress))
    return SharedRun(progress.start_s, progress.finish_s, changes, rates.notes)
