"""A search over shapes: each is placed by a dynamic programme over its stages, then the best are annealed.

Shapes whose lower bound is no better than the incumbent drop out. The others race: in each round all that are left are
annealed for an equal share of the budget, and the better part goes on (successive halving; Jamieson and Talwalkar,
"Non-stochastic best arm identification and hyperparameter optimization", AISTATS 2016). An order that improves the
incumbent is tried at every shape, as shapes that differ in the micro-batch alone like the same orders.

One evaluation is one candidate that the dynamic programme gave, one shape at one order, or one move scored.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tasklet_bench.strategies.strategy import Strategy

if TYPE_CHECKING:
    import numpy as np

    from tasklet_bench.problems.tensor_parallel import TensorParallelProblem
    from tasklet_bench.strategies.run import Run


@dataclass(frozen=True)
class ShapeSearch(Strategy):
    """Parameters.

    `hot`, `cold`: first and last temperature of a round, as shares of the cost. `guide`: weight at first of the mean
    over replicas and stages. `keep`: share of the shapes that go on after each round.
    """

    name = "shape-search"
    families = ("tensor-parallel",)
    hot: float = field(default=0.02, metadata={"low": 0.001, "high": 0.3, "log": True})
    cold: float = field(default=0.0003, metadata={"low": 1e-5, "high": 0.01, "log": True})
    guide: float = field(default=1.0, metadata={"low": 0.0, "high": 5.0})
    keep: float = field(default=0.4, metadata={"low": 0.1, "high": 0.9})

    def __post_init__(self) -> None:
        if not 0 < self.cold <= self.hot:
            raise ValueError(f"cold is {self.cold} and hot {self.hot}, expected 0 < cold <= hot")
        if not self.guide >= 0:
            raise ValueError(f"guide is {self.guide}, expected a weight of at least 0")
        if not 0 < self.keep < 1:
            raise ValueError(f"keep is {self.keep}, expected a share between 0 and 1")

    def prepare(self) -> None:
        """Load the compiled code."""
        from tasklet_bench.strategies.shape_search.loading import load

        load()

    def search(self, problem: TensorParallelProblem, run: Run, rng: np.random.Generator) -> None:
        """Plan every shape, then race them until the budget is spent."""
        from tasklet_bench.strategies.shape_search.account import Account
        from tasklet_bench.strategies.shape_search.contenders import Field
        from tasklet_bench.strategies.shape_search.race import Race

        Race(self, Field(problem, rng, run.incumbent), Account(run)).run()
