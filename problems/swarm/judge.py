"""The cost of labels once more, in code to read: device by device, link by link, the flow by linear programming.

A micro-batch passes one device of each stage, and its gradients return the same way. *Best* wiring reaches the maximum
flow from the first stage to the last through what devices and links can carry. *Proportional* wiring is that of the
released balancer (yandex-research/swarm@f66855f, src/moe/client/balancer.py): every device hands its outputs on in
proportion to what the next stage's devices can do, whatever the links to them are.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from tasklet_bench.problems.pipeline_model.exchange import exchange
from tasklet_bench.problems.problem import Cost

if TYPE_CHECKING:
    from tasklet_bench.problems.swarm.problem import SwarmProblem

Stages = Sequence[Sequence[int]]

SCALE = 1e3
"""Capacities are given to the solver as multiples of the largest possible flow over so much: it works to 1e-10."""


def judge(problem: SwarmProblem, labels: Sequence[int]) -> Cost:
    """The cost of labels that are a member of the decision: means over the scenarios of who is absent."""
    k, rows = problem.options.n_stages, problem.options.absences or ((False,) * len(labels),)
    parts = {"stream_s": 0.0, "allreduce_s": 0.0, "restart_s": 0.0}
    for absent in rows:
        stages = [[i for i, label in enumerate(labels) if label == s and not absent[i]] for s in range(k)]
        if not all(stages):
            stages = [[i for i, label in enumerate(labels) if label == s] for s in range(k)]
            parts["restart_s"] += problem.options.restart_s / len(rows)
        micro_batches = problem.model.sequences_per_iteration / problem.options.micro_batch
        parts["stream_s"] += micro_batches / throughput(problem, stages) / len(rows)
        slowest_s = max(
            exchange(problem.devices, stage, 4.0 * 12.0 * problem.model.hidden**2 * layers)
            for stage, layers in zip(stages, problem.options.stage_layers, strict=True)
        )
        parts["allreduce_s"] += slowest_s / len(rows)
    return Cost(sum(parts.values()), parts)


def throughput(problem: SwarmProblem, stages: Stages) -> float:
    """Micro-batches a second that the devices of the stages get through."""
    capacities = [[capacity(problem, i, s) for i in stage] for s, stage in enumerate(stages)]
    if problem.options.wiring == "proportional":
        return _proportional(problem, stages, capacities)
    return _maximum_flow(problem, stages, capacities)


def capacity(problem: SwarmProblem, device: int, stage: int) -> float:
    """Micro-batches a second that a device computes, and its card carries, in a stage."""
    devices, options, model = problem.devices, problem.options, problem.model
    h, s, b, layers = model.hidden, model.sequence_length, options.micro_batch, options.stage_layers[stage]
    need = 16 * 12 * h**2 * layers + options.in_flight * layers * 2 * b * s * h + 34 * b * s * h
    spill_s = 2 * max(0.0, need - devices.memory_bytes[device]) / devices.host_link_bytes_s[device]
    compute_s = 4 * b * layers * (24 * s * h**2 + 4 * s**2 * h) / devices.flops[device] + spill_s
    boundaries = (stage > 0) + (stage < options.n_stages - 1)
    if boundaries == 0:
        return float(1 / compute_s)
    card = min(devices.upload_bytes_s[device], devices.download_bytes_s[device]) / (boundaries * _message(problem))
    return float(min(1 / compute_s, card))


def link(problem: SwarmProblem, one: int, other: int) -> float:
    """Micro-batches a second that a link carries, activations one way and gradients back."""
    rates = problem.devices.bandwidth_bytes_s
    return float(min(rates[one, other], rates[other, one]) / _message(problem))


def _message(problem: SwarmProblem) -> float:
    """Bytes of a micro-batch's activations at a boundary."""
    elements = problem.options.micro_batch * problem.model.sequence_length * problem.model.hidden
    return elements * problem.options.bytes_per_activation


def _proportional(problem: SwarmProblem, stages: Stages, capacities: Sequence[Sequence[float]]) -> float:
    theta = min(sum(stage) for stage in capacities)
    for s in range(len(stages) - 1):
        both = sum(capacities[s]) * sum(capacities[s + 1])
        for i, c_i in zip(stages[s], capacities[s], strict=True):
            for j, c_j in zip(stages[s + 1], capacities[s + 1], strict=True):
                theta = min(theta, link(problem, i, j) * both / (c_i * c_j))
    return theta


def _maximum_flow(problem: SwarmProblem, stages: Stages, capacities: Sequence[Sequence[float]]) -> float:
    """A linear program over the flow through each device, then the flow on each link between neighbouring stages."""
    from scipy.optimize import linprog
    from scipy.sparse import lil_array

    limit = min(sum(stage) for stage in capacities)
    nodes = [(s, a) for s, stage in enumerate(stages) for a in range(len(stage))]
    number = {node: place for place, node in enumerate(nodes)}
    most = [capacities[s][a] for s, a in nodes]
    conservation = lil_array((2 * len(nodes), len(nodes) + sum(len(a) * len(b) for a, b in _neighbours(stages))))
    for s, (here, there) in enumerate(_neighbours(stages)):
        for a, i in enumerate(here):
            for b, j in enumerate(there):
                conservation[number[s, a], len(most)] = 1.0  # what a device sends is what passes it
                conservation[len(nodes) + number[s + 1, b], len(most)] = 1.0  # and so is what it receives
                most.append(link(problem, i, j))
    rows = []
    for (s, _), place in number.items():
        if s < len(stages) - 1:
            conservation[place, place] = -1.0
            rows.append(place)
        if s > 0:
            conservation[len(nodes) + place, place] = -1.0
            rows.append(len(nodes) + place)
    gain = [-1.0 if place < len(stages[0]) else 0.0 for place in range(len(most))]
    if not rows:
        return limit
    equations: Any = conservation.tocsr()[sorted(rows)]
    solution = linprog(
        gain,
        A_eq=equations,
        b_eq=np.zeros(len(rows)),
        bounds=[(0.0, min(1.0, value / limit) * SCALE) for value in most],
        method="highs-ds",
        options={"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10},
    )
    if not solution.success:
        raise RuntimeError(f"the linear program of the maximum flow was not solved: {solution.message}")
    return float(solution.fun or 0.0) * -limit / SCALE


def _neighbours(stages: Stages) -> list[tuple[Sequence[int], Sequence[int]]]:
    return list(pairwise(stages))
