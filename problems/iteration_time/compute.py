"""What a stage costs on a device: from a profile of the layers, or from the model's shape and the device's speed."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.allocation import AllocationProblem
from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.iteration_time.memory import excess_bytes, host_link_bytes_s
from tasklet_bench.problems.iteration_time.options import SimulationOptions
from tasklet_bench.problems.iteration_time.stage_layers import layers_of_chunks
from tasklet_bench.problems.profile import Profile
from tasklet_bench.problems.topology import BYTES_PER_S_PER_GBPS
from tasklet_bench.problems.workload import BYTES_PER_FP32, Shape, Transformer

FLOPS_PER_TFLOPS = 1e12
BACKWARD_PER_FORWARD = 2.0
"""A backward pass multiplies twice where the forward pass does once: for its inputs and for its weights."""


@dataclass(frozen=True, eq=False)
class StageCosts:
    """What every stage costs on every device: S stages of the model (K, or K·V in chunks), K of the grid, N devices.

    `forward_s` and `backward_s`, shapes `(S, N)`, are of one micro-batch, `update_s`, shape `(K, N)`, of an iteration.
    `gradient_bytes`, shape `(K,)`, are of all layers of a stage; `boundary_bytes`, shape `(S,)`, what a pipeline's
    macro-batch sends behind each. `receive_bytes_s` is the rate at which receives are paid for. `note` says why passes
    take 0 seconds, if they do.
    """

    forward_s: NDArray[np.float64] = field(repr=False)
    backward_s: NDArray[np.float64] = field(repr=False)
    update_s: NDArray[np.float64] = field(repr=False)
    gradient_bytes: NDArray[np.float64] = field(repr=False)
    boundary_bytes: NDArray[np.float64] = field(repr=False)
    receive_bytes_s: float = math.inf
    note: str | None = None


def stage_costs(
    problem: AllocationProblem, options: SimulationOptions, layers: tuple[int, ...] | None = None
) -> StageCosts:
    """Seconds and bytes of the stages, with `layers` of the model in each, or as many in each.

    With a profile they are sums over the stage's layers. Without one, passes run at the speed that sites declare, or
    `options.tflops` where they declare none, and every stage counts as the largest unless `layers` are given, as the
    formal model counts its gradients; without any speed, or a model's shape, computing counts as 0. Raises `BadInput`
    for devices without seconds or speed where others have them, and for layers that are not the model's. Where memory
    is priced, what does not fit a device goes over the link to its host and back with every micro-batch.
    """
    profile = problem.workload.profile
    costs = (
        _from_speeds(problem, options, layers) if profile is None else _from_profile(problem, profile, options, layers)
    )
    if options.recomputation == "full":
        costs = replace(costs, backward_s=costs.backward_s + costs.forward_s)
    if options.memory == "priced":
        swap_s = excess_bytes(problem, options, layers) / host_link_bytes_s(problem) / options.held_chunks
        swap_s = np.tile(swap_s, (options.held_chunks, 1))
        costs = replace(costs, forward_s=costs.forward_s + swap_s, backward_s=costs.backward_s + swap_s)
    if options.receive_gbps is not None:
        costs = replace(costs, receive_bytes_s=options.receive_gbps * BYTES_PER_S_PER_GBPS)
    return costs


def _from_profile(
    problem: AllocationProblem, profile: Profile, options: SimulationOptions, layers: tuple[int, ...] | None
) -> StageCosts:
    k, chunks = problem.shape.pipeline_parallel, options.held_chunks
    cut = layers_of_chunks(profile.n_layers, k, chunks, layers, problem.name)
    edges = np.concatenate([[0], np.cumsum(cut)])
    kinds = [_profiled(site.device, site.name, profile, problem.name) for site in problem.sites]

    def of_stages(name: str) -> NDArray[np.float64]:
        by_site = [np.add.reduceat(getattr(profile.devices[kind], name), edges[:-1]) for kind in kinds]
        return np.array(by_site)[problem.topology.site_of].T

    gradient_bytes = np.add.reduceat(profile.parameters, edges[:-1]) * profile.gradient_bytes_per_parameter
    boundary_bytes = np.append(profile.activation_bytes[edges[1:-1] - 1], 0.0)
    return StageCosts(
        of_stages("forward_s"),
        of_stages("backward_s"),
        of_stages("update_s").reshape(chunks, k, -1).sum(axis=0),
        gradient_bytes.reshape(chunks, k).sum(axis=0),
        boundary_bytes * options.micro_batches,
    )


def _profiled(kind: str | None, site: str, profile: Profile, source: str) -> str:
    """The type of a site's devices, if the profile has it."""
    if kind is None:
        known = ", ".join(sorted(profile.devices))
        raise BadInput.at(source, f"device of site {site!r}", "none", f"a type that the profile has: {known}")
    if kind not in profile.devices:
        raise BadInput(f"{source}: device of site {site!r}: {BadInput.unknown('device', kind, profile.devices)}")
    return kind


def _from_speeds(problem: AllocationProblem, options: SimulationOptions, layers: tuple[int, ...] | None) -> StageCosts:
    shape, chunks, workload = problem.shape, options.held_chunks, problem.workload
    n_stages, model = shape.pipeline_parallel * chunks, workload.transformer
    flops_s = device_flops_s(problem, options)
    if model is None and layers is not None:
        raise BadInput.at(problem.name, "layers", list(layers), "none: the workload gives bytes but no model")
    if model is None or flops_s is None:
        forward_s = np.zeros((n_stages, problem.n_devices))
    elif layers is None:
        one = stage_forward_flops(model, shape) / options.micro_batches / flops_s
        forward_s = np.broadcast_to(one / chunks if chunks > 1 else one, (n_stages, problem.n_devices))
    else:
        cut = layers_of_chunks(model.layers, shape.pipeline_parallel, chunks, layers, problem.name)
        layer = layer_forward_flops(model, shape) / options.micro_batches / flops_s
        forward_s = np.array(cut, dtype=np.float64)[:, None] * layer
    gradient_bytes = np.full(shape.pipeline_parallel, workload.gradient_bytes)
    if layers is not None and model is not None:
        gradient_bytes = np.array(layers, dtype=np.float64) * (model.layer_parameters * BYTES_PER_FP32)
    return StageCosts(
        forward_s,
        BACKWARD_PER_FORWARD * forward_s,
        np.zeros((shape.pipeline_parallel, problem.n_devices)),
        gradient_bytes,
        np.full(n_stages, workload.activation_bytes),
        note=_why_no_seconds(model, flops_s),
    )


def _why_no_seconds(model: Transformer | None, flops_s: NDArray[np.float64] | None) -> str | None:
    if model is None:
        return "the workload gives bytes but no model, so computing counts as 0"
    return "no site declares tflops, so computing counts as 0" if flops_s is None else None


def device_flops_s(problem: AllocationProblem, options: SimulationOptions) -> NDArray[np.float64] | None:
    """Operations a second of each device, shape `(N,)`; None where no site has a speed.

    Raises `BadInput` if only some sites have one, or for an efficiency of a type of device that no site has.
    """
    efficiency_of = dict(options.efficiency_of)
    kinds = {site.device for site in problem.sites if site.device}
    for kind in efficiency_of:
        if kind not in kinds:
            raise BadInput(f"{problem.name}: efficiency: {BadInput.unknown('device', kind, kinds)}")
    speeds = [site.tflops if site.tflops is not None else options.tflops for site in problem.sites]
    if problem.workload.transformer is None or all(speed is None for speed in speeds):
        return None
    missing = [site.name for site, speed in zip(problem.sites, speeds, strict=True) if speed is None]
    if missing:
        raise BadInput.at(problem.name, f"tflops of site {missing[0]!r}", "none", "a speed, as other sites have one")
    efficiency = np.array([efficiency_of.get(site.device or "", options.efficiency) for site in problem.sites])
    site_of = problem.topology.site_of
    flops_s: NDArray[np.float64] = np.array(speeds, dtype=np.float64)[site_of] * FLOPS_PER_TFLOPS * efficiency[site_of]
    return flops_s


def stage_forward_flops(model: Transformer, shape: Shape) -> float:
    """Operations of the largest stage's forward pass on one pipeline's macro-batch."""
    layers = math.ceil(model.layers / shape.pipeline_parallel)
    s, h = model.sequence_length, model.hidden
    sequences = model.sequences_per_iteration / shape.data_parallel
    return layers * sequences * (24 * s * h**2 + 4 * s**2 * h)


def layer_forward_flops(model: Transformer, shape: Shape) -> float:
    """Operations of one layer's forward pass on one pipeline's macro-batch.

    Per sequence of length s at hidden size h: 24·s·h² for the matrices and 4·s²·h for the attention scores and their
    use, two operations per multiplication. Embeddings and the output layer are left out.
    """
    return stage_forward_flops(replace(model, layers=1), shape)


def iteration_flops(model: Transformer) -> float:
    """Operations of a whole iteration, forward and backward, of all layers once: the numerator of a PFLOPS figure."""
    whole = Shape(1, 1)
    return (1 + BACKWARD_PER_FORWARD) * stage_forward_flops(model, whole)
