"""What a failed run is taken to cost: as much as not searching at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.allocation.starts import megatron

if TYPE_CHECKING:
    from tasklet_bench.problems.allocation.problem import AllocationProblem

RANDOM_GRIDS = 1000
_CELLS_AT_ONCE = 1 << 22


def penalty_s(problem: AllocationProblem) -> float:
    """The larger of Megatron's default cost and the mean of 1,000 random grids with seed 0 (in seconds)."""
    default, grids = megatron(problem).grid[None], _random_grids(problem)
    return max(float(_grid_costs(problem, default)[0]), float(_grid_costs(problem, grids).mean()))


def _random_grids(problem: AllocationProblem) -> NDArray[np.int64]:
    """Uniform grids of available devices, whatever the other rules, shape `(1000, D, K)`.

    They come from `random()` alone, whose stream numpy keeps from version to version.
    """
    d, k = problem.shape.data_parallel, problem.shape.pipeline_parallel
    draws = np.random.Generator(np.random.PCG64(0)).random((RANDOM_GRIDS, len(problem.available)))
    used = draws.argsort(axis=1, kind="stable")[:, : d * k]
    return problem.available[used].reshape(-1, d, k)


def _grid_costs(problem: AllocationProblem, grids: NDArray[np.int64]) -> NDArray[np.float64]:
    """`COST` of many grids, shape `(n, D, K)`, at once."""
    d, k = problem.shape.data_parallel, problem.shape.pipeline_parallel
    at_once = max(1, _CELLS_AT_ONCE // (d * d * k))
    return np.concatenate([_costs(problem, grids[i : i + at_once]) for i in range(0, len(grids), at_once)])


def _costs(problem: AllocationProblem, grids: NDArray[np.int64]) -> NDArray[np.float64]:
    stages = grids.transpose(0, 2, 1)
    pairs = problem.dp_pair_s[stages[:, :, :, None], stages[:, :, None, :]]
    data_parallel: NDArray[np.float64] = pairs.sum(axis=3).max(axis=(1, 2))
    pipeline: NDArray[np.float64] = problem.pp_pair_s[stages[:, :-1], stages[:, 1:]].max(axis=2).sum(axis=1)
    return data_parallel + pipeline
