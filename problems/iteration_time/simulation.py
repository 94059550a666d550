"""`simulate`: one training iteration of an allocation, from its first pass to the last summed gradient."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from tasklet_bench.problems.allocation import Allocation, AllocationProblem
from tasklet_bench.problems.iteration_time import longest_path
from tasklet_bench.problems.iteration_time.compute import stage_costs
from tasklet_bench.problems.iteration_time.durations import place
from tasklet_bench.problems.iteration_time.iteration import Plan, iteration_tasks
from tasklet_bench.problems.iteration_time.memory import misfits
from tasklet_bench.problems.iteration_time.options import SimulationOptions
from tasklet_bench.problems.iteration_time.remedies import name_remedy
from tasklet_bench.problems.iteration_time.shared import run_shared
from tasklet_bench.problems.iteration_time.timeline import Timeline


def simulate(
    problem: AllocationProblem, allocation: ArrayLike | Allocation, options: SimulationOptions | None = None
) -> Timeline:
    """Simulate an `Allocation` as it is wired, or labels `(N,)` at their formally best wiring and order.

    A pure function. Raises `InvalidCandidate` for no solution of the problem, and `BadInput` where only some sites have
    a speed, or layers are not those of the model.

    >>> simulate(problem, problem.random(rng), SimulationOptions(micro_batches=16)).iteration_s  # doctest: +SKIP
    """
    options = options or SimulationOptions()
    wired = allocation if isinstance(allocation, Allocation) else problem.allocation(allocation)
    costs = stage_costs(problem, options, wired.layers)
    tasks = iteration_tasks(problem.shape, Plan.of(options))
    grid = problem.checked_grid(wired)
    durations = place(tasks, grid, problem.topology, costs)
    timeline = Timeline(
        problem,
        options,
        tasks,
        durations,
        *longest_path.task_times(tasks, durations),
        notes=(costs.note,) if costs.note else (),
        misfits=tuple(misfits(problem, options, grid, wired.layers)),
        layers=wired.layers,
        update_s=float(costs.update_s[np.arange(grid.shape[1]), grid].max()),
    )
    if timeline.misfits:
        remedy = name_remedy(problem, options, wired.layers)
        timeline = replace(timeline, notes=(*timeline.notes, *([remedy] if remedy else [])))
    if options.sharing == "independent":
        return timeline
    run = run_shared(tasks, durations, problem.topology, options)
    return replace(
        timeline,
        start_s=run.start_s,
        finish_s=run.finish_s,
        rate_changes=run.rate_changes,
        notes=(*timeline.notes, *run.notes),
    )
