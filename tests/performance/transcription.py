"""The cost of a partition as one would first write it down in Python: what the kernels' speed is measured against.

For each pair of groups, the threshold comes down from the costliest pair, one linear sum assignment at a time, until no
perfect matching is left; for each first group, a recursive Held–Karp with memory finds the shortest path from it.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

Matrix = NDArray[np.float64]


def partition_cost_s(dp_pair_s: Matrix, pp_pair_s: Matrix, labels: NDArray[np.int64]) -> float:
    """Cost of labels `(N,)` at their best wiring and order (in seconds)."""
    groups = [np.flatnonzero(labels == group) for group in range(labels.max() + 1)]
    data_parallel_s = max(
        max(sum(dp_pair_s[d, mate] for mate in group if mate != d) for d in group) for group in groups
    )
    length_s = np.zeros((len(groups), len(groups)))
    for a in range(len(groups)):
        for b in range(a + 1, len(groups)):
            length_s[a, b] = length_s[b, a] = bottleneck_s(pp_pair_s[np.ix_(groups[a], groups[b])])
    return data_parallel_s + shortest_path_s(length_s)


def bottleneck_s(block_s: Matrix) -> float:
    """The slowest pair of the best matching in a block `(D, D)`."""
    reached = np.inf
    for threshold in np.unique(block_s)[::-1]:
        forbidden = (block_s > threshold).astype(np.float64)
        rows, columns = linear_sum_assignment(forbidden)
        if forbidden[rows, columns].sum() > 0:
            break
        reached = threshold
    return float(reached)


def shortest_path_s(length_s: Matrix) -> float:
    """Length of the shortest open path over all groups."""
    groups = frozenset(range(len(length_s)))
    return min(_shortest_from(first, groups - {first}, length_s) for first in groups)


def _shortest_from(first: int, others: frozenset[int], length_s: Matrix) -> float:
    """Length of the shortest path that starts with a group and visits all others."""

    @cache
    def onward(last: int, left: frozenset[int]) -> float:
        return min((length_s[last, group] + onward(group, left - {group}) for group in left), default=0.0)

    return onward(first, others)
