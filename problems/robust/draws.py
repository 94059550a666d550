"""Networks that might be there instead of the measured one: every pair's delay and bandwidth times a log-normal."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.allocation import Allocation, AllocationProblem
from tasklet_bench.problems.instances.wrappers import noisy


@dataclass(frozen=True, eq=False)
class Draws:
    """A problem with each of `count` drawn networks; `sigma` is the spread of the logarithm of each factor.

    The networks of a seed are a prefix of those of a larger count.
    """

    formal: AllocationProblem
    count: int
    sigma: float
    seed: int = 0

    def __post_init__(self) -> None:
        if self.count < 1 or self.sigma < 0:
            raise ValueError(f"{self.count} draws of spread {self.sigma}, expected at least 1, and at least 0")

    @cached_property
    def problems(self) -> tuple[AllocationProblem, ...]:
        """The problem on each drawn network, by the same name."""
        seeds = range(self.seed * 1_000_003, self.seed * 1_000_003 + self.count)
        return tuple(
            replace(self.formal, topology=noisy(self.formal.topology, self.sigma, seed), rules=self.formal.rules)
            for seed in seeds
        )

    @cached_property
    def _dp_s(self) -> NDArray[np.float64]:
        return np.stack([problem.dp_pair_s for problem in self.problems], axis=-1)

    @cached_property
    def _pp_s(self) -> NDArray[np.float64]:
        return np.stack([problem.pp_pair_s for problem in self.problems], axis=-1)

    def costs_s(self, allocation: Allocation) -> NDArray[np.float64]:
        """Formal cost of one allocation, as it is wired, on each network, shape `(count,)`."""
        grid = allocation.grid
        stages = grid.T
        mates = self._dp_s[
            stages[:, :, None], stages[:, None, :]
        ]  # networks stand last: what a pair costs is one piece
        boundaries = self._pp_s[grid[:, :-1], grid[:, 1:]]
        costs: NDArray[np.float64] = mates.sum(axis=2).max(axis=(0, 1)) + boundaries.max(axis=0).sum(axis=0)
        return costs

    def judge_costs_s(self, allocation: Allocation) -> NDArray[np.float64]:
        """The same by the readable formulas."""
        return np.array([problem.judge(allocation).total_s for problem in self.problems])


@dataclass(frozen=True)
class Spread:
    """What one allocation costs over drawn networks (in seconds).

    `interval_s` is a 95 % interval for the median: the two order statistics that enclose it with that probability,
    whatever the distribution.
    """

    draws: int
    median_s: float
    p90_s: float
    worst_s: float
    interval_s: tuple[float, float] = field(default=(0.0, 0.0))


def quantile_s(costs_s: NDArray[np.float64], quantile: float) -> float:
    """The smallest of the costs that at least this share of them does not exceed."""
    rank = math.ceil(round(quantile * len(costs_s), 9))
    return float(np.sort(costs_s)[max(rank, 1) - 1])


def spread_of(costs_s: NDArray[np.float64]) -> Spread:
    """Median, 90th percentile, worst, and an interval for the median, of costs `(M,)`."""
    ordered = np.sort(costs_s)
    n = len(ordered)
    tail, below = 0.0, 0
    while tail + math.comb(n, below) * 0.5**n <= 0.025 and below < n // 2:
        tail += math.comb(n, below) * 0.5**n
        below += 1
    low, high = max(below - 1, 0), n - 1 - max(below - 1, 0)
    return Spread(
        n,
        float(np.median(ordered)),
        quantile_s(ordered, 0.9),
        float(ordered[-1]),
        (float(ordered[low]), float(ordered[high])),
    )
