"""Allocations that take no search: Megatron's order, sites spread or kept together, and clusters found in the links.

Clusters are those of SciPy's agglomerative clustering, balanced by cutting the tree's leaves, not the tree. Devices
that are close stand next to each other along the leaves. Cut into runs, the leaves give compact groups, clustered by
what gradients pay; dealt round the groups, they give groups of the same make-up, clustered by what activations pay.

Who is a spare follows the same idea: Megatron's order takes the first devices of the host list; sites that are spread
give what does not divide by the number of stages, sites that are kept together what does not fill a stage; clusters
leave out the devices that others pay most for. Rules are kept by repair.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.allocation.grid import Allocation
from tasklet_bench.problems.allocation.structure import aligned, pure_groups
from tasklet_bench.problems.candidate import Infeasible

if TYPE_CHECKING:
    from tasklet_bench.problems.allocation.problem import AllocationProblem

Labels = NDArray[np.int64]
Linkage = Literal["single", "average", "complete"]


def list_starts(problem: AllocationProblem) -> dict[str, Allocation | Labels]:
    """All of them by name: Megatron's grid, and labels `(N,)` that get their best wiring and order; O(N²)."""
    starts: dict[str, Allocation | Labels] = {
        "megatron": megatron(problem),
        "aligned": aligned_sites(problem),
        "site-pure": pure_sites(problem),
        "compact-clusters": compact_groups(problem),
        "dealt-clusters": dealt_groups(problem),
    }
    return {name: keep_rules(problem, start) for name, start in starts.items()}


def keep_rules(problem: AllocationProblem, start: Allocation | Labels) -> Allocation | Labels:
    """A start as it is where it keeps all rules, else the member of the decision nearest to it."""
    if not problem.rules:
        return start
    allocation = start if isinstance(start, Allocation) else problem.wire(start)
    try:
        problem.checked_grid(allocation)
    except Infeasible:
        return problem.decision.balance(problem.encode(allocation))
    return allocation if problem.rules.about_replicas or isinstance(start, Allocation) else problem.encode(allocation)


def megatron(problem: AllocationProblem) -> Allocation:
    """The grid that Megatron-LM makes of a host list in site order: the ranks of a stage are consecutive.

    Source: Megatron-LM's `parallel_state`, order "tp-cp-ep-dp-pp", with tensor and context parallelism of 1.
    """
    shape = problem.shape
    used = problem.available[: shape.n_devices]
    return Allocation(
        used.reshape(shape.pipeline_parallel, shape.data_parallel).T, n_devices=problem.topology.n_devices
    )


def aligned_sites(problem: AllocationProblem) -> Labels:
    """Labels `(N,)` that spread every site evenly over all groups.

    Spares are what sites have beyond a multiple of K, from those whose devices are costliest; then more of the same.
    """
    k, left = problem.shape.pipeline_parallel, len(problem.available) - problem.shape.n_devices
    site_of = problem.topology.site_of[problem.available]
    dear_s = problem.dearness()[problem.available]
    sites = sorted(np.unique(site_of), key=lambda site: -dear_s[site_of == site].mean())
    spared = np.zeros(len(site_of), dtype=bool)
    for most in (k - 1, len(site_of)):
        for site in sites:
            devices = np.flatnonzero((site_of == site) & ~spared)
            n = min(left, len(devices) % k if most < len(site_of) else len(devices))
            spared[devices[len(devices) - n :]] = True
            left -= n
    return _placed(problem, problem.available[~spared], aligned(problem.group_sizes))


def pure_sites(problem: AllocationProblem) -> Labels:
    """Labels `(N,)` of groups that lie inside sites; spares are the last of what is left over."""
    site_of = problem.topology.site_of[problem.available]
    labels = np.full(problem.n_devices, problem.shape.pipeline_parallel)
    labels[problem.available] = pure_groups(site_of, len(problem.sites), problem.group_sizes)
    return labels


def compact_groups(problem: AllocationProblem, linkage: Linkage = "average") -> Labels:
    """Labels `(N,)` of groups of devices that are close by what gradients pay."""
    along = problem.leaves("data parallel", linkage)
    return _placed(problem, along, np.repeat(np.arange(len(problem.group_sizes)), problem.group_sizes))


def dealt_groups(problem: AllocationProblem, linkage: Linkage = "average") -> Labels:
    """Labels `(N,)` of groups of one make-up, out of clusters by what activations pay."""
    return _placed(problem, problem.leaves("pipeline", linkage), aligned(problem.group_sizes))


def device_leaves(
    problem: AllocationProblem, pair_s: NDArray[np.float64], linkage: Linkage = "average"
) -> NDArray[np.intp]:
    """The devices that are used, `(D·K,)`, along the leaves of the tree over their distances `(N, N)`."""
    used = _leave_out_costliest(problem)
    along: NDArray[np.intp] = used[cluster_leaves(_among(pair_s, used), linkage)]
    return along


def _placed(problem: AllocationProblem, used: NDArray[np.intp], labels: Labels) -> Labels:
    """Labels of all devices, `(N,)`, from those of the ones that are used."""
    placed = np.full(problem.n_devices, problem.shape.pipeline_parallel)
    placed[used] = labels
    return placed


def _leave_out_costliest(problem: AllocationProblem) -> NDArray[np.intp]:
    """The D·K available devices that are left when the one that the others pay most for goes, again and again."""
    used = problem.available
    pair_s = problem.dp_pair_s + problem.pp_pair_s
    while len(used) > problem.shape.n_devices:
        used = np.delete(used, int(_among(pair_s, used).sum(axis=1).argmax()))
    return used


def _among(pair_s: NDArray[np.float64], used: NDArray[np.intp]) -> NDArray[np.float64]:
    return pair_s if len(used) == len(pair_s) else pair_s[np.ix_(used, used)]


def cluster_leaves(pair_s: NDArray[np.float64], method: Linkage) -> NDArray[np.intp]:
    """The devices along the leaves of the tree over their distances `(N, N)`."""
    from scipy.cluster.hierarchy import leaves_list, linkage

    if len(pair_s) < 2:
        return np.arange(len(pair_s))
    tree = linkage(pair_s[np.triu_indices(len(pair_s), k=1)], method)
    return np.asarray(leaves_list(tree), dtype=np.intp)
