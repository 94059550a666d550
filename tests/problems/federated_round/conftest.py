"""Small random rounds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tasklet_bench.problems.federated_round import FederatedRoundProblem
from tasklet_bench.problems.federated_round.instance_file import from_json

ProblemMaker = Callable[..., FederatedRoundProblem]

_MODEL = {"layers": 24, "hidden": 2048, "sequence_length": 2048, "sequences_per_iteration": 512}


@pytest.fixture(scope="session")
def make_problem() -> ProblemMaker:
    """Make a problem of devices at `sites` (their sizes), directed links and uneven devices, from a seed.

    Further keys are those of an instance file's `problem`.
    """

    def make(seed: int, sites: tuple[int, ...] = (1, 1, 1, 1), **problem: Any) -> FederatedRoundProblem:
        rng = np.random.Generator(np.random.PCG64(seed))
        n, s = sum(sites), len(sites)
        places = [
            {"name": f"site-{i}", "devices": size, "tflops": float(rng.choice([65, 125, 989])), "memory_gb": 80.0}
            for i, size in enumerate(sites)
        ]
        samples = np.floor(rng.uniform(10, 60, n)).tolist()
        delay_ms, gbps = rng.uniform(1, 150, (s, s)), np.exp(rng.uniform(np.log(0.1), np.log(3), (s, s)))
        np.fill_diagonal(delay_ms, 0.5)
        np.fill_diagonal(gbps, 10.0)
        return from_json(
            {
                "name": f"random-{seed}",
                "sites": places,
                "delay_ms": delay_ms.tolist(),
                "bandwidth_gbps": gbps.tolist(),
                "model": _MODEL,
                "samples": samples,
                "problem": problem,
            },
            "test",
        )

    return make
