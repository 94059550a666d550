"""Simulated annealing on mixing graphs: edges move, cross, come and go, and devices change places.

Source: Kirkpatrick, Gelatt and Vecchi, "Optimization by simulated annealing", Science 220, 1983. What makes it fast is
this project's (see beside this file): a guided cost that a move changes in a few terms, a floor that refuses most moves
unscored, and an inverse that tells in constant time whether the graph still mixes. One evaluation is one guided cost.

There are several coolings, each longer than the one before. The first begins from a grown graph
(`problems.mixing_graph.starts`) or what the run gives to begin from, the others from the best graph so far.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tasklet_bench.problems.candidate import Infeasible
from tasklet_bench.strategies.parameters import parameter
from tasklet_bench.strategies.shared.slices import LEAST_STEP, UNLIMITED, Slices
from tasklet_bench.strategies.strategy import Strategy

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from tasklet_bench.problems.mixing_graph import MixingGraphProblem
    from tasklet_bench.strategies.graph_annealing.walk import Walker
    from tasklet_bench.strategies.run import Run


LEAST_DEVICES = 3
"""Two devices have one graph."""
PROBES = 2000
"""Moves proposed to learn how long they take."""


@dataclass(frozen=True)
class GraphAnnealing(Strategy):
    """Annealing of the guided cost by the family's own moves."""

    name = "graph-annealing"
    families = ("mixing-graph",)
    uses_start = True
    hot: float = parameter(
        3.0, "first temperature, in terms as large as the best period", low=0.3, high=30.0, log=True, above=0
    )
    cold: float = parameter(0.03, "last temperature", low=0.003, high=0.3, log=True, above=0)
    shortest: float = parameter(
        1000.0, "evaluations of the first cooling, for each device", low=50.0, high=10_000.0, log=True, at_least=1
    )
    growth: float = parameter(2.0, "how many times longer each next cooling is", low=1.0, high=5.0, at_least=1)

    def prepare(self) -> None:
        """Load the compiled walk and what constructs graphs."""
        from tasklet_bench.strategies.graph_annealing.walk import load

        load()

    def search(self, problem: MixingGraphProblem, run: Run, rng: np.random.Generator) -> None:
        """Cool down, from the best graph so far each time, until the budget is spent."""
        from tasklet_bench.strategies.graph_annealing.walk import Walker

        slices = Slices(run, problem.n_devices)
        edges = _first_graph(problem, run, rng)
        if run.exhausted:
            return
        walker = Walker(problem.arrays, rng)
        walker.begin(edges, run.evaluate(edges))
        if problem.n_devices < LEAST_DEVICES or run.exhausted:
            return
        span = self.shortest * problem.n_devices * self._share_of_evaluation(walker, run, slices)
        while not run.exhausted:
            left = 1.0 - slices.progress
            span = span if left - span >= self.growth * span else left
            self._cool(walker, run, slices, span)
            span *= self.growth
            walker.return_to_trusted()

    def _share_of_evaluation(self, walker: Walker, run: Run, slices: Slices) -> float:
        """One evaluation as a share of the budget, by a short walk where seconds end the run."""
        if slices.counted:
            return slices.one_evaluation
        before = slices.progress
        scored, refused = walker.walk(self.hot, UNLIMITED, PROBES)
        _hand_in(walker, run, scored, refused)
        return max(slices.progress - before, LEAST_STEP) / max(scored, 1)

    def _cool(self, walker: Walker, run: Run, slices: Slices, span: float) -> None:
        """Cool down within a span of the budget."""
        first = slices.progress
        while not run.exhausted and (done := (slices.progress - first) / span) < 1.0:
            evaluations, proposals = slices.next(span)
            scored, refused = walker.walk(self.hot * (self.cold / self.hot) ** done, evaluations, proposals)
            _hand_in(walker, run, evaluations if slices.counted else scored, refused)
            slices.took(span, proposals)


def _hand_in(walker: Walker, run: Run, scored: int, refused: int) -> None:
    """Submit the best graph; where rounding has led astray, return to the last one that was valid."""
    try:
        run.submit(walker.best, scored, refused)
    except Infeasible:
        walker.return_to_trusted()
    else:
        walker.trust_best()


def _first_graph(problem: MixingGraphProblem, run: Run, rng: np.random.Generator) -> NDArray[np.int64]:
    """What the run gives to begin from, else a grown graph, else a random one, which is handed in anyway."""
    from tasklet_bench.problems.mixing_graph.starts import grown

    if run.start is not None:
        return problem.decision.check(run.start)
    drawn = problem.random(rng)
    run.evaluate(drawn)
    edges = grown(problem)
    return drawn if edges is None or run.exhausted else edges
