"""One training iteration of D pipelines of K stages, written out as tasks."""

from __future__ import annotations

from functools import lru_cache

from tasklet_bench.problems.iteration_time.collectives import COLLECTIVES
from tasklet_bench.problems.iteration_time.options import Collective, Schedule
from tasklet_bench.problems.iteration_time.schedules import SCHEDULES, Order, Pass
from tasklet_bench.problems.iteration_time.tasks import Kind, TaskGraph, TaskGraphBuilder
from tasklet_bench.problems.workload import Shape


@lru_cache(maxsize=8)
def iteration_tasks(shape: Shape, schedule: Schedule, micro_batches: int, collective: Collective) -> TaskGraph:
    """The tasks of an iteration; a device joins its stage's collective as soon as its own backward passes are done.

    Cell `i·K + j` of the grid is stage `j` of pipeline `i`. Sending never blocks a device; a pass waits for the pass
    before it on its device and for the message that it consumes.
    """
    builder = TaskGraphBuilder()
    d, k = shape.data_parallel, shape.pipeline_parallel
    ready = [cell for row in range(d) for cell in _pipeline(builder, row * k, k, SCHEDULES[schedule], micro_batches)]
    ends = [0] * (d * k)
    for stage in range(k):
        members = list(range(stage, d * k, k))
        finished = COLLECTIVES[collective](builder, members, ready[stage::k])
        for cell, task in zip(members, finished, strict=True):
            ends[cell] = task
    return builder.build(ends)


def _pipeline(builder: TaskGraphBuilder, first_cell: int, n_stages: int, order: Order, micro_batches: int) -> list[int]:
    """Add one pipeline; returns the last task of each stage."""
    chains = [order(stage, n_stages, micro_batches) for stage in range(n_stages)]
    work: dict[tuple[int, Pass], int] = {}
    last = []
    for stage, chain in enumerate(chains):
        for before, step in zip([None, *chain], chain, strict=False):
            kind = Kind.BACKWARD if step.backward else Kind.FORWARD
            work[stage, step] = builder.work(kind, first_cell + stage, step.micro_batch)
            if before is not None:
                builder.wait(work[stage, step], work[stage, before])
        last.append(work[stage, chain[-1]])
    for stage, chain in enumerate(chains):
        for step in chain:
            receiver = stage - 1 if step.backward else stage + 1
            if not 0 <= receiver < n_stages:
                if not step.backward:  # the last stage turns each micro-batch round
                    builder.wait(work[stage, Pass(True, step.micro_batch)], work[stage, step])
                continue
            kind = Kind.ACTIVATION_GRADIENTS if step.backward else Kind.ACTIVATIONS
            message = builder.message(
                kind, first_cell + stage, first_cell + receiver, step.micro_batch, 1 / micro_batches
            )
            builder.wait(message, work[stage, step])
            builder.wait(work[receiver, step], message, arrived=True)
    return last
