"""Load the compiled code of the search by a few moves on two devices."""

from __future__ import annotations

import numpy as np

from tasklet_bench.problems.tensor_parallel.tiny import tiny_problem


def load() -> None:
    """Compile or load the dynamic programme, the walk and the grid search."""
    from tasklet_bench.strategies.shape_search.contenders import Field

    problem = tiny_problem()
    field = Field(problem, np.random.default_rng(0))
    field.try_order(np.arange(2))
    problem.cost((np.zeros(1, dtype=np.int64), np.arange(2)))
    for contender in field.all[:2]:
        field.plan(contender, field.most_plans)
        field.begin(contender)
        field.walk(contender, (1.0, 0.5), (1.0, 0.5), 4)
