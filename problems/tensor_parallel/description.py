"""What an instance is like: facts for the page, and kinds for tables."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from tasklet_bench.problems.tensor_parallel.evaluate import MEMORY
from tasklet_bench.problems.tensor_parallel.shape_table import memory_needs
from tasklet_bench.problems.tensor_parallel.starts import score_shapes

if TYPE_CHECKING:
    from tasklet_bench.problems.tensor_parallel.problem import TensorParallelProblem

_SIZES = ((8, "up to 8"), (16, "9–16"), (32, "17–32"), (64, "33–64"), (128, "65–128"))


def list_facts(problem: TensorParallelProblem) -> dict[str, str | int | float]:
    """Model, devices, memory and shapes, by heading."""
    model, devices = problem.model, problem.devices
    memory_gb = devices.memory_bytes / 1e9
    state_gb = 16 * model.parameters_per_layer * model.layers / 1e9
    needs = memory_needs(problem.table, model.layers)
    modes = Counter(shape.mode for shape in problem.shapes)
    return {
        "devices": devices.n_devices,
        "kinds of devices": ", ".join(_device_kinds(problem)),
        "model": f"{model.layers} layers, hidden {model.hidden}, {model.heads} heads",
        "batch": f"{model.sequences_per_iteration} sequences of {model.sequence_length}",
        "weights and Adam (GB)": round(state_gb, 2),
        "memory in all (GB)": round(float(memory_gb.sum()), 2),
        "shapes": len(problem.shapes),
        "shapes by mode": ", ".join(f"{mode} {count}" for mode, count in modes.items()),
        "shapes without spilling": int((needs.max(axis=1) <= devices.memory_bytes.min()).sum()),
        "memory": "decides" if memory_decides(problem) else "does not decide",
    }


def list_kinds(problem: TensorParallelProblem) -> dict[str, str]:
    """Number of devices, kinds of devices, whether memory decides, and whether links differ much."""
    n = problem.devices.n_devices
    kinds = len(_device_kinds(problem))
    return {
        "devices": next((text for most, text in _SIZES if n <= most), "above 128"),
        "kinds of devices": "one" if kinds == 1 else "two" if kinds == 2 else "three or more",
        "memory": "decides" if memory_decides(problem) else "does not decide",
    }


def memory_decides(problem: TensorParallelProblem) -> bool:
    """Whether who ignores memory is led astray: the shape that a grid search then takes spills on the host order."""
    endless = problem.rates.copy()
    endless[MEMORY] = np.inf
    endless.flags.writeable = False
    order = np.arange(problem.devices.n_devices)
    blind = int(np.argmin(score_shapes(problem, order, endless)))
    return problem.cost((np.array([blind]), order)).parts_s["spill_s"] > 0


def _device_kinds(problem: TensorParallelProblem) -> list[str]:
    """Types of devices, distinguished by what the cost sees of them: speed, memory and host link."""
    names: dict[tuple[float, ...], str] = {}
    for device, rates in enumerate(problem.rates.T.tolist()):
        site = problem.sites[problem.devices.site_of[device]]
        name = site.device or f"{rates[0] / 1e12:.3g} TFLOPS and {rates[1] / 1e9:.3g} GB"
        names.setdefault(tuple(rates), name)
    return list(names.values())
