"""Networks whose links are all alike: what closed forms are about."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from tasklet_bench.problems import Shape, Site, Topology, Transformer, Workload
from tasklet_bench.problems.allocation import AllocationProblem

UniformMaker = Callable[..., AllocationProblem]


@pytest.fixture(scope="session")
def uniform_problem() -> UniformMaker:
    """Make a problem of equal links at one site, of a shape, a delay and a bandwidth, with or without a model."""

    def make(
        data_parallel: int,
        pipeline_parallel: int,
        delay_s: float = 0.03,
        bandwidth_bytes_s: float = 1e8,
        model: Transformer | None = None,
        tflops: float | None = None,
    ) -> AllocationProblem:
        shape = Shape(data_parallel, pipeline_parallel)
        n = shape.n_devices
        topology = Topology(
            (Site("here", n, tflops=tflops),), np.full((n, n), delay_s), np.full((n, n), bandwidth_bytes_s)
        )
        return AllocationProblem("uniform", topology, model.workload(shape) if model else Workload(6e8, 5e8), shape)

    return make
