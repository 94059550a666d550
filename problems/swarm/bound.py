"""A lower bound on the cost: one device a stage without an exchange, or more devices and what their exchange takes.

No device gets more through a stage than c̄, the smaller of its capacity and of what all its links carry. (a) With one
device in every stage, the throughput is that of the best bottleneck assignment. (b) Else some stage has two devices or
more, and exchanges. Let the slowest card of a device that is not alone in its stage be the r-th fastest of all: it
sends the whole vector of its stage at least once, and no group beats the least exchange. Devices with slower cards are
in reserve, or alone in a stage, which then is no faster than they are. Neither the r devices nor all of them can do
more than if they were divided among the stages.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.pipeline_model.devices import Array, Devices
from tasklet_bench.problems.pipeline_model.exchange import least
from tasklet_bench.problems.swarm.tables import Tables
from tasklet_bench.problems.tolerances import ROUNDED_DOWN

PROGRAMS = 5
"""Linear programs that a bound may solve, of some milliseconds each."""


def lower_bound(devices: Devices, tables: Tables, micro_batches: float) -> float:
    """The bound (in seconds); churn never lowers a cost below it."""
    k, n = tables.capacity.shape
    reach = reachable(tables)
    alone_s = micro_batches / reach[np.arange(k), bottleneck_assignment(reach)].min() * ROUNDED_DOWN
    if n == k:
        return float(alone_s)
    volume = float(tables.gradient_bytes.min())
    least_s = min(least(devices, size, volume) for size in range(2, n - k + 2))
    falling = np.argsort(-devices.card_bytes_s, kind="stable")
    links = ~np.eye(n, dtype=bool)
    exchange_s = 2.0 * devices.delay_s[links].min() + volume / devices.card_bytes_s[falling]
    exchange_s = np.maximum(exchange_s, least_s)
    together_s = _slowest_member(reach[:, falling], micro_batches, exchange_s)
    return float(min(alone_s, together_s * ROUNDED_DOWN))


def _slowest_member(reach: Array, micro_batches: float, exchange_s: Array) -> float:
    """Case (b), for devices by falling cards: the least over r of stream and exchange (in seconds).

    Prices of stages bound the throughput of any r devices. Those of all devices are taken first; where the least lies,
    better ones are found, a few times.
    """
    n = reach.shape[1]
    slower = np.append(np.maximum.accumulate(reach.max(axis=0)[::-1])[::-1][1:], 0.0)
    most = np.full(n, np.inf)
    solved: set[int] = set()
    count = n
    while count not in solved and len(solved) < PROGRAMS:
        solved.add(count)
        prices = stage_prices(reach[:, :count])
        most = np.minimum(most, np.cumsum((prices[:, None] * reach).max(axis=0)))
        seconds = micro_batches / np.minimum(np.maximum(most, slower), most[-1]) + exchange_s
        count = 2 + int(seconds[1:].argmin())
    return float(seconds[1:].min())


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


def stage_prices(rates: Array) -> Array:
    """Prices y of the stages (rows), `(K,)`, sum 1, that bound what devices (columns) divided among them get through.

    No division gets more through than Σ_i max_s y_s·c̄[i,s], whatever the prices; the best ones, from the linear program
    max Θ: Σ_i x[i,s]·c̄[i,s] ≥ Θ, Σ_s x[i,s] ≤ 1, x ≥ 0, meet its value.
    """
    from scipy.optimize import linprog
    from scipy.sparse import coo_array

    k, n = rates.shape
    place = np.arange(k * n)
    stage, device = place // n, place % n
    theta = k * n
    rows = np.concatenate([stage, np.arange(k), k + device])
    columns = np.concatenate([place, np.full(k, theta), place])
    figures = np.concatenate([-rates.ravel() / rates.max(), np.ones(k), np.ones(k * n)])
    table: Any = coo_array((figures, (rows, columns)), shape=(k + n, theta + 1)).tocsr()
    gain = np.zeros(theta + 1)
    gain[theta] = -1.0
    solution = linprog(gain, A_ub=table, b_ub=np.concatenate([np.zeros(k), np.ones(n)]), method="highs-ds")
    prices = np.full(k, 1.0 / k)
    if solution.success:
        prices = np.maximum(0.0, -solution.ineqlin.marginals[:k])
        prices /= prices.sum()
    return prices
