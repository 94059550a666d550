"""Load the compiled enumeration by a run on two devices."""

from __future__ import annotations

import numpy as np

from tasklet_bench.problems.tensor_parallel.tiny import tiny_problem


def load() -> None:
    """Compile or load the enumeration and the grid search."""
    from tasklet_bench.problems.tensor_parallel.starts import search_grid
    from tasklet_bench.strategies.shape_enumeration.search import advance, new_search

    problem = tiny_problem()
    whole, real = problem.table
    order = np.arange(2)
    search_grid(problem, order)
    search = new_search(whole[0], np.full(2, -1), np.zeros(2), order, np.inf)
    advance(whole[0], real[0], *problem.world, search, np.empty(5), 100)
