"""What all tests share: reproducible hypothesis runs and small random problems."""

from __future__ import annotations

import os
from collections.abc import Callable

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy: spinning threads take the cores from what is tested

import numpy as np
import pytest
from hypothesis import HealthCheck, settings

from tasklet_bench.problems import Shape, Site, Topology, Workload
from tasklet_bench.problems.allocation import AllocationProblem

settings.register_profile(
    "project",
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("project")

ProblemMaker = Callable[..., AllocationProblem]


@pytest.fixture(scope="session")
def random_problem() -> ProblemMaker:
    """Make a problem of directed device-level links, all distinct, from a shape and a seed."""

    def make(data_parallel: int, pipeline_parallel: int, seed: int = 0) -> AllocationProblem:
        rng = np.random.default_rng(seed)
        n = data_parallel * pipeline_parallel
        topology = Topology(
            tuple(Site(f"device {i}", 1) for i in range(n)), rng.uniform(0, 0.1, (n, n)), rng.uniform(1e7, 1e9, (n, n))
        )
        return AllocationProblem(
            f"random-{seed}", topology, Workload(6e8, 5e8), Shape(data_parallel, pipeline_parallel)
        )

    return make
