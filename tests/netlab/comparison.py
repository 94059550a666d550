"""What the simulator says about a recorded setting, beside what was measured."""

from __future__ import annotations

from typing import Any

import numpy as np

from tasklet_bench.problems import Shape, Site, Topology, Transformer, Workload
from tasklet_bench.problems.allocation import Allocation, AllocationProblem
from tasklet_bench.problems.iteration_time import SimulationOptions, simulate
from tasklet_bench.problems.iteration_time.compute import stage_forward_flops

MODEL = Transformer(layers=8, hidden=64, sequence_length=64, sequences_per_iteration=8)
"""Some model, for a speed that makes its passes take what the devices slept."""


def compared(record: dict[str, Any], setting: dict[str, Any]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Measured (median of repeats), simulated and formal seconds of the allocations of one setting of a record."""
    delay_s = np.array(record["delay_ms"]) / 1e3
    bytes_s = np.array(record["bandwidth_mbps"]) * 1e6 / 8
    shape = Shape(setting["data_parallel"], setting["pipeline_parallel"])
    topology = Topology((Site("lab", len(delay_s)),), delay_s, bytes_s, "one-way")
    workload = Workload(setting["gradient_bytes"], setting["activation_bytes"], MODEL)
    problem = AllocationProblem(record["network"], topology, workload, shape)
    shared = record["nic_mbps"]
    options = SimulationOptions(
        setting["schedule"],
        setting["micro_batches"],
        setting["collective"],
        sharing="nic" if shared else "independent",
        nic_gbps=shared / 1e3 if shared else None,
        tflops=_speed_tflops(shape, setting),
    )
    grids = [Allocation(np.array(allocation["grid"])) for allocation in setting["allocations"]]
    measured_s = [np.median(allocation["measured_s"]) for allocation in setting["allocations"]]
    simulated_s = [simulate(problem, grid, options).iteration_s for grid in grids]
    return np.array(measured_s), np.array(simulated_s), np.array([problem.cost(grid).total_s for grid in grids])


def _speed_tflops(shape: Shape, setting: dict[str, Any]) -> float | None:
    if not setting["forward_ms"]:
        return None
    flops = stage_forward_flops(MODEL, shape) / setting["micro_batches"]
    return flops / (setting["forward_ms"] / 1e3) / 1e12
