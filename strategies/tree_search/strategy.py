"""Tree search for federated rounds: annealing over trees, levels and hosts at once.

Source: Kirkpatrick, Gelatt and Vecchi, "Optimization by simulated annealing", Science 220, 1983; the moves are this
project's (`moves.py`). One evaluation is one plan scored.

There are several coolings, each longer than the one before and from a plan of its own: what the run gives to begin
from, if anything, then random ones; the last has what is left, and begins from the best so far, less hot.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tasklet_bench.strategies.parameters import parameter
from tasklet_bench.strategies.shared.slices import LEAST_STEP, UNLIMITED, Slices
from tasklet_bench.strategies.strategy import Strategy

if TYPE_CHECKING:
    import numpy as np

    from tasklet_bench.problems.federated_round import FederatedRoundProblem
    from tasklet_bench.strategies.run import Run
    from tasklet_bench.strategies.tree_search.walk import Plan, Walker

PROBES = 1000
"""Moves proposed to learn how long they take."""


@dataclass(frozen=True)
class TreeSearch(Strategy):
    """Annealing of the logarithm of a round's seconds."""

    name = "tree-search"
    families = ("federated-round",)
    uses_start = True
    hot: float = parameter(0.05, "first temperature, in shares of the seconds", low=0.01, high=0.5, log=True, above=0)
    cold: float = parameter(0.001, "last temperature", low=1e-4, high=0.01, log=True, above=0)
    near: float = parameter(0.8, "how often the other device of a move is one that is linked well", low=0.0, high=1.0)
    shortest: float = parameter(
        1000.0, "evaluations of the first cooling, for each device", low=50.0, high=10_000.0, log=True, at_least=1
    )
    growth: float = parameter(2.0, "how many times longer each next cooling is", low=1.0, high=5.0, at_least=1)

    def prepare(self) -> None:
        """Load the compiled walk."""
        from tasklet_bench.strategies.tree_search.walk import load

        load()

    def search(self, problem: FederatedRoundProblem, run: Run, rng: np.random.Generator) -> None:
        """Cool down, from a plan of its own each time, until the budget is spent."""
        from tasklet_bench.strategies.tree_search.walk import Walker

        slices = Slices(run, problem.setting.n_devices)
        plan: Plan = problem.random(rng) if run.start is None else problem.decision.check(run.start)
        walker = Walker(problem, rng, self.near)
        walker.begin(plan, run.evaluate(plan))
        if run.exhausted or problem.setting.n_devices == 1:
            return
        span = self.shortest * problem.setting.n_devices * self._share_of_evaluation(walker, run, slices)
        while not run.exhausted:
            left = 1.0 - slices.progress
            span = span if left - span >= self.growth * span else left
            self._cool(walker, run, slices, span)
            span *= self.growth
            if not run.exhausted:
                plan = problem.random(rng)
                walker.begin(plan, run.evaluate(plan))

    def _share_of_evaluation(self, walker: Walker, run: Run, slices: Slices) -> float:
        """One evaluation as a share of the budget, by a short walk where seconds end the run."""
        if slices.counted:
            return slices.one_evaluation
        before = slices.progress
        scored = walker.walk(self.hot, UNLIMITED, PROBES)
        run.submit(walker.best, scored)
        return max(slices.progress - before, LEAST_STEP) / max(scored, 1)

    def _cool(self, walker: Walker, run: Run, slices: Slices, span: float) -> None:
        """Cool down within a span of the budget."""
        first = slices.progress
        while not run.exhausted and (done := (slices.progress - first) / span) < 1.0:
            evaluations, proposals = slices.next(span)
            scored = walker.walk(self.hot * (self.cold / self.hot) ** done, evaluations, proposals)
            run.submit(walker.best, evaluations if slices.counted else scored)
            slices.took(span, proposals)
