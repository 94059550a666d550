"""Networks that might be there instead of the measured one: every pair's delay and bandwidth times a log-normal."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.allocation import Allocation, AllocationProblem
from tasklet_bench.problems.allocation.site_level import make_problem
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

    @property
    def problems(self) -> Iterator[AllocationProblem]:
        """The problem on each drawn network, by the same name, drawn anew each time: only its seconds are kept."""
        first = self.seed * 1_000_003
        for seed in range(first, first + self.count):
            topology = noisy(self.formal.topology, self.sigma, seed)
            formal = self.formal
            yield make_problem(formal.name, topology, formal.workload, formal.shape, formal.rules)

    @cached_property
    def pairs_s(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """What pairs take (in seconds) in data and in pipeline parallelism on each network, both `(N, N, count)`."""
        shape = (self.formal.n_devices, self.formal.n_devices, self.count)
        dp_s, pp_s = np.empty(shape), np.empty(shape)
        for number, problem in enumerate(self.problems):
            dp_s[:, :, number], pp_s[:, :, number] = problem.dp_pair_s, problem.pp_pair_s
        return dp_s, pp_s

    def costs_s(self, allocation: Allocation) -> NDArray[np.float64]:
        """Formal cost of one allocation, as it is wired, on each network, shape `(count,)`."""
        return _costs_s(allocation, *self.pairs_s)

    def costs_once_s(self, allocation: Allocation) -> NDArray[np.float64]:
        """The same to the last bit, with the memory of one network: for allocations that are scored once."""
        pairs = ((problem.dp_pair_s[:, :, None], problem.pp_pair_s[:, :, None]) for problem in self.problems)
        return np.concatenate([_costs_s(allocation, dp_s, pp_s) for dp_s, pp_s in pairs])

    def judge_costs_s(self, allocation: Allocation) -> NDArray[np.float64]:
        """The same by the readable formulas."""
        return np.array([problem.judge(allocation).total_s for problem in self.problems])


def _costs_s(allocation: Allocation, dp_s: NDArray[np.float64], pp_s: NDArray[np.float64]) -> NDArray[np.float64]:
    from tasklet_bench.problems.robust.evaluate import costs_into

    worst, row, costs = np.empty((3, dp_s.shape[2]))
    costs_into(allocation.grid, np.ascontiguousarray(dp_s), np.ascontiguousarray(pp_s), worst, row, costs)
    return costs


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
    return float(np.sort(costs_s)[quantile_rank(len(costs_s), quantile) - 1])


def quantile_rank(count: int, quantile: float) -> int:
    """Which of so many costs in ascending order it is, from 1."""
    return max(1, math.ceil(round(quantile * count, 9)))


def spread_of(costs_s: NDArray[np.float64]) -> Spread:
    """Median, 90th percentile, worst, and an interval for the median, of costs `(M,)`."""
    ordered = np.sort(costs_s)
    n = len(ordered)
    below, ways, tail = 0, 1, 1  # ways in which so many costs of n lie below the median, and at most so many: of 2**n
    while 40 * tail <= 2**n and below < n // 2:
        ways = ways * (n - below) // (below + 1)
        tail += ways
        below += 1
    low, high = max(below - 1, 0), n - 1 - max(below - 1, 0)
    return Spread(
        n,
        float(np.median(ordered)),
        quantile_s(ordered, 0.9),
        float(ordered[-1]),
        (float(ordered[low]), float(ordered[high])),
    )
