"""Check values, and small random instances."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tasklet_bench.problems.pipeline_model.devices import Devices
from tasklet_bench.problems.pipeline_model.model import Model
from tasklet_bench.problems.tensor_parallel import TensorParallelOptions, TensorParallelProblem
from tasklet_bench.problems.topology import Site

CHECK_VALUES = Path(__file__).parents[1] / "families" / "tensor_parallel.json"

Maker = Callable[..., TensorParallelProblem]


@pytest.fixture(scope="session")
def check_values() -> list[dict[str, Any]]:
    """The instances of the file of check values."""
    instances: list[dict[str, Any]] = json.loads(CHECK_VALUES.read_text(encoding="utf-8"))["instances"]
    return instances


@pytest.fixture(scope="session")
def make() -> Maker:
    """Make a random instance of N devices that spills here and there, with directed links all distinct."""

    def problem(n: int, seed: int = 0, options: TensorParallelOptions | None = None, **model: int) -> Any:
        rng = np.random.default_rng(seed)
        devices = Devices(
            tuple(Site(f"device-{i}", 1) for i in range(n)),
            rng.uniform(2e9, 8e9, n),
            rng.uniform(5e6, 2e7, n),
            np.full(n, 1e9),
            rng.uniform(3e7, 9e7, n),
            np.full(n, 1e8),
            np.full(n, 1e8),
            rng.uniform(0, 0.01, (n, n)),
            rng.uniform(1e6, 1e8, (n, n)),
        )
        sizes = {"layers": 6, "hidden": 264, "heads": 12, "sequence_length": 96, "sequences_per_iteration": 24} | model
        options = options or TensorParallelOptions(micro_batch_sizes=(1, 2, 4), most_tensor=9)
        return TensorParallelProblem(f"random-{seed}", devices, Model(**sizes), options)

    return problem


def with_devices(problem: TensorParallelProblem, **arrays: Any) -> TensorParallelProblem:
    """The same instance with other figures of its devices."""
    return replace(problem, devices=replace(problem.devices, **arrays))


def of_mode(problem: TensorParallelProblem, *modes: str) -> list[int]:
    """Numbers of the shapes of some modes."""
    return [number for number, shape in enumerate(problem.shapes) if shape.mode in modes]
