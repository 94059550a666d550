"""A lower bound on the simulated seconds of any allocation."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.allocation import AllocationProblem
from tasklet_bench.problems.iteration_time import longest_path
from tasklet_bench.problems.iteration_time.compute import stage_costs
from tasklet_bench.problems.iteration_time.durations import place
from tasklet_bench.problems.iteration_time.iteration import Plan, iteration_tasks
from tasklet_bench.problems.iteration_time.options import SimulationOptions


def iteration_bound(problem: AllocationProblem, options: SimulationOptions) -> float:
    """The iteration with every link and device as fast as the fastest, and every delay as short as the shortest.

    No task can run earlier than that, whatever the allocation; a shared rate only makes it later.
    """
    n = problem.shape.n_devices
    costs = stage_costs(problem, options)
    tasks = iteration_tasks(problem.shape, Plan.of(options))
    fastest = replace(
        costs,
        forward_s=_fastest(costs.forward_s),
        backward_s=_fastest(costs.backward_s),
        update_s=_fastest(costs.update_s),
    )
    grid = np.arange(n).reshape(problem.shape.data_parallel, problem.shape.pipeline_parallel)
    some = place(tasks, grid, problem.topology, fastest)
    links = ~np.eye(n, dtype=bool)
    best = replace(
        some,
        link_bytes_s=np.full(len(tasks), problem.topology.bandwidth_bytes_s[links].max(initial=0.0) or np.inf),
        delay_s=np.full(len(tasks), problem.topology.delay_s[links].min(initial=np.inf)),
    )
    _, finish_s = longest_path.task_times(tasks, best)
    return float(finish_s[tasks.ends].max())


def _fastest(of_stages: NDArray[np.float64]) -> NDArray[np.float64]:
    """Each stage's seconds on the device that is fastest at it, for all devices; shapes `(S, N)`."""
    return np.broadcast_to(of_stages.min(axis=1, keepdims=True), of_stages.shape)
