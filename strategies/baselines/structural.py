"""The two structural heuristics that read the declared sites and search nothing.

`problems.allocation.starts` makes their partitions. One evaluation each, at the best wiring and order.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tasklet_bench.problems.allocation import AllocationProblem
from tasklet_bench.problems.allocation.starts import aligned_sites, keep_rules, pure_sites
from tasklet_bench.strategies.run import Run
from tasklet_bench.strategies.strategy import Strategy


@dataclass(frozen=True)
class Aligned(Strategy):
    """Deal the devices, in site order, round the groups: all groups have the same make-up."""

    name = "aligned"
    families = ("allocation", "iteration-time")
    deterministic = True

    def search(self, problem: AllocationProblem, run: Run, rng: np.random.Generator) -> None:  # noqa: ARG002 - nothing is drawn
        """Evaluate the dealt partition."""
        run.evaluate(problem.of_formal(keep_rules(problem.formal, aligned_sites(problem.formal))))


@dataclass(frozen=True)
class SitePure(Strategy):
    """Fill groups from one site while it has enough devices, then pool what is left over, largest remainders first."""

    name = "site-pure"
    families = ("allocation", "iteration-time")
    deterministic = True

    def search(self, problem: AllocationProblem, run: Run, rng: np.random.Generator) -> None:  # noqa: ARG002 - nothing is drawn
        """Evaluate the filled partition."""
        run.evaluate(problem.of_formal(keep_rules(problem.formal, pure_sites(problem.formal))))
