"""A lower bound on the cost: peers that never wait for a last pass, and what their exchange takes at least.

Let n peers take part, the slowest card among them being the r-th fastest of all. They are no faster than the n fastest
of those r, that card sends the whole vector at least once, and no group beats the least exchange of its size.
"""

from __future__ import annotations

import numpy as np

from tasklet_bench.problems.pipeline_model.devices import Array, Devices
from tasklet_bench.problems.pipeline_model.exchange import least
from tasklet_bench.problems.tolerances import ROUNDED_DOWN


def lower_bound(devices: Devices, rates: Array, micro_batches: int, gradient_bytes: float) -> float:
    """The bound (in seconds) for each peer's best rate in micro-batches a second, `(N,)`."""
    n = devices.n_devices
    bound_s = micro_batches / float(rates.max())  # alone
    least_s = np.array([least(devices, size, gradient_bytes) for size in range(2, n + 1)])
    falling = np.argsort(-devices.card_bytes_s, kind="stable")
    delay_s = 2.0 * devices.delay_s[~np.eye(n, dtype=bool)].min() if n > 1 else 0.0
    for r in range(2, n + 1):
        exchange_s = delay_s + gradient_bytes / devices.card_bytes_s[falling[r - 1]]
        together = np.cumsum(np.sort(rates[falling[:r]])[::-1])[1:]
        bound_s = min(bound_s, (micro_batches / together + np.maximum(least_s[: r - 1], exchange_s)).min())
    return float(bound_s * ROUNDED_DOWN)
