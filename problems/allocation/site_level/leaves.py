"""Devices along the leaves of a clustering of their sites: what `problems.allocation.starts` cuts into groups."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from tasklet_bench.problems.allocation.site_level.problem import SiteLevelProblem
    from tasklet_bench.problems.allocation.starts import Linkage


def device_leaves(problem: SiteLevelProblem, pair_s: NDArray[np.float64], linkage: Linkage) -> NDArray[np.intp]:
    """The D·K devices that cost the others least, site by site along the tree over sites; `pair_s` is `(S, S)`.

    A site is one leaf of the tree, whatever its size: clustering N devices would take N² steps.
    """
    from tasklet_bench.problems.allocation.starts import cluster_leaves

    used = np.sort(np.argsort(problem.dearness(), kind="stable")[: problem.shape.n_devices])
    between_s = pair_s.copy()
    np.fill_diagonal(between_s, 0.0)
    rank = np.empty(len(pair_s), dtype=np.intp)
    rank[cluster_leaves(between_s, linkage)] = np.arange(len(pair_s))
    along: NDArray[np.intp] = used[np.argsort(rank[problem.topology.site_of[used]], kind="stable")]
    return along
