"""A lower bound on the simulated seconds of any allocation."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tasklet_bench.problems.allocation import AllocationProblem
from tasklet_bench.problems.iteration_time import longest_path
from tasklet_bench.problems.iteration_time.compute import Compute, compute_seconds
from tasklet_bench.problems.iteration_time.durations import place
from tasklet_bench.problems.iteration_time.iteration import iteration_tasks
from tasklet_bench.problems.iteration_time.options import SimulationOptions


def iteration_bound(problem: AllocationProblem, options: SimulationOptions) -> float:
    """The iteration with every link and device as fast as the fastest, and every delay as short as the shortest.

    No task can run earlier than that, whatever the allocation; a shared rate only makes it later.
    """
    n = problem.shape.n_devices
    tasks = iteration_tasks(problem.shape, options.schedule, options.micro_batches, options.collective)
    compute = compute_seconds(problem, options)
    fastest = Compute(np.full(n, compute.forward_s.min()), np.full(n, compute.backward_s.min()))
    grid = np.arange(n).reshape(problem.shape.data_parallel, problem.shape.pipeline_parallel)
    some = place(tasks, grid, problem.topology, problem.workload, fastest)
    links = ~np.eye(n, dtype=bool)
    best = replace(
        some,
        link_bytes_s=np.full(len(tasks), problem.topology.bandwidth_bytes_s[links].max(initial=0.0) or np.inf),
        delay_s=np.full(len(tasks), problem.topology.delay_s[links].min(initial=np.inf)),
    )
    _, finish_s = longest_path.task_times(tasks, best)
    return float(finish_s[tasks.ends].max())
