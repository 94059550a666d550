"""Check values, and small random instances."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tasklet_bench.problems.atom import AtomOptions, AtomProblem
from tasklet_bench.problems.pipeline_model.devices import Devices
from tasklet_bench.problems.pipeline_model.model import Model
from tasklet_bench.problems.topology import Site

CHECK_VALUES = Path(__file__).parents[1] / "families" / "atom.json"

Maker = Callable[..., AtomProblem]


@pytest.fixture(scope="session")
def check_values() -> list[dict[str, Any]]:
    """The instances of the file of check values."""
    instances: list[dict[str, Any]] = json.loads(CHECK_VALUES.read_text(encoding="utf-8"))["instances"]
    return instances


@pytest.fixture(scope="session")
def make() -> Maker:
    """Make a random instance of N peers in which swaps, memory and network all matter."""

    def problem(n: int, seed: int = 0, **options: Any) -> AtomProblem:
        rng = np.random.default_rng(seed)
        devices = Devices(
            tuple(Site(f"peer-{i}", 1) for i in range(n)),
            rng.uniform(2e9, 2e10, n),
            rng.uniform(1e7, 4e7, n),
            np.full(n, 1e9),
            rng.uniform(5e6, 5e8, n),
            rng.uniform(1e6, 1e7, n),
            rng.uniform(1e6, 1e7, n),
            rng.uniform(0, 0.1, (n, n)),
            rng.uniform(5e5, 1e7, (n, n)),
        )
        options = {"accumulations": (1, 2, 4, 8)} | options
        return AtomProblem(f"random-{seed}", devices, Model(6, 256, 4, 64, 96), AtomOptions(**options))

    return problem


def with_devices(problem: AtomProblem, **arrays: Any) -> AtomProblem:
    """The same instance with other figures of its devices."""
    return replace(problem, devices=replace(problem.devices, **arrays))
