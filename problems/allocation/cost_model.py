"""The paper's cost model, as its formulas: the judge of every allocation.

Source: Yuan et al., "Decentralized Training of Foundation Models in Heterogeneous Environments", NeurIPS 2022,
section 3. Written to be read and checked against the paper, not to be fast. `problems/allocation/kernels` is the fast
form and must equal it.

Everywhere, `dp_pair_s` and `pp_pair_s` are symmetric `(N, N)` matrices in seconds: what one pair of devices pays for
its share of the gradients and for the activations of a macro-batch, in both directions together. Sums are exactly
rounded (`math.fsum`), so that a cost does not depend on the order in which its terms are met.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.problem import Cost

Matrix = NDArray[np.float64]
Devices = NDArray[np.int64]

EXACT_ORDER_GROUPS = 12
"""Up to this many groups, the best order is found exactly (Held–Karp)."""


def pair_seconds(delay_s: Matrix, bandwidth_bytes_s: Matrix, payload_bytes: float) -> Matrix:
    """Fold directed links, shapes `(N, N)`, into what a pair pays: `(α_ij + c/β_ij) + (α_ji + c/β_ji)`.

    With symmetric links this is the paper's `2(α + c/β)`. The diagonal is 0.
    """
    one_direction = delay_s + payload_bytes / bandwidth_bytes_s
    pair = one_direction + one_direction.T
    np.fill_diagonal(pair, 0.0)
    return pair


def group_data_parallel_s(dp_pair_s: Matrix, group: Devices) -> float:
    """`DATAP(C_j)`: each device of `group`, shape `(D,)`, pays all its mates in turn; the slowest device counts."""
    return max(math.fsum(dp_pair_s[device, group]) for device in group)


def boundary_s(pp_pair_s: Matrix, left: Devices, right: Devices) -> float:
    """Seconds of one stage boundary, wired pair by pair (`left[i]` to `right[i]`): the slowest pair counts."""
    return float(pp_pair_s[left, right].max())


def grid_cost(dp_pair_s: Matrix, pp_pair_s: Matrix, grid: Devices) -> Cost:
    """`COST` of a grid, shape `(D, K)`, as it is wired: the slowest group plus the sum over boundaries."""
    stages = grid.T
    data_parallel_s = max(group_data_parallel_s(dp_pair_s, group) for group in stages)
    boundaries_s = [boundary_s(pp_pair_s, stages[j], stages[j + 1]) for j in range(len(stages) - 1)]
    return _cost(data_parallel_s, math.fsum(boundaries_s))


def partition_cost(
    dp_pair_s: Matrix, pp_pair_s: Matrix, labels: Devices, n_groups: int | None = None, position: Sequence[int] = ()
) -> Cost:
    """`COST` of a partition, labels of shape `(N,)`, at its best wiring and best order of at most 12 groups."""
    return grid_cost(dp_pair_s, pp_pair_s, best_grid(pp_pair_s, labels, n_groups, position))


def best_grid(pp_pair_s: Matrix, labels: Devices, n_groups: int | None = None, position: Sequence[int] = ()) -> Devices:
    """The grid, shape `(D, K)`, with the best wiring and order of a partition: the bi-level form of `COST`.

    The groups stand along the shortest open path over the bottleneck matchings between them. Perfect matchings compose
    along that path into D pipelines, so the grid costs exactly what the partition does. Where `n_groups` is given,
    devices of any higher label are spares. `position`: the stage of each group that is pinned to one, -1 for others.
    """
    groups = [np.flatnonzero(labels == stage) for stage in range(n_groups or int(labels.max()) + 1)]
    n_groups = len(groups)
    length_s = np.zeros((n_groups, n_groups))
    for a in range(n_groups):
        for b in range(a + 1, n_groups):
            threshold, _ = bottleneck_matching(pp_pair_s[np.ix_(groups[a], groups[b])])
            length_s[a, b] = length_s[b, a] = threshold
    order = shortest_path(length_s, position)
    columns = [groups[order[0]]]
    for stage in order[1:]:
        left, right = columns[-1], groups[stage]
        _, partner = bottleneck_matching(pp_pair_s[np.ix_(left, right)])
        columns.append(right[partner])
    return np.column_stack(columns)


def bottleneck_matching(block_s: Matrix) -> tuple[float, NDArray[np.intp]]:
    """The perfect matching of rows with columns, shape `(D, D)`, whose slowest pair is fastest.

    Returns that pair's seconds and the column of each row. Binary search over the distinct values: the smallest at
    which the pairs no slower than it hold a perfect matching.
    """
    values = np.unique(block_s)
    low, high = 0, len(values) - 1
    while low < high:
        middle = (low + high) // 2
        if (_matching(block_s <= values[middle]) >= 0).all():
            high = middle
        else:
            low = middle + 1
    return float(values[low]), _matching(block_s <= values[low])


def shortest_path(length_s: Matrix, position: Sequence[int] = ()) -> list[int]:
    """The order of K groups, lengths of shape `(K, K)`, that is shortest as an open path (Held–Karp, K ≤ 12).

    A group with a `position` of at least 0 stands there, and no other one does. Raises `ValueError` above 12 groups,
    where `AllocationProblem.cost` takes over with an upper bound.
    """
    n = len(length_s)
    if n > EXACT_ORDER_GROUPS:
        raise ValueError(f"the exact order of {n} groups is out of reach, expected at most {EXACT_ORDER_GROUPS}")
    best = np.full((1 << n, n), np.inf)
    before = np.full((1 << n, n), -1)
    for first in range(n):
        if _may_stand(first, 0, position):
            best[1 << first, first] = 0.0
    for visited in range(1, 1 << n):
        for last in range(n):
            if not visited >> last & 1 or visited == 1 << last:
                continue
            if not _may_stand(last, visited.bit_count() - 1, position):
                continue
            through = best[visited ^ (1 << last)] + length_s[:, last]
            before[visited, last] = through.argmin()
            best[visited, last] = through[before[visited, last]]
    visited, last = (1 << n) - 1, int(best[-1].argmin())
    order = [last]
    while before[visited, last] >= 0:
        visited, last = visited ^ (1 << last), int(before[visited, last])
        order.append(last)
    return order


def _may_stand(group: int, place: int, position: Sequence[int]) -> bool:
    """Whether a group may have a place in the order: its own, or one that is nobody's."""
    if not len(position):
        return True
    return position[group] == place or (position[group] < 0 and place not in position)


def _matching(allowed: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Column of each row in a largest matching over the allowed pairs, -1 for a row left out."""
    from scipy.sparse import csr_array  # here, since whoever only asks for costs does without
    from scipy.sparse.csgraph import maximum_bipartite_matching

    return np.asarray(maximum_bipartite_matching(csr_array(allowed), perm_type="column"), dtype=np.intp)


def _cost(data_parallel_s: float, pipeline_s: float) -> Cost:
    return Cost(data_parallel_s + pipeline_s, {"data_parallel_s": data_parallel_s, "pipeline_s": pipeline_s})
