"""The best allocation so far, as the run scored it."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from problems.allocation import Allocation, AllocationProblem
from problems.allocation.cost_model import EXACT_ORDER_GROUPS, bottleneck_matching
from strategies.run import Run


class Incumbent:
    """Hands allocations in and keeps the best as a grid, shape `(D, K)`, with its cost (in seconds)."""

    def __init__(self, problem: AllocationProblem, run: Run) -> None:
        self.problem = problem
        self.run = run
        self.cost_s = math.inf
        self.grid: NDArray[np.int64] = np.empty((0, 0), dtype=np.int64)

    @property
    def labels(self) -> NDArray[np.int64]:
        """Stage of each device, shape `(N,)`."""
        return Allocation(self.grid).labels

    def offer(self, labels: NDArray[np.int64], evaluations: int) -> None:
        """Hand in labels, shape `(N,)`, whose groups stand in pipeline order, and what finding them took."""
        grid = self._in_order(labels)
        cost_s = self.run.submit(Allocation(grid), evaluations)
        if cost_s < self.cost_s:
            self.cost_s, self.grid = cost_s, grid

    def count(self, evaluations: int) -> None:
        """Count evaluations that found nothing better; what is above the budget found nothing either."""
        left = self.run.remaining.evaluations
        self.run.submit(Allocation(self.grid), evaluations if left is None else min(evaluations, left))

    def _in_order(self, labels: NDArray[np.int64]) -> NDArray[np.int64]:
        """The best order of few enough groups to know it, else the one given; the best wiring of that."""
        if len(self.problem.group_sizes) <= EXACT_ORDER_GROUPS:
            return self.problem.allocation(labels).grid
        columns = [np.flatnonzero(labels == 0)]
        for stage in range(1, len(self.problem.group_sizes)):
            right = np.flatnonzero(labels == stage)
            _, partner = bottleneck_matching(self.problem.pp_pair_s[np.ix_(columns[-1], right)])
            columns.append(right[partner])
        return np.column_stack(columns)
