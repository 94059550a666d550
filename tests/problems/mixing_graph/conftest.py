"""Small invented instances of mixing graphs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tasklet_bench.problems.collective.devices import Devices
from tasklet_bench.problems.collective.network import Network
from tasklet_bench.problems.mixing_graph import MixingGraphOptions, MixingGraphProblem
from tasklet_bench.problems.topology import Site, Topology
from tasklet_bench.problems.workload import Transformer

Maker = Callable[..., MixingGraphProblem]


@pytest.fixture(scope="session")
def make() -> Maker:
    """Make an instance of directed device-level links and unequal devices from a seed."""

    def make(n: int, seed: int = 0, **options: Any) -> MixingGraphProblem:
        rng = np.random.Generator(np.random.PCG64(seed))
        topology = Topology(
            tuple(Site(f"device {i}", 1) for i in range(n)),
            0.2 * rng.random((n, n)),
            1e9 ** (0.8 + 0.2 * rng.random((n, n))),
        )
        devices = Devices(1e13 * (0.5 + rng.random(n)), np.full(n, 16e9))
        network = Network(f"invented-{seed}", topology, devices, Transformer(2, 256, 128, 64))
        return MixingGraphProblem(network.name, network, MixingGraphOptions(**options))

    return make
