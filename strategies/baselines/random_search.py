"""Random search, in its three kinds: they look alike and answer different questions.

`random` draws what any family's decision allows. In the paper's family, a random grid is what a cluster gets when
nobody thinks about placement: the wiring is drawn too. A random partition is scored at its best wiring and order, so
even one draw of it has been optimised. One evaluation costs one score. This file is the template to copy for a strategy
of your own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tasklet_bench.problems.allocation import Allocation, AllocationProblem
from tasklet_bench.problems.problem import Problem
from tasklet_bench.strategies.run import Run
from tasklet_bench.strategies.shared.feasible import score
from tasklet_bench.strategies.shared.rules import refuse_rules
from tasklet_bench.strategies.strategy import Strategy


@dataclass(frozen=True)
class Random(Strategy):
    """Draw candidates of any problem; those that break a rule are repaired where the problem knows how."""

    name = "random"
    families = ("*",)

    def search(self, problem: Problem, run: Run, rng: np.random.Generator) -> None:
        """Evaluate fresh candidates until the budget is spent."""
        while not run.exhausted:
            score(problem, run, problem.random(rng))


@dataclass(frozen=True)
class RandomGrid(Strategy):
    """Draw uniform grids and keep their wiring."""

    name = "random-grid"
    families = ("allocation", "iteration-time")

    def search(self, problem: AllocationProblem, run: Run, rng: np.random.Generator) -> None:
        """Evaluate fresh grids until the budget is spent."""
        refuse_rules(self.name, problem.formal)
        shape, devices = (problem.shape.data_parallel, problem.shape.pipeline_parallel), problem.formal.available
        while not run.exhausted:
            used = rng.permutation(devices)[: problem.shape.n_devices]
            run.evaluate(problem.of_formal(Allocation(used.reshape(shape), n_devices=problem.topology.n_devices)))


@dataclass(frozen=True)
class RandomPartition(Strategy):
    """Draw uniform partitions; each is scored at its best wiring and order."""

    name = "random-partition"
    families = ("*",)
    decisions = ("grouping",)

    def search(self, problem: Problem, run: Run, rng: np.random.Generator) -> None:
        """Evaluate fresh partitions until the budget is spent."""
        while not run.exhausted:
            score(problem, run, problem.random(rng))
