"""A grid that walks over all drawn networks at once, compiled: two tasklets change places, and the quantile decides.

How much more the next grid may cost is drawn before it is scored, so that a proposal is decided by counting the
networks that cost more; the quantile itself is computed where one is accepted.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.compiled import jit
from tasklet_bench.problems.robust.draws import Draws, quantile_rank
from tasklet_bench.problems.robust.evaluate import costs_into

WITHIN_A_STAGE = 0.4
"""Share of the proposals that change places within a stage: who sends to whom is what noise punishes first."""


class Walker:
    """A grid that walks, and the best one that it has met."""

    def __init__(self, draws: Draws, quantile: float, grid: NDArray[np.int64], rng: np.random.Generator) -> None:
        self._pairs_s, self._rng = draws.pairs_s, rng
        self._rank = quantile_rank(draws.count, quantile)
        self._scratch = np.empty((3, draws.count))
        self._grid, self.best = grid.copy(), grid.copy()
        self._cost_s = self.best_s = math.inf

    def begin(self, cost_s: float) -> None:
        """Stand at the grid as it was given, which costs so much (in seconds)."""
        self._cost_s = self.best_s = cost_s

    def walk(self, temperature_s: float, proposals: int) -> None:
        """Propose so many changes at a temperature (in seconds)."""
        self._cost_s, self.best_s = walk(
            self._grid,
            *self._pairs_s,
            self._rank,
            self._rng,
            temperature_s,
            proposals,
            (self._cost_s, self.best_s),
            self.best,
            self._scratch,
        )


@jit
def walk(grid, dp_s, pp_s, rank, rng, temperature_s, proposals, costs_s, best, scratch):  # type: ignore[no-untyped-def]
    """Walk on; changes `grid`, `best` and `scratch` `(3, M)` in place, and returns the costs of the former two."""
    replicas, stages = grid.shape
    cost_s, best_s = costs_s
    worst, row, costs = scratch[0], scratch[1], scratch[2]
    for _ in range(proposals):
        stage, replica, other = rng.integers(0, stages), rng.integers(0, replicas), rng.integers(0, replicas)
        other_stage = stage if rng.random() < WITHIN_A_STAGE else rng.integers(0, stages)
        limit_s = cost_s - temperature_s * math.log(1.0 - rng.random())
        first, second = grid[replica, stage], grid[other, other_stage]
        grid[replica, stage], grid[other, other_stage] = second, first
        costs_into(grid, dp_s, pp_s, worst, row, costs)
        above = 0
        for network in range(len(costs)):
            above += costs[network] > limit_s
        if above > len(costs) - rank:
            grid[replica, stage], grid[other, other_stage] = first, second
            continue
        cost_s = np.partition(costs, rank - 1)[rank - 1]
        if cost_s < best_s:
            best_s = cost_s
            best[:] = grid
    return cost_s, best_s


def load() -> None:
    """Compile or load the walk, by a grid of two devices."""
    links, grid = np.zeros((2, 2, 1)), np.array([[0, 1]])
    walk(grid, links, links, 1, np.random.default_rng(0), 1.0, 1, (1.0, 1.0), grid.copy(), np.zeros((3, 1)))
