"""The period of an order in plain NumPy: run the recursion from every rank, then Karp's theorem."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.collective.overlap import Overlap
from tasklet_bench.problems.collective.plain_cycle_mean import karp
from tasklet_bench.problems.gossip.schedules import Schedule
from tasklet_bench.problems.topology import Topology


def judge_period_s(
    topology: Topology,
    message_bytes: float,
    compute_s: NDArray[np.float64],
    overlap: Overlap,
    schedule: Schedule,
    order: NDArray[np.int64],
) -> float:
    """Seconds of an iteration in the long run; `compute_s` `(W, N)` is by device, `order[p]` the device of rank p."""
    state = np.full((schedule.n_ranks, schedule.n_ranks), -np.inf)
    np.fill_diagonal(state, 0.0)
    for k in range(len(compute_s)):
        groups = schedule.rounds[k % len(schedule.rounds)]
        state = advance(topology, message_bytes, compute_s[k][order], overlap, groups, order, state)
    return karp(state.T) / len(compute_s)


def advance(
    topology: Topology,
    message_bytes: float,
    computing_s: NDArray[np.float64],
    overlap: Overlap,
    groups: tuple[tuple[int, ...], ...],
    order: NDArray[np.int64],
    state: NDArray[np.float64],
) -> NDArray[np.float64]:
    """One iteration of the recursion: `state` and result hold when each rank is ready, `(N,)` or `(N, starts)`.

    A rank is ready again when it has computed, and when all of its group have sent it their values.
    """
    column = computing_s.reshape(-1, *[1] * (state.ndim - 1))
    after = state + column
    for group in map(list, groups):
        if len(group) > 1:
            exchange_s = all_reduce_s(topology, message_bytes, order[group])
            reported = state[group] + overlap.seconds(column[group], exchange_s)
            after[group] = np.maximum(after[group], reported.max(axis=0))
    return after


def all_reduce_s(topology: Topology, message_bytes: float, devices: NDArray[np.int64]) -> float:
    """Seconds in which a ring of devices averages: 2(m−1) steps of a chunk of 1/m, each as slow as its slowest hop."""
    m = len(devices)
    following = np.roll(devices, -1)
    chunk_s = message_bytes / m / topology.bandwidth_bytes_s[devices, following]
    return float(2 * (m - 1) * (topology.delay_s[devices, following] + chunk_s).max())
