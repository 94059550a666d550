"""Small random devices."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from tasklet_bench.problems.pipeline_model.devices import Devices
from tasklet_bench.problems.topology import Site


@pytest.fixture(scope="session")
def make_devices() -> Callable[..., Devices]:
    """Make N devices whose figures and directed links are all distinct."""

    def make(n: int, seed: int) -> Devices:
        rng = np.random.default_rng(seed)
        return Devices(
            tuple(Site(f"device-{i}", 1) for i in range(n)),
            rng.uniform(2e9, 8e9, n),
            rng.uniform(1e8, 2e8, n),
            np.full(n, 1e9),
            rng.uniform(1e8, 5e8, n),
            rng.uniform(1e6, 5e7, n),
            rng.uniform(1e6, 5e7, n),
            rng.uniform(0, 0.1, (n, n)),
            rng.uniform(1e6, 1e8, (n, n)),
        )

    return make
