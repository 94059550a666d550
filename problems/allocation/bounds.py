"""Lower bounds that hold for every allocation of a problem."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from problems.workload import Shape


def separate(dp_pair_s: NDArray[np.float64], pp_pair_s: NDArray[np.float64], shape: Shape) -> float:
    """A bound on each term alone, summed (in seconds)."""
    return data_parallel(dp_pair_s, shape) + pipeline(pp_pair_s, shape)


def data_parallel(dp_pair_s: NDArray[np.float64], shape: Shape) -> float:
    """Every device pays its D-1 mates, so at least its D-1 cheapest partners; the dearest device counts."""
    mates = shape.data_parallel - 1
    if mates == 0:
        return 0.0
    cheapest = np.sort(_without_diagonal(dp_pair_s), axis=1)[:, :mates]
    return float(cheapest.sum(axis=1).max())


def pipeline(pp_pair_s: NDArray[np.float64], shape: Shape) -> float:
    """The m cheapest boundaries use D·m distinct links, so the m-th costs at least the (D·m)-th cheapest link."""
    boundaries = shape.pipeline_parallel - 1
    if boundaries == 0:
        return 0.0
    links = np.sort(pp_pair_s[np.triu_indices(len(pp_pair_s), k=1)])
    return float(links[shape.data_parallel * np.arange(1, boundaries + 1) - 1].sum())


def _without_diagonal(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    n = len(matrix)
    return matrix[~np.eye(n, dtype=bool)].reshape(n, n - 1)
