"""One training iteration of D pipelines of K stages, written out as tasks."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from tasklet_bench.problems.iteration_time.collectives import COLLECTIVES, Gradients
from tasklet_bench.problems.iteration_time.in_order import in_order_pipeline
from tasklet_bench.problems.iteration_time.options import Collective, Schedule, Sends, SimulationOptions
from tasklet_bench.problems.iteration_time.overlapped import overlapped_pipeline
from tasklet_bench.problems.iteration_time.runtimes import RUNTIMES
from tasklet_bench.problems.iteration_time.tasks import Kind, TaskGraph, TaskGraphBuilder
from tasklet_bench.problems.workload import Shape

PIECES = 4
"""Pieces in which gradients that overlap with the last backward pass are sent."""


class Plan(NamedTuple):
    """How an iteration is run: all of the options that its tasks depend on."""

    schedule: Schedule
    micro_batches: int
    collective: Collective
    sends: Sends
    chunks: int
    pieces: int
    barrier: bool
    receives: bool
    updates: bool

    @classmethod
    def of(cls, options: SimulationOptions) -> Plan:
        """What options make of it."""
        runtime = RUNTIMES.get(options.sends)
        own = runtime is not None and runtime.barrier
        return cls(
            options.schedule,
            options.micro_batches,
            options.collective,
            options.sends,
            options.held_chunks,
            PIECES if options.exchange == "overlapped" else 1,
            own if options.exchange == "runtime" else options.exchange == "barrier",
            options.receive_gbps is not None,
            options.update == "counted",
        )


@lru_cache(maxsize=8)
def iteration_tasks(shape: Shape, plan: Plan) -> TaskGraph:
    """The tasks of an iteration. Cell `i·K + j` of the grid is stage `j` of pipeline `i`.

    A device joins its stage's collective as soon as its own backward passes are done, or at a barrier of all.
    """
    builder = TaskGraphBuilder()
    d, k = shape.data_parallel, shape.pipeline_parallel
    ready = [cell for row in range(d) for cell in add_pipeline(builder, row * k, k, plan)]
    if plan.barrier:
        ready = [[builder.join(tasks[-1] for tasks in ready)]] * (d * k)
    ends = [0] * (d * k)
    for stage in range(k):
        members = list(range(stage, d * k, k))
        for cell, task in zip(members, add_exchange(builder, members, ready[stage::k], stage, plan), strict=True):
            ends[cell] = task
    return builder.build(ends)


def add_pipeline(builder: TaskGraphBuilder, first_cell: int, n_stages: int, plan: Plan) -> list[list[int]]:
    """Add one pipeline; returns for each stage the tasks after which each piece of its gradients is ready."""
    if plan.sends in RUNTIMES:
        last = in_order_pipeline(
            builder, first_cell, n_stages, RUNTIMES[plan.sends], plan.micro_batches, plan.receives, plan.pieces
        )
    else:
        last = overlapped_pipeline(
            builder, first_cell, n_stages, plan.schedule, plan.micro_batches, plan.chunks, plan.pieces
        )
    return [pieces[-1:] if plan.barrier else pieces for pieces in last]


def add_exchange(
    builder: TaskGraphBuilder, members: list[int], ready: list[list[int]], stage: int, plan: Plan
) -> list[int]:
    """Add the collective of a stage, and its updates; returns the last task of each member."""
    pieces = len(ready[0])
    summed: list[int] = []
    for piece in range(pieces):
        gradients = Gradients(stage, 1 / pieces)
        finished = COLLECTIVES[plan.collective](builder, members, [tasks[piece] for tasks in ready], gradients)
        summed = finished if not summed else [builder.join(pair) for pair in zip(summed, finished, strict=True)]
    if not plan.updates:
        return summed
    updates = [builder.work(Kind.UPDATE, cell, -1, stage) for cell in members]
    for task, before in zip(updates, summed, strict=True):
        builder.wait(task, before)
    return updates
