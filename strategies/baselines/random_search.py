"""Random search, in its two kinds: they look alike and answer different questions.

A random grid is what a cluster gets when nobody thinks about placement: the wiring is drawn too. A random partition is
scored at its best wiring and order, so even one draw of it has been optimised. One evaluation costs one score.
This file is the template to copy for a strategy of your own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tasklet_bench.problems.allocation import Allocation, AllocationProblem
from tasklet_bench.strategies.run import Run
from tasklet_bench.strategies.strategy import Strategy


@dataclass(frozen=True)
class RandomGrid(Strategy):
    """Draw uniform grids and keep their wiring."""

    name = "random-grid"
    families = ("allocation", "iteration-time")

    def search(self, problem: AllocationProblem, run: Run, rng: np.random.Generator) -> None:
        """Evaluate fresh grids until the budget is spent."""
        shape = (problem.shape.data_parallel, problem.shape.pipeline_parallel)
        while not run.exhausted:
            run.evaluate(Allocation(rng.permutation(problem.shape.n_devices).reshape(shape)))


@dataclass(frozen=True)
class RandomPartition(Strategy):
    """Draw uniform partitions; each is scored at its best wiring and order."""

    name = "random-partition"
    families = ("*",)

    def search(self, problem: AllocationProblem, run: Run, rng: np.random.Generator) -> None:
        """Evaluate fresh partitions until the budget is spent."""
        while not run.exhausted:
            run.evaluate(problem.random(rng))
