"""A pipeline whose sends never hold a device up: it waits only for the messages that its passes consume."""

from __future__ import annotations

from itertools import pairwise

from tasklet_bench.problems.iteration_time.options import Schedule
from tasklet_bench.problems.iteration_time.schedules import SCHEDULES, Pass
from tasklet_bench.problems.iteration_time.tasks import Kind, TaskGraphBuilder

WEIGHTS_SHARE = 0.5
"""Share of a backward pass that the gradients of the weights take: as many operations as those of the inputs."""


def overlapped_pipeline(
    builder: TaskGraphBuilder,
    first_cell: int,
    n_stages: int,
    schedule: Schedule,
    micro_batches: int,
    chunks: int,
    pieces: int,
) -> list[list[int]]:
    """Add one pipeline; returns for each stage the pieces of its last pass.

    A pass waits for the pass before it on its device and for the message that it consumes. Chunk `c` of stage `j` holds
    the layers of stage `c·K + j` of the model cut into K·V stages.
    """
    chains = [SCHEDULES[schedule](stage, n_stages, micro_batches, chunks) for stage in range(n_stages)]
    split = any(step.weights for step in chains[0])
    work: dict[tuple[int, Pass], int] = {}
    last = []
    for stage, chain in enumerate(chains):
        before: int | None = None
        for index, step in enumerate(chain):
            tasks = _work(
                builder,
                first_cell + stage,
                step.chunk * n_stages + stage,
                step,
                split,
                pieces if index == len(chain) - 1 else 1,
            )
            if before is not None:
                builder.wait(tasks[0], before)
            before = tasks[-1]
            work[stage, step] = tasks[0]
            if index == len(chain) - 1:
                last.append(tasks)
    after = {tasks[0]: tasks[-1] for tasks in last}
    for stage, chain in enumerate(chains):
        for step in chain:
            done = work[stage, step]
            done = after.get(done, done)
            if step.weights:
                continue
            following = _following(stage, step, n_stages, chunks)
            if following is None:
                if not step.backward:  # the last stage turns each micro-batch round
                    builder.wait(work[stage, Pass(True, step.micro_batch, step.chunk)], done)
                continue
            receiver, chunk = following
            consumer = work[receiver, step._replace(chunk=chunk)]
            if receiver == stage:
                builder.wait(consumer, done)
                continue
            kind = Kind.ACTIVATION_GRADIENTS if step.backward else Kind.ACTIVATIONS
            boundary = step.chunk * n_stages + stage - (1 if step.backward else 0)
            message = builder.message(
                kind, first_cell + stage, first_cell + receiver, step.micro_batch, 1 / micro_batches, boundary
            )
            builder.wait(message, done)
            builder.wait(consumer, message, arrived=True)
    return last


def _work(builder: TaskGraphBuilder, cell: int, stage: int, step: Pass, split: bool, pieces: int) -> list[int]:
    """Add a pass, cut into pieces one after the other."""
    if not step.backward:
        return [builder.work(Kind.FORWARD, cell, step.micro_batch, stage)]
    kind = Kind.WEIGHT_GRADIENTS if step.weights else Kind.BACKWARD
    share = WEIGHTS_SHARE if step.weights else 1 - WEIGHTS_SHARE if split else 1.0
    tasks = [builder.work(kind, cell, step.micro_batch, stage, share / pieces) for _ in range(pieces)]
    for before, task in pairwise(tasks):
        builder.wait(task, before)
    return tasks


def _following(stage: int, step: Pass, n_stages: int, chunks: int) -> tuple[int, int] | None:
    """Stage and chunk that consume what a pass made; None at the ends of the model."""
    place = step.chunk * n_stages + stage + (-1 if step.backward else 1)
    if not 0 <= place < n_stages * chunks:
        return None
    chunk, receiver = divmod(place, n_stages)
    return receiver, chunk
