"""How long a device computes for one micro-batch: from the model's shape and the device's speed."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.allocation import AllocationProblem
from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.iteration_time.options import SimulationOptions
from tasklet_bench.problems.workload import Shape, Transformer

FLOPS_PER_TFLOPS = 1e12
BACKWARD_PER_FORWARD = 2.0
"""A backward pass multiplies twice where the forward pass does once: for its inputs and for its weights."""


@dataclass(frozen=True, eq=False)
class Compute:
    """Seconds of one pass of one micro-batch on each device, shapes `(N,)`; `note` says why they are 0, if they are."""

    forward_s: NDArray[np.float64] = field(repr=False)
    backward_s: NDArray[np.float64] = field(repr=False)
    note: str | None = None


def compute_seconds(problem: AllocationProblem, options: SimulationOptions) -> Compute:
    """Passes at the speed that sites declare, or `options.tflops` where they declare none.

    Without any speed, or without a model's shape, computing counts as 0. Raises `BadInput` if only some sites have a
    speed. Every stage is counted as the largest one, as the formal model counts its gradients.
    """
    model = problem.workload.transformer
    speeds = [site.tflops if site.tflops is not None else options.tflops for site in problem.sites]
    if model is None:
        return _none(problem, "the workload gives bytes but no model, so computing counts as 0")
    if all(speed is None for speed in speeds):
        return _none(problem, "no site declares tflops, so computing counts as 0")
    missing = [site.name for site, speed in zip(problem.sites, speeds, strict=True) if speed is None]
    if missing:
        raise BadInput.at(problem.name, f"tflops of site {missing[0]!r}", "none", "a speed, as other sites have one")
    flops_s = np.array(speeds, dtype=np.float64)[problem.topology.site_of] * FLOPS_PER_TFLOPS * options.efficiency
    forward_s = stage_forward_flops(model, problem.shape) / options.micro_batches / flops_s
    return Compute(forward_s, BACKWARD_PER_FORWARD * forward_s)


def stage_forward_flops(model: Transformer, shape: Shape) -> float:
    """Operations of the largest stage's forward pass on one pipeline's macro-batch.

    Per layer and sequence of length s at hidden size h: 24·s·h² for the matrices and 4·s²·h for the attention scores
    and their use, two operations per multiplication. Embeddings and the output layer are left out.
    """
    s, h = model.sequence_length, model.hidden
    layers = math.ceil(model.layers / shape.pipeline_parallel)
    sequences = model.sequences_per_iteration / shape.data_parallel
    return layers * sequences * (24 * s * h**2 + 4 * s**2 * h)


def iteration_flops(model: Transformer) -> float:
    """Operations of a whole iteration, forward and backward, of all layers once: the numerator of a PFLOPS figure."""
    whole = Shape(1, 1)
    return (1 + BACKWARD_PER_FORWARD) * stage_forward_flops(model, whole)


def _none(problem: AllocationProblem, note: str) -> Compute:
    zeros = np.zeros(problem.shape.n_devices)
    return Compute(zeros, zeros, note)
