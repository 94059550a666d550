"""Whether the stages of a shape find devices with enough memory at all."""

from __future__ import annotations

import numpy as np

from tasklet_bench.problems.allocation import AllocationProblem
from tasklet_bench.problems.iteration_time.memory import device_memory_bytes, stage_memory
from tasklet_bench.problems.iteration_time.options import SimulationOptions


def fits(problem: AllocationProblem, options: SimulationOptions) -> bool:
    """Whether some placement puts each stage on devices that hold it; True where nothing is known of memory.

    Devices that hold a stage hold every smaller one, so it is enough that for each stage there are as many devices
    that hold it as that stage and all larger ones need together.
    """
    memory = stage_memory(problem, options, None)
    if memory is None:
        return True
    has_bytes = device_memory_bytes(problem)[problem.available]
    largest_first = np.sort(memory.need_bytes)[::-1]
    replicas = problem.shape.data_parallel
    return all(int((has_bytes >= need).sum()) >= replicas * count for count, need in enumerate(largest_first, start=1))
