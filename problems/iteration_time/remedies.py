"""What would make a model fit the devices that there are: fewer micro-batches in flight, or recomputation."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tasklet_bench.problems.allocation import AllocationProblem
from tasklet_bench.problems.iteration_time.memory import BYTES_PER_GB, StageMemory, device_memory_bytes, stage_memory
from tasklet_bench.problems.iteration_time.options import Recomputation, SimulationOptions


def name_remedy(
    problem: AllocationProblem, options: SimulationOptions, layers: tuple[int, ...] | None = None
) -> str | None:
    """What would make some placement fit; None where one fits already, or nothing is known of memory.

    The least change first: another placement is no remedy if every one fails; then as many micro-batches in flight as
    fit without recomputation, then with it.
    """
    memory = stage_memory(problem, options, layers)
    if memory is None or _most_in_flight_that_fit(problem, memory) is None:
        return None
    tried: tuple[Recomputation, ...] = ("none", "full") if options.recomputation == "none" else ("full",)
    if options.schedule == "zb-h1":
        tried = ("none",)
    for recomputation in tried:
        changed = stage_memory(problem, replace(options, recomputation=recomputation), layers)
        most = None if changed is None else _most_in_flight_that_fit(problem, changed)
        with_it = " with recomputation" if recomputation == "full" else ""
        if most is None:
            return f"no placement fits; one does{with_it}"
        if most >= 1:
            return f"no placement fits; one does{with_it} with at most {most} micro-batches in flight"
    least = float(memory.weights_bytes.max()) / BYTES_PER_GB
    return f"no placement fits, not even with one micro-batch in flight: weights and optimiser take {least:.4g} GB"


def _most_in_flight_that_fit(problem: AllocationProblem, memory: StageMemory) -> int | None:
    """The most micro-batches in flight at any stage with which some placement fits; None if no limit is needed."""
    has = np.sort(device_memory_bytes(problem))[::-1]

    def fits(limit: float) -> bool:
        held = np.minimum(memory.in_flight, limit)
        need = np.repeat(
            memory.weights_bytes + memory.working_bytes + held * memory.micro_batch_bytes, problem.shape.data_parallel
        )
        return bool((np.sort(need)[::-1] <= has).all())

    if fits(np.inf):
        return None
    limit = int(memory.in_flight.max())
    while limit > 0 and not fits(limit):
        limit -= 1
    return limit
