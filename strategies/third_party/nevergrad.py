"""Nevergrad's optimisers through ask and tell, on the keys or the categories of any decision.

Source: Rapin and Teytaud, "Nevergrad: a gradient-free optimization platform", 2018; through the package nevergrad (MIT
licence), the extra `nevergrad`. The optimiser sees plain numbers, brought into [0, 1) by a curve that rises
everywhere, or plain categories, and knows nothing of the decision. Its first point is drawn: Nevergrad's own, all
alike, would be repaired into the order in which devices are numbered, a head start where sites stand in it.

The default is the best of eight optimisers and both encodings on three instances of `train` (docs/entrants.md). One
evaluation costs one score and one ask and tell, and these take the time: 0.5 ms with keys, 4 ms with labels.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from tasklet_bench.problems.problem import Problem
from tasklet_bench.strategies.evolution_strategy import into_unit_interval
from tasklet_bench.strategies.parameters import parameter
from tasklet_bench.strategies.run import Run
from tasklet_bench.strategies.shared.feasible import score
from tasklet_bench.strategies.strategy import Strategy
from tasklet_bench.strategies.third_party.library import require_library

if TYPE_CHECKING:
    from tasklet_bench.problems.decisions import Decision

_WITHOUT_LIMIT = 10_000
"""What an optimiser that plans its budget receives where evaluations are not limited."""
_WORST_S = 1e300
"""What an infeasible candidate is reported to cost: some optimisers cannot take infinity."""


@dataclass(frozen=True)
class Nevergrad(Strategy):
    """Raises `BadInput` where the package nevergrad is not installed."""

    name = "nevergrad"
    families = ("*",)
    optimizer: Literal[
        "NGOpt",
        "OnePlusOne",
        "CMA",
        "TwoPointsDE",
        "PSO",
        "DiscreteOnePlusOne",
        "DoubleFastGADiscreteOnePlusOne",
        "DiscreteLenglerOnePlusOne",
    ] = parameter("DiscreteLenglerOnePlusOne", "which of Nevergrad's optimisers")
    encoding: Literal["keys", "labels"] = parameter("keys", "a number for each key, or a category for each place")

    def __post_init__(self) -> None:
        super().__post_init__()
        require_library(self.name, "nevergrad", "nevergrad")

    def prepare(self) -> None:
        """Import Nevergrad."""
        import nevergrad  # noqa: F401

    def search(self, problem: Problem, run: Run, rng: np.random.Generator) -> None:
        """Ask for a point, score what it stands for and tell the cost, until the budget is spent."""
        import nevergrad as ng

        space = self._space(problem.decision, rng)
        space.random_state = np.random.RandomState(rng.integers(2**32))  # the kind that it takes
        budget = run.remaining.evaluations or _WITHOUT_LIMIT
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            optimizer = ng.optimizers.registry[self.optimizer](space, budget=budget, num_workers=1)
            while not run.exhausted:
                point = optimizer.ask()
                _, cost_s = score(problem, run, self._candidate(problem.decision, point.value))
                optimizer.tell(point, min(cost_s, _WORST_S))

    def _space(self, decision: Decision, rng: np.random.Generator) -> Any:
        """Nevergrad's parameters, from a drawn point on: one number for each key, or one category for each place."""
        import nevergrad as ng

        if self.encoding == "keys":
            return ng.p.Array(init=rng.standard_normal(decision.dimension))
        sizes = decision.categories()
        alike = len(set(sizes)) == 1
        space = (
            ng.p.TransitionChoice(range(sizes[0]), repetitions=len(sizes))
            if alike
            else ng.p.Tuple(*(ng.p.TransitionChoice(range(n)) for n in sizes))
        )
        space.value = tuple(int(category) for category in rng.integers(sizes))
        return space

    def _candidate(self, decision: Decision, value: Any) -> Any:
        if self.encoding == "keys":
            return decision.decode(into_unit_interval(np.asarray(value)))
        return decision.from_categories([int(category) for category in value])
