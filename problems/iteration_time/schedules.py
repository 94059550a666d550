"""The order in which a stage works through the micro-batches of its pipeline.

Sources: Huang et al., "GPipe", NeurIPS 2019; Narayanan et al., "PipeDream", SOSP 2019, in the flushing form that
Megatron-LM runs.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from tasklet_bench.problems.iteration_time.options import Schedule


class Pass(NamedTuple):
    """One micro-batch going through one stage, forward or backward."""

    backward: bool
    micro_batch: int


def gpipe(stage: int, n_stages: int, micro_batches: int) -> list[Pass]:  # noqa: ARG001 - all stages do alike
    """All forward passes, then all backward passes, both from the first micro-batch to the last."""
    return [Pass(backward, m) for backward in (False, True) for m in range(micro_batches)]


def one_forward_one_backward(stage: int, n_stages: int, micro_batches: int) -> list[Pass]:
    """As many forward passes as stages follow, then forward and backward in turn, then the backward passes left."""
    ahead = min(n_stages - 1 - stage, micro_batches)
    passes = [Pass(False, m) for m in range(ahead)]
    for m in range(micro_batches):
        if ahead + m < micro_batches:
            passes.append(Pass(False, ahead + m))
        passes.append(Pass(True, m))
    return passes


Order = Callable[[int, int, int], list[Pass]]
"""Passes of stage `stage` of `n_stages` over `micro_batches`, in order."""

SCHEDULES: dict[Schedule, Order] = {
    "gpipe": gpipe,
    "1f1b": one_forward_one_backward,
}
