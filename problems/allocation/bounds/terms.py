"""Lower bounds that hold for every allocation of a problem."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.tolerances import ROUNDED_DOWN
from tasklet_bench.problems.workload import Shape


def separate(dp_pair_s: NDArray[np.float64], pp_pair_s: NDArray[np.float64], shape: Shape) -> float:
    """A bound on each term alone, summed (in seconds)."""
    return (data_parallel(dp_pair_s, shape) + pipeline(pp_pair_s, shape)) * ROUNDED_DOWN


def data_parallel(dp_pair_s: NDArray[np.float64], shape: Shape) -> float:
    """Every device pays its D-1 mates, so at least its D-1 cheapest partners; the costliest of those used counts.

    At best the costliest are spares: of N devices the (D·K)-th cheapest is used, or a dearer one.
    """
    mates = shape.data_parallel - 1
    if mates == 0:
        return 0.0
    cheapest = np.sort(_without_diagonal(dp_pair_s), axis=1)[:, :mates]
    sums_s: NDArray[np.float64] = cheapest.sum(axis=1)
    return float(np.partition(sums_s, shape.n_devices - 1)[shape.n_devices - 1])


def pipeline(pp_pair_s: NDArray[np.float64], shape: Shape) -> float:
    """Every boundary costs at least what `boundaries` says of it."""
    return float(boundaries(pp_pair_s, shape).sum())


def boundaries(pp_pair_s: NDArray[np.float64], shape: Shape) -> NDArray[np.float64]:
    """What the m-th cheapest boundary costs at least (in seconds), for m = 1..K-1; shape `(K-1,)`, ascending.

    Three arguments about the m cheapest boundaries, all on the links no slower than the slowest of them; links of
    spares among these only lower the bound:

    - They are D·m distinct links, so the m-th costs at least the (D·m)-th cheapest link. As a linear forest they are
      also D·m links of a forest, and a forest has at most as many links below any threshold as the minimum spanning
      tree: hence the (D·m)-th cheapest link of that tree.
    - They have 2·D·m ends, at most two to a device: the (2·D·m)-th cheapest of all devices' two cheapest links.
    - They reach at least m+1 stages, so (m+1)·D devices have a link: the (m+1)·D-th cheapest of all devices' cheapest.
    """
    d, k = shape.data_parallel, shape.pipeline_parallel
    m = np.arange(1, k)
    if k == 1:
        return np.zeros(0)
    n = len(pp_pair_s)
    links = np.sort(pp_pair_s[np.triu_indices(n, k=1)])
    ends = np.sort(_two_cheapest(pp_pair_s), axis=0)
    least = [
        links[d * m - 1],
        np.sort(_spanning_tree(pp_pair_s))[d * m - 1],
        np.sort(ends, axis=None)[2 * d * m - 1],
        ends[(m + 1) * d - 1, 0],
    ]
    costliest: NDArray[np.float64] = np.maximum.reduce(least)
    return costliest


def _two_cheapest(pair_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """Each device's cheapest and second cheapest link, shape `(N, 2)`; infinity for one that does not exist."""
    n = len(pair_s)
    padded = np.where(np.eye(n, dtype=bool), np.inf, pair_s)
    return np.partition(padded, 1, axis=1)[:, :2]


def _spanning_tree(pair_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """The links of the minimum spanning tree, shape `(N-1,)`, in the order in which Prim's algorithm meets them."""
    n = len(pair_s)
    reach_s = pair_s[0].copy()
    inside = np.zeros(n, dtype=bool)
    inside[0] = True
    reach_s[0] = np.inf
    links = np.empty(n - 1)
    for i in range(n - 1):
        nearest = int(reach_s.argmin())
        links[i] = reach_s[nearest]
        inside[nearest] = True
        np.minimum(reach_s, pair_s[nearest], out=reach_s)
        reach_s[inside] = np.inf
    return links


def _without_diagonal(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    n = len(matrix)
    return matrix[~np.eye(n, dtype=bool)].reshape(n, n - 1)
