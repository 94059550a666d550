"""A pipeline whose stages work a list off, one thing after the other, and are held up by what they send."""

from __future__ import annotations

from itertools import pairwise

from tasklet_bench.problems.iteration_time.runtimes import Moves, Runtime
from tasklet_bench.problems.iteration_time.schedules import Pass
from tasklet_bench.problems.iteration_time.tasks import Kind, TaskGraphBuilder

Clock = list[tuple[int, bool]]
"""Tasks that a stage is past, each with whether it waited for the arrival or for the end."""


def in_order_pipeline(
    builder: TaskGraphBuilder,
    first_cell: int,
    n_stages: int,
    runtime: Runtime,
    micro_batches: int,
    receives: bool,
    pieces: int,
) -> list[list[int]]:
    """Add one pipeline; returns for each stage the pieces of its last pass.

    `receives`: whether a pass takes its device time for the message that it consumes before it computes.
    """
    lists = [runtime.moves(stage, n_stages, micro_batches) for stage in range(n_stages)]
    messages = _messages(builder, first_cell, lists, micro_batches)
    last = []
    for stage, moves in enumerate(lists):
        cell = first_cell + stage
        clock: Clock = []
        final = max(i for i, batch in enumerate(moves) if batch[0].what == "compute")
        for index, batch in enumerate(moves):
            after: Clock = []
            for what, step in batch:
                if what == "compute":
                    tasks = _compute(builder, cell, stage, step, pieces if index == final else 1)
                    copy = _copy(builder, cell, stage, n_stages, step, micro_batches) if receives else None
                    _wait(builder, tasks[0] if copy is None else copy, clock)
                    if copy is not None:
                        builder.wait(tasks[0], copy)
                    after.append((tasks[-1], False))
                    if index == final:
                        last.append(tasks)
                elif what == "send":
                    message = messages[stage, step]
                    _wait(builder, message, clock)
                    after.append((message, False))
                else:
                    message = messages[stage + (1 if step.backward else -1), step]
                    if runtime.meets:
                        _wait(builder, message, clock)
                    after += [(message, True)] if runtime.meets else [*clock, (message, True)]
            clock = after
    return last


def _messages(
    builder: TaskGraphBuilder, first_cell: int, lists: list[Moves], micro_batches: int
) -> dict[tuple[int, Pass], int]:
    """Add all messages, by the stage and the pass that made them, on each link in their sender's order."""
    messages = {}
    for stage, moves in enumerate(lists):
        for what, step in (move for batch in moves for move in batch):
            if what == "send":
                kind = Kind.ACTIVATION_GRADIENTS if step.backward else Kind.ACTIVATIONS
                target, boundary = (stage - 1, stage - 1) if step.backward else (stage + 1, stage)
                messages[stage, step] = builder.message(
                    kind, first_cell + stage, first_cell + target, step.micro_batch, 1 / micro_batches, boundary
                )
    return messages


def _compute(builder: TaskGraphBuilder, cell: int, stage: int, step: Pass, pieces: int) -> list[int]:
    kind = Kind.BACKWARD if step.backward else Kind.FORWARD
    tasks = [builder.work(kind, cell, step.micro_batch, stage, 1 / pieces) for _ in range(pieces)]
    for before, task in pairwise(tasks):
        builder.wait(task, before)
    return tasks


def _copy(
    builder: TaskGraphBuilder, cell: int, stage: int, n_stages: int, step: Pass, micro_batches: int
) -> int | None:
    """Add what a pass pays for the message that it consumes; None where it consumes none."""
    if stage == (n_stages - 1 if step.backward else 0):
        return None
    boundary = stage if step.backward else stage - 1
    return builder.work(Kind.RECEIVE, cell, step.micro_batch, boundary, 1 / micro_batches)


def _wait(builder: TaskGraphBuilder, task: int, clock: Clock) -> None:
    for before, arrived in clock:
        builder.wait(task, before, arrived=arrived)
