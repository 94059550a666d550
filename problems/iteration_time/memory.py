"""What a stage needs on its device: weights with their optimiser, and the activations of micro-batches in flight.

Sources: Adam in mixed precision holds 16 bytes a parameter (Rajbhandari et al., "ZeRO", SC 2020: 2 + 2 + 12; in single
precision 4 + 4 + 8). A transformer layer keeps 34 bytes of activations for each element at its edge, where attention
scores are not stored (Korthikanti et al., arXiv 2205.05198, equation 2 without its second term), and an element at the
edge takes 2, so that a layer keeps 17 times what is sent behind it; recomputation keeps that edge alone, and one layer
at work.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.allocation import AllocationProblem
from tasklet_bench.problems.iteration_time.options import SimulationOptions
from tasklet_bench.problems.iteration_time.schedules import SCHEDULES, most_in_flight
from tasklet_bench.problems.iteration_time.stage_layers import layers_of_chunks
from tasklet_bench.problems.workload import Transformer

BYTES_PER_GB = 1e9
BYTES_PER_PARAMETER = 16
KEPT_PER_EDGE = 17
"""Bytes of activations that a layer keeps, over those that it sends behind it."""
HOST_LINK_BYTES_S = 15.75e9
"""PCIe 3.0 with 16 lanes, one direction: the way to the host's memory where no site declares it."""


@dataclass(frozen=True, eq=False)
class StageMemory:
    """Bytes that each of K stages needs, shapes `(K,)`.

    `weights_bytes` holds weights, gradients and optimiser; `micro_batch_bytes` the activations of one micro-batch, and
    `working_bytes` those of one layer at work where they are made again; `in_flight` how many micro-batches are held at
    once at most (shares of one where a stage holds chunks).
    """

    weights_bytes: NDArray[np.float64] = field(repr=False)
    micro_batch_bytes: NDArray[np.float64] = field(repr=False)
    working_bytes: NDArray[np.float64] = field(repr=False)
    in_flight: NDArray[np.float64] = field(repr=False)

    @property
    def need_bytes(self) -> NDArray[np.float64]:
        """All of it together."""
        return self.weights_bytes + self.working_bytes + self.in_flight * self.micro_batch_bytes


def stage_memory(
    problem: AllocationProblem, options: SimulationOptions, layers: tuple[int, ...] | None = None
) -> StageMemory | None:
    """What the stages need with `layers` of the model in each; None where neither a profile nor a model is known."""
    model = _layers_of_model(problem, options)
    if model is None:
        return None
    parameters, edge_bytes = model
    k, chunks = problem.shape.pipeline_parallel, options.held_chunks
    largest = problem.workload.profile is None and layers is None  # as the formal model counts: all like the largest
    if largest:
        cut = (math.ceil(len(parameters) / k),) * k
        parameters, edge_bytes = (np.resize(array, sum(cut)) for array in (parameters, edge_bytes))
        layers = cut
    cut = layers_of_chunks(len(parameters), k, chunks, layers, problem.name)
    edges = np.cumsum([0, *cut])[:-1]
    weights = np.add.reduceat(parameters, edges).reshape(chunks, k) * BYTES_PER_PARAMETER
    again = options.recomputation == "full"
    kept = np.add.reduceat(edge_bytes, edges).reshape(chunks, k) * (1 if again else KEPT_PER_EDGE)
    work = np.maximum.reduceat(edge_bytes, edges).reshape(chunks, k).max(axis=0) * (KEPT_PER_EDGE if again else 0)
    held = np.array(
        [most_in_flight(SCHEDULES[options.schedule](j, k, options.micro_batches, chunks)) for j in range(k)]
    ).T
    whole = kept.sum(axis=0)
    in_flight = np.divide((held * kept).sum(axis=0), whole, out=held.sum(axis=0) / chunks, where=whole > 0)
    return StageMemory(weights.sum(axis=0), whole, work, in_flight)


def _layers_of_model(
    problem: AllocationProblem, options: SimulationOptions
) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
    """Parameters and bytes behind each layer for one micro-batch, shapes `(L,)`."""
    profile, model = problem.workload.profile, problem.workload.transformer
    if profile is not None:
        sent = profile.activation_bytes
        return profile.parameters, np.append(sent, sent[-1:] if sent.size else 0.0)
    if model is None:
        return None
    return _equal_layers(model, problem.workload.activation_bytes / options.micro_batches)


def _equal_layers(model: Transformer, edge_bytes: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    return np.full(model.layers, float(model.layer_parameters)), np.full(model.layers, edge_bytes)


def device_memory_bytes(problem: AllocationProblem) -> NDArray[np.float64]:
    """Memory of each device, shape `(N,)`; infinite where its site declares none."""
    of_site = [math.inf if site.memory_gb is None else site.memory_gb * BYTES_PER_GB for site in problem.sites]
    return np.array(of_site)[problem.topology.site_of]


def excess_bytes(
    problem: AllocationProblem, options: SimulationOptions, layers: tuple[int, ...] | None = None
) -> NDArray[np.float64]:
    """What each stage needs above the memory of each device, shape `(K, N)`; 0 where nothing is known."""
    memory, has_bytes = stage_memory(problem, options, layers), device_memory_bytes(problem)
    if memory is None:
        return np.zeros((problem.shape.pipeline_parallel, len(has_bytes)))
    return np.maximum(memory.need_bytes[:, None] - has_bytes[None, :], 0.0)


def host_link_bytes_s(problem: AllocationProblem) -> NDArray[np.float64]:
    """Rate of each device's link to its host's memory, shape `(N,)`."""
    of_site = [site.host_link_gbps for site in problem.sites]
    rates = [HOST_LINK_BYTES_S if gbps is None else gbps * BYTES_PER_GB / 8 for gbps in of_site]
    return np.array(rates)[problem.topology.site_of]


@dataclass(frozen=True)
class Misfit:
    """A stage that does not fit a device: what it needs and what that has (in bytes)."""

    stage: int
    device: int
    site: str
    need_bytes: float
    weights_bytes: float
    has_bytes: float

    def __str__(self) -> str:
        need, weights, has = (x / BYTES_PER_GB for x in (self.need_bytes, self.weights_bytes, self.has_bytes))
        return (
            f"stage {self.stage} needs {need:.4g} GB on device {self.device} ({self.site}), which has {has:.4g}: "
            f"{weights:.4g} for weights and optimiser, {need - weights:.4g} for activations"
        )

    def as_dict(self) -> dict[str, Any]:
        """For JSON, in GB."""
        return {
            "stage": self.stage,
            "device": self.device,
            "site": self.site,
            "need_gb": self.need_bytes / BYTES_PER_GB,
            "weights_gb": self.weights_bytes / BYTES_PER_GB,
            "has_gb": self.has_bytes / BYTES_PER_GB,
        }


def misfits(
    problem: AllocationProblem,
    options: SimulationOptions,
    grid: NDArray[np.int64],
    layers: tuple[int, ...] | None = None,
) -> list[Misfit]:
    """Every stage of a grid `(D, K)` that does not fit, once, with the device where most is missing."""
    memory, has_bytes = stage_memory(problem, options, layers), device_memory_bytes(problem)
    if memory is None:
        return []
    result = []
    for stage, devices in enumerate(grid.T):
        device = int(devices[has_bytes[devices].argmin()])
        if memory.need_bytes[stage] > has_bytes[device]:
            site = problem.sites[problem.topology.site_of[device]].name
            result.append(
                Misfit(
                    stage,
                    device,
                    site,
                    float(memory.need_bytes[stage]),
                    float(memory.weights_bytes[stage]),
                    float(has_bytes[device]),
                )
            )
    return result
