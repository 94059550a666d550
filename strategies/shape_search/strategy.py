"""A search over shapes: each is placed by a dynamic programme over its stages, then the best are annealed.

Shapes whose lower bound is no better than the incumbent drop out. The others race: in each round all that are left are
annealed for an equal share of the budget, and the better part goes on (successive halving; Jamieson and Talwalkar,
"Non-stochastic best arm identification and hyperparameter optimization", AISTATS 2016). An order that improves the
incumbent is tried at every shape, as shapes that differ in the micro-batch alone like the same orders.

One evaluation is one candidate that the dynamic programme gave, one shape at one order, or one move scored.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tasklet_bench.strategies.parameters import parameter
from tasklet_bench.strategies.strategy import Strategy

if TYPE_CHECKING:
    import numpy as np

    from tasklet_bench.problems.tensor_parallel import TensorParallelProblem
    from tasklet_bench.strategies.run import Run


@dataclass(frozen=True)
class ShapeSearch(Strategy):
    """Temperatures are shares of the cost."""

    name = "shape-search"
    families = ("tensor-parallel",)
    uses_start = True

    hot: float = parameter(0.02, "first temperature of a round", low=0.001, high=0.3, log=True, above=0)
    cold: float = parameter(0.0003, "last temperature of a round", low=1e-5, high=0.01, log=True, above=0)
    guide: float = parameter(1.0, "weight at first of the mean over replicas and stages", low=0.0, high=5.0, at_least=0)
    keep: float = parameter(
        0.4, "share of the shapes that go on after each round", low=0.1, high=0.9, above=0, at_most=0.99
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.cold > self.hot:
            raise ValueError(f"cold is {self.cold} and hot {self.hot}, expected 0 < cold <= hot")

    def prepare(self) -> None:
        """Load the compiled code."""
        from tasklet_bench.strategies.shape_search.loading import load

        load()

    def search(self, problem: TensorParallelProblem, run: Run, rng: np.random.Generator) -> None:
        """Plan every shape, then race them until the budget is spent."""
        from tasklet_bench.strategies.shape_search.account import Account
        from tasklet_bench.strategies.shape_search.contenders import Field
        from tasklet_bench.strategies.shape_search.race import Race

        Race(self, Field(problem, rng, run.start), Account(run)).run()
