"""The best allocation so far, as the run scored it."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.allocation import Allocation, AllocationProblem
from tasklet_bench.problems.allocation.certify import wired
from tasklet_bench.problems.allocation.cost_model import EXACT_ORDER_GROUPS
from tasklet_bench.problems.problem import Candidate
from tasklet_bench.strategies.run import BudgetExhausted, Run


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
        return Allocation(self.grid, n_devices=self.problem.n_devices).labels

    def offer(self, labels: NDArray[np.int64], evaluations: int) -> None:
        """Hand in labels, shape `(N,)`, whose groups stand in pipeline order, and what finding them took.

        Few enough groups are put in their best order; more keep the order they have.
        """
        few = len(self.problem.group_sizes) <= EXACT_ORDER_GROUPS
        self._offer(self.problem.allocation(labels) if few else wired(self.problem, labels), evaluations)

    def adopt(self, candidate: Candidate) -> None:
        """Hand in what another search found, at its best order: one evaluation."""
        known = isinstance(candidate, Allocation)
        self._offer(candidate if known else self.problem.allocation(candidate), evaluations=1)

    def count(self, evaluations: int) -> None:
        """Count evaluations that found nothing better; what is above the budget found nothing either."""
        left = self.run.remaining.evaluations
        allocation = Allocation(self.grid, n_devices=self.problem.n_devices)
        self.run.submit(allocation, evaluations if left is None else min(evaluations, left))

    def _offer(self, allocation: Allocation, evaluations: int) -> None:
        left = self.run.remaining.evaluations
        if left is not None and evaluations > left:
            raise BudgetExhausted(f"finding it took {evaluations} evaluations where {left} were left")
        cost_s = self.run.submit(allocation, evaluations)
        if cost_s < self.cost_s:
            self.cost_s, self.grid = cost_s, allocation.grid
