"""Allocations that take no search: Megatron's order, sites spread or kept together, and clusters found in the links.

Clusters are those of SciPy's agglomerative clustering, balanced by cutting the tree's leaves, not the tree. Devices
that are close stand next to each other along the leaves. Cut into runs, the leaves give compact groups, clustered by
what gradients pay; dealt round the groups, they give groups of the same make-up, clustered by what activations pay.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.allocation.grid import Allocation
from tasklet_bench.problems.allocation.structure import aligned, site_pure
from tasklet_bench.problems.workload import Shape

if TYPE_CHECKING:
    from tasklet_bench.problems.allocation.problem import AllocationProblem

Labels = NDArray[np.int64]
Linkage = Literal["single", "average", "complete"]


def list_starts(problem: AllocationProblem) -> dict[str, Allocation | Labels]:
    """All of them by name: Megatron's grid, and labels `(N,)` that get their best wiring and order; O(N²)."""
    sizes = problem.group_sizes
    return {
        "megatron": megatron(problem.shape),
        "aligned": aligned(sizes),
        "site-pure": site_pure(problem.sites, sizes),
        "compact-clusters": compact_clusters(problem.dp_pair_s, sizes),
        "dealt-clusters": dealt_clusters(problem.pp_pair_s, sizes),
    }


def megatron(shape: Shape) -> Allocation:
    """The grid that Megatron-LM makes of a host list in site order: the ranks of a stage are consecutive.

    Source: Megatron-LM's `parallel_state`, order "tp-cp-ep-dp-pp", with tensor and context parallelism of 1.
    """
    return Allocation(np.arange(shape.n_devices).reshape(shape.pipeline_parallel, shape.data_parallel).T)


def compact_clusters(dp_pair_s: NDArray[np.float64], sizes: Sequence[int], linkage: Linkage = "average") -> Labels:
    """Labels `(N,)` of groups of devices that are close by what gradients pay, `(N, N)`."""
    labels = np.empty(sum(sizes), dtype=np.int64)
    labels[_leaves(dp_pair_s, linkage)] = np.repeat(np.arange(len(sizes)), sizes)
    return labels


def dealt_clusters(pp_pair_s: NDArray[np.float64], sizes: Sequence[int], linkage: Linkage = "average") -> Labels:
    """Labels `(N,)` of groups of one make-up, out of clusters by what activations pay, `(N, N)`."""
    labels = np.empty(sum(sizes), dtype=np.int64)
    labels[_leaves(pp_pair_s, linkage)] = aligned(sizes)
    return labels


def _leaves(pair_s: NDArray[np.float64], method: Linkage) -> NDArray[np.intp]:
    """The devices along the leaves of the tree over their distances `(N, N)`."""
    from scipy.cluster.hierarchy import leaves_list, linkage

    if len(pair_s) < 2:
        return np.arange(len(pair_s))
    tree = linkage(pair_s[np.triu_indices(len(pair_s), k=1)], method)
    return np.asarray(leaves_list(tree), dtype=np.intp)
