"""Robust annealing: two tasklets change places, slowly cooled, scored on every drawn network.

What a placement costs at a quantile depends on all its links, not on the costliest of each stage alone. So the grid is
walked as it is wired, and no wiring is taken over from the measured network but that of the start. One cooling takes
what the budget has left; it begins cold, as a start is mostly good already and what is gained on the drawn networks by
chance is lost on others.

Source: Kirkpatrick, Gelatt and Vecchi, "Optimization by simulated annealing", Science 220, 1983; A. Shapiro, "Monte
Carlo sampling methods", Handbooks in Operations Research 10, 2003, for the average over samples in place of what is
drawn from. One evaluation is one grid scored on every network.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tasklet_bench.strategies.local_search import LocalSearch
from tasklet_bench.strategies.parameters import parameter
from tasklet_bench.strategies.shared.slices import Slices
from tasklet_bench.strategies.strategy import Strategy

if TYPE_CHECKING:
    from tasklet_bench.problems.robust.problem import RobustProblem
    from tasklet_bench.strategies.run import Run


@dataclass(frozen=True)
class RobustAnnealing(Strategy):
    """One cooling of the grid on all networks at once; with rules or spares, local search."""

    name = "robust-annealing"
    families = ("robust",)
    uses_start = True
    hot: float = parameter(0.005, "first temperature, over the start's cost", low=5e-4, high=0.1, log=True, above=0.0)
    cold: float = parameter(2.5e-4, "last temperature, over the start's cost", low=1e-5, high=0.01, log=True, above=0.0)

    def prepare(self) -> None:
        """Compile or load the walk."""
        from tasklet_bench.strategies.robust_annealing.walk import load

        load()

    def search(self, problem: RobustProblem, run: Run, rng: np.random.Generator) -> None:
        """Cool down once, over all that is left of the budget."""
        from tasklet_bench.problems.allocation import Allocation
        from tasklet_bench.strategies.robust_annealing.walk import Walker

        if problem.formal.rules or problem.formal.n_spares:
            LocalSearch().search(problem, run, rng)  # type: ignore[abstract]  # `prepare` has a default
            return
        start = problem.complete(problem.random(rng) if run.start is None else run.start)
        start_s = run.evaluate(start)
        if run.exhausted:
            return
        slices = Slices(run, problem.formal.n_devices)
        walker = Walker(problem.draws, problem.quantile, start.grid, rng)
        walker.begin(start_s)
        first = slices.progress
        while not run.exhausted:
            cooled = (self.cold / self.hot) ** ((slices.progress - first) / (1.0 - first))
            evaluations, proposals = slices.next(1.0 - first)
            count = min(evaluations, proposals)
            walker.walk(start_s * self.hot * cooled, count)
            run.submit(Allocation(walker.best), count)
            slices.took(1.0 - first, proposals)
