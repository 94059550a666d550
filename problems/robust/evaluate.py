"""The formal cost of one grid on many networks at once, compiled; networks stand last, a pair is one piece."""

from __future__ import annotations

import numpy as np

from tasklet_bench.problems.compiled import jit


@jit
def costs_into(grid, dp_s, pp_s, worst, row, costs):  # type: ignore[no-untyped-def]
    """Write the cost of `grid` `(D, K)` on each of M networks into `costs` `(M,)`, in seconds.

    `dp_s` and `pp_s` are `(N, N, M)`; `worst` and `row` `(M,)` are scratch. Sums have the order of the readable cost
    model: within a stage by its devices, then over boundaries.
    """
    replicas, stages = grid.shape
    networks = len(costs)
    worst[:] = 0.0
    costs[:] = 0.0
    for stage in range(stages):
        for device in range(replicas):
            row[:] = 0.0
            for mate in range(replicas):
                pair = dp_s[grid[device, stage], grid[mate, stage]]
                for network in range(networks):
                    row[network] += pair[network]
            for network in range(networks):
                worst[network] = max(worst[network], row[network])
    for stage in range(stages - 1):
        row[:] = 0.0
        for replica in range(replicas):
            pair = pp_s[grid[replica, stage], grid[replica, stage + 1]]
            for network in range(networks):
                row[network] = max(row[network], pair[network])
        for network in range(networks):
            costs[network] += row[network]
    for network in range(networks):
        costs[network] += worst[network]


def load() -> None:
    """Compile or load it, by a grid of two devices."""
    links = np.zeros((2, 2, 1))
    costs_into(np.array([[0, 1]]), links, links, np.zeros(1), np.zeros(1), np.zeros(1))
