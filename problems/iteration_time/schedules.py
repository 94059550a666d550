"""The order in which a stage works through the micro-batches of its pipeline.

Sources: Huang et al., "GPipe", NeurIPS 2019; Narayanan et al., "PipeDream", SOSP 2019, in the flushing form that
Megatron-LM runs; Narayanan et al., "Efficient Large-Scale Language Model Training on GPU Clusters Using Megatron-LM",
SC 2021 (interleaved); Qi et al., "Zero Bubble Pipeline Parallelism", ICLR 2024 (ZB-H1).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.iteration_time.options import Schedule


class Pass(NamedTuple):
    """One micro-batch going through one chunk of a stage, forward or backward; `weights`: for the weights alone."""

    backward: bool
    micro_batch: int
    chunk: int = 0
    weights: bool = False


def gpipe(stage: int, n_stages: int, micro_batches: int, chunks: int = 1) -> list[Pass]:  # noqa: ARG001 - all alike
    """All forward passes, then all backward passes, both from the first micro-batch to the last."""
    return [Pass(backward, m) for backward in (False, True) for m in range(micro_batches)]


def one_forward_one_backward(stage: int, n_stages: int, micro_batches: int, chunks: int = 1) -> list[Pass]:  # noqa: ARG001
    """As many forward passes as stages follow, then forward and backward in turn, then the backward passes left."""
    ahead = min(n_stages - 1 - stage, micro_batches)
    passes = [Pass(False, m) for m in range(ahead)]
    for m in range(micro_batches):
        if ahead + m < micro_batches:
            passes.append(Pass(False, ahead + m))
        passes.append(Pass(True, m))
    return passes


def interleaved(stage: int, n_stages: int, micro_batches: int, chunks: int = 1) -> list[Pass]:
    """1F1B over V chunks a stage, K micro-batches of a chunk at a time; M must be a multiple of K.

    Twice as many forward passes ahead as stages follow, and K for each further chunk.
    """
    if micro_batches % n_stages:
        multiple = f"a multiple of the {n_stages} stages in the interleaved schedule"
        raise BadInput.at("simulation", "micro_batches", micro_batches, multiple)
    total = micro_batches * chunks

    def step(index: int, backward: bool) -> Pass:
        group, within = divmod(index, n_stages * chunks)
        chunk, member = divmod(within, n_stages)
        return Pass(backward, group * n_stages + member, chunks - 1 - chunk if backward else chunk)

    ahead = min(2 * (n_stages - 1 - stage) + (chunks - 1) * n_stages, total)
    passes = [step(index, False) for index in range(ahead)]
    for index in range(total):
        if ahead + index < total:
            passes.append(step(ahead + index, False))
        passes.append(step(index, True))
    return passes


def zero_bubble_h1(stage: int, n_stages: int, micro_batches: int, chunks: int = 1) -> list[Pass]:
    """1F1B with its backward passes cut in two: for the inputs, which others wait for, and for the weights.

    Stage j puts the passes for the weights off by j micro-batches, so that they fill what would be idle at the end.
    """
    passes: list[Pass] = []
    for step in one_forward_one_backward(stage, n_stages, micro_batches, chunks):
        passes.append(step)
        if step.backward and step.micro_batch >= stage:
            passes.append(Pass(True, step.micro_batch - stage, weights=True))
    done = max(micro_batches - stage, 0)
    return passes + [Pass(True, m, weights=True) for m in range(done, micro_batches)]


Order = Callable[[int, int, int, int], list[Pass]]
"""Passes of stage `stage` of `n_stages` over `micro_batches` with `chunks` a stage, in order."""

SCHEDULES: dict[Schedule, Order] = {
    "gpipe": gpipe,
    "1f1b": one_forward_one_backward,
    "interleaved": interleaved,
    "zb-h1": zero_bubble_h1,
}


def most_in_flight(passes: list[Pass]) -> list[int]:
    """The most micro-batches of which a stage holds the activations at once, in each of its chunks at that moment.

    A micro-batch is held from its forward pass until its last backward pass, that for the weights included.
    """
    split = any(step.weights for step in passes)
    held = [0] * (max(step.chunk for step in passes) + 1)
    most = list(held)
    for step in passes:
        if not step.backward:
            held[step.chunk] += 1
            most = list(held) if sum(held) > sum(most) else most
        elif step.weights or not split:
            held[step.chunk] -= 1
    return most
