"""Partitions that take no search: sites spread or kept together, and clusters found in the links.

Clusters are those of SciPy's agglomerative clustering, balanced by cutting the tree's leaves, not the tree. Devices
that are close stand next to each other along the leaves. Cut into runs, the leaves give compact groups, clustered by
what gradients pay; dealt round the groups, they give groups of the same make-up, clustered by what activations pay.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.allocation import AllocationProblem
from tasklet_bench.problems.allocation.structure import aligned, site_pure

Labels = NDArray[np.int64]
Linkage = Literal["single", "average", "complete"]


def of_sites(problem: AllocationProblem) -> Iterator[Labels]:
    """Labels `(N,)` of every site spread evenly over all groups, then of groups kept inside sites."""
    yield aligned(problem.group_sizes)
    yield site_pure(problem.sites, problem.group_sizes)


def of_clusters(problem: AllocationProblem, linkage: Linkage = "average") -> Iterator[Labels]:
    """Labels `(N,)` of compact groups, then of dealt ones; O(N²) each."""
    sizes = problem.group_sizes
    labels = np.empty(sum(sizes), dtype=np.int64)
    labels[_leaves(problem.dp_pair_s, linkage)] = np.repeat(np.arange(len(sizes)), sizes)
    yield labels.copy()
    labels[_leaves(problem.pp_pair_s, linkage)] = aligned(sizes)
    yield labels


def load() -> None:
    """Import SciPy's clustering."""
    import scipy.cluster.hierarchy  # noqa: F401


def _leaves(pair_s: NDArray[np.float64], method: Linkage) -> NDArray[np.intp]:
    """The devices along the leaves of the tree over their distances `(N, N)`."""
    from scipy.cluster.hierarchy import leaves_list, linkage

    if len(pair_s) < 2:
        return np.arange(len(pair_s))
    tree = linkage(pair_s[np.triu_indices(len(pair_s), k=1)], method)
    return np.asarray(leaves_list(tree), dtype=np.intp)
