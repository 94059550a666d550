"""A lower bound on the cost: one device a stage without an exchange, or more devices and the least of exchanges.

No device gets more through a stage than c̄, the smaller of its capacity and of what all its links carry. (a) With one
device in every stage, the throughput is that of the best bottleneck assignment. (b) Else some stage has n ≥ 2 devices
and exchanges, and the throughput is at most that of devices that may be divided among the stages.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.pipeline_model.devices import Array, Devices
from tasklet_bench.problems.pipeline_model.exchange import least
from tasklet_bench.problems.swarm.tables import Tables

ROUNDED_DOWN = 1 - 1e-12
"""What a bound is shortened by, as sums in another order differ in their last bits."""


def lower_bound(devices: Devices, tables: Tables, micro_batches: float) -> float:
    """The bound (in seconds); churn never lowers a cost below it."""
    k, n = tables.capacity.shape
    reach = reachable(tables)
    alone_s = micro_batches / reach[np.arange(k), bottleneck_assignment(reach)].min() * ROUNDED_DOWN
    if n == k:
        return float(alone_s)
    volume = float(tables.gradient_bytes.min())
    exchange_s = min(least(devices, size, volume) for size in range(2, n - k + 2))
    together_s = micro_batches / divided_throughput(reach) + exchange_s
    return float(min(alone_s, together_s * ROUNDED_DOWN))


def reachable(tables: Tables) -> Array:
    """c̄: micro-batches a second that a device gets through a stage with all its links at hand, `(K, N)`."""
    t = tables.boundaries[:, None]
    if not t.any():
        return tables.capacity
    reach: Array = np.minimum(tables.capacity, tables.link.sum(axis=1)[None, :] / t)
    return reach


def bottleneck_assignment(rates: Array) -> NDArray[np.int64]:
    """A device (column) of its own for each stage (row) such that the smallest rate is as large as can be, `(K,)`."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import maximum_bipartite_matching

    levels = np.unique(rates)
    low, high = 0, len(levels) - 1
    best = maximum_bipartite_matching(csr_array(rates >= levels[0]), perm_type="column")
    while low < high:
        middle = (low + high + 1) // 2
        matching = maximum_bipartite_matching(csr_array(rates >= levels[middle]), perm_type="column")
        if (matching >= 0).all():
            low, best = middle, matching
        else:
            high = middle - 1
    return best.astype(np.int64)


def divided_throughput(rates: Array) -> float:
    """The largest throughput of all stages (rows) if devices (columns) may divide their time among them.

    The linear program is solved for its prices y of stages, which sum to 1: no division gets more through than
    Σ_i max_s y_s·c̄[i,s], whatever the solver's tolerance, and the best prices meet the program's value.
    """
    from scipy.optimize import linprog
    from scipy.sparse import coo_array

    k, n = rates.shape
    scale = float(rates.max())
    place = np.arange(k * n)
    stage, device = place // n, place % n
    theta = k * n
    table: Any = coo_array(
        (
            np.concatenate([-rates.ravel() / scale, np.ones(k), np.ones(k * n)]),
            (
                np.concatenate([stage, np.arange(k), k + device]),
                np.concatenate([place, np.full(k, theta), place]),
            ),
        ),
        shape=(k + n, theta + 1),
    ).tocsr()
    gain = np.zeros(theta + 1)
    gain[theta] = -1.0
    limits = np.concatenate([np.zeros(k), np.ones(n)])
    solution = linprog(gain, A_ub=table, b_ub=limits, method="highs-ds")
    prices = np.full(k, 1.0 / k)
    if solution.success:
        prices = np.maximum(0.0, -solution.ineqlin.marginals[:k])
        prices /= prices.sum()
    return float((prices[:, None] * rates).max(axis=0).sum())
