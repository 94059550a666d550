"""Compile or load ahead of time what a problem's costs need, so that no clock that runs later pays for it."""

from __future__ import annotations

import numpy as np

from tasklet_bench.problems.allocation.kernels.evaluation import evaluate_grid, evaluate_or_wire
from tasklet_bench.problems.allocation.kernels.packing import pack_matrices, rank_types_in_use


def warm_up() -> None:
    """Make `AllocationProblem.cost` and `.allocation` ready for the types of ranks in use; starts no thread.

    Search loops of a strategy's own are compiled in its own `prepare`.
    """
    matrix = np.array([[0.0, 1.0], [1.0, 0.0]])
    grid = np.empty((1, 2), dtype=np.int64)
    for rank_type in rank_types_in_use():
        pack = pack_matrices(matrix, matrix, 1, 2, rank_type)
        evaluate_or_wire(pack, np.arange(2), grid)
        evaluate_grid(pack, grid)
