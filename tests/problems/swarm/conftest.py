"""Check values, and small random instances."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tasklet_bench.problems.pipeline_model.devices import Devices
from tasklet_bench.problems.pipeline_model.model import Model, split
from tasklet_bench.problems.swarm import SwarmOptions, SwarmProblem
from tasklet_bench.problems.topology import Site

CHECK_VALUES = Path(__file__).parents[1] / "families" / "swarm.json"

Maker = Callable[..., SwarmProblem]


@pytest.fixture(scope="session")
def check_values() -> list[dict[str, Any]]:
    """The instances of the file of check values."""
    instances: list[dict[str, Any]] = json.loads(CHECK_VALUES.read_text(encoding="utf-8"))["instances"]
    return instances


@pytest.fixture(scope="session")
def make() -> Maker:
    """Make a random instance of N devices and K stages, in which computing, cards, links and memory all matter."""

    def problem(n: int, k: int, seed: int = 0, **options: Any) -> SwarmProblem:
        rng = np.random.default_rng(seed)
        devices = Devices(
            tuple(Site(f"device-{i}", 1) for i in range(n)),
            rng.uniform(2e9, 8e9, n),
            rng.uniform(3e7, 1e8, n),
            np.full(n, 1e9),
            rng.uniform(5e7, 5e8, n),
            np.exp(rng.uniform(np.log(2e5), np.log(1e7), n)),
            np.exp(rng.uniform(np.log(2e5), np.log(1e7), n)),
            rng.uniform(0, 0.1, (n, n)),
            np.exp(rng.uniform(np.log(3e4), np.log(1e7), (n, n))),
        )
        model = Model(6, 256, 4, 128, 96)
        return SwarmProblem(f"random-{seed}", devices, model, SwarmOptions(split(6, k), **options))

    return problem


def with_devices(problem: SwarmProblem, **arrays: Any) -> SwarmProblem:
    """The same instance with other figures of its devices."""
    return replace(problem, devices=replace(problem.devices, **arrays))


def with_options(problem: SwarmProblem, **options: Any) -> SwarmProblem:
    """The same instance with other options."""
    return replace(problem, options=replace(problem.options, **options))


def with_network(problem: SwarmProblem, factor: float) -> SwarmProblem:
    """The same instance with all rates of network cards and links multiplied."""
    names = ("upload_bytes_s", "download_bytes_s", "bandwidth_bytes_s")
    return with_devices(problem, **{name: getattr(problem.devices, name) * factor for name in names})


def all_labels(problem: SwarmProblem) -> list[np.ndarray[tuple[int], np.dtype[np.int64]]]:
    """Every member of the decision."""
    k = problem.options.n_stages
    every = product(range(k + 1), repeat=problem.devices.n_devices)
    return [np.array(labels) for labels in every if len(set(labels) - {k}) == k]
