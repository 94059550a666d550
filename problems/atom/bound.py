"""A lower bound on the cost: the fastest peers without waiting for a last pass, and the least of exchanges."""

from __future__ import annotations

import numpy as np

from tasklet_bench.problems.pipeline_model.devices import Array, Devices
from tasklet_bench.problems.pipeline_model.exchange import least

ROUNDED_DOWN = 1 - 1e-12
"""What the bound is shortened by, as sums in another order differ in their last bits."""


def lower_bound(devices: Devices, rates: Array, micro_batches: int, gradient_bytes: float) -> float:
    """The bound (in seconds) for each peer's best rate in micro-batches a second, `(N,)`."""
    together = np.cumsum(np.sort(rates)[::-1])
    return ROUNDED_DOWN * min(
        micro_batches / float(together[n - 1]) + least(devices, n, gradient_bytes)
        for n in range(1, devices.n_devices + 1)
    )
