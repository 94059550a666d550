"""`simulate`: one training iteration of an allocation, from its first pass to the last summed gradient."""

from __future__ import annotations

from numpy.typing import ArrayLike

from tasklet_bench.problems.allocation import Allocation, AllocationProblem
from tasklet_bench.problems.iteration_time import longest_path
from tasklet_bench.problems.iteration_time.compute import compute_seconds
from tasklet_bench.problems.iteration_time.durations import place
from tasklet_bench.problems.iteration_time.iteration import iteration_tasks
from tasklet_bench.problems.iteration_time.options import SimulationOptions
from tasklet_bench.problems.iteration_time.shared import run_shared
from tasklet_bench.problems.iteration_time.timeline import Timeline


def simulate(
    problem: AllocationProblem, allocation: ArrayLike | Allocation, options: SimulationOptions | None = None
) -> Timeline:
    """Simulate an `Allocation` as it is wired, or labels `(N,)` at their formally best wiring and order.

    A pure function. Raises `InvalidCandidate` for no solution of the problem, and `BadInput` where only some sites have
    a speed.

    >>> simulate(problem, problem.random(rng), SimulationOptions(micro_batches=16)).iteration_s  # doctest: +SKIP
    """
    options = options or SimulationOptions()
    wired = allocation if isinstance(allocation, Allocation) else problem.allocation(allocation)
    tasks = iteration_tasks(problem.shape, options.schedule, options.micro_batches, options.collective)
    compute = compute_seconds(problem, options)
    durations = place(tasks, problem.checked_grid(wired), problem.topology, problem.workload, compute)
    notes = (compute.note,) if compute.note else ()
    if options.sharing == "independent":
        start_s, finish_s = longest_path.task_times(tasks, durations)
        return Timeline(problem, options, tasks, durations, start_s, finish_s, notes=notes)
    run = run_shared(tasks, durations, problem.topology, options)
    return Timeline(
        problem, options, tasks, durations, run.start_s, run.finish_s, run.rate_changes, (*notes, *run.notes)
    )
