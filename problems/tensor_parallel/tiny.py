"""Two devices and two layers: enough to load compiled code."""

from __future__ import annotations

import numpy as np

from tasklet_bench.problems.pipeline_model.devices import Devices
from tasklet_bench.problems.pipeline_model.model import Model
from tasklet_bench.problems.tensor_parallel.problem import TensorParallelProblem
from tasklet_bench.problems.topology import Site


def tiny_problem() -> TensorParallelProblem:
    """The smallest instance that has tensor groups, stages and replicas to choose from."""
    each, links = np.ones(2), np.ones((2, 2))
    devices = Devices((Site("both", 2),), each, each, each, each, each, each, links, links)
    return TensorParallelProblem("tiny", devices, Model(2, 4, 2, 4, 4))
