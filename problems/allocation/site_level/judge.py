"""The formal cost of a grid from the figures of its sites: readable, and independent of compiled code and classes.

The formulas are those of `problems.allocation.cost_model`; only what two devices pay is looked up by their sites.
"""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.problem import Cost
from tasklet_bench.problems.site_topology import SiteTopology
from tasklet_bench.problems.workload import Workload

Devices = NDArray[np.int64]


def grid_cost(topology: SiteTopology, workload: Workload, grid: Devices) -> Cost:
    """`COST` of a grid, shape `(D, K)`, as it is wired: the slowest group plus the sum over boundaries."""
    share_bytes = workload.gradient_bytes / len(grid)
    stages = [topology.site_of[group] for group in grid.T]
    data_parallel_s = max(group_data_parallel_s(topology, share_bytes, sites) for sites in stages)
    boundaries_s = [
        float(pair_s(topology, workload.activation_bytes, left, right).max()) for left, right in pairwise(stages)
    ]
    pipeline_s = math.fsum(boundaries_s)
    return Cost(data_parallel_s + pipeline_s, {"data_parallel_s": data_parallel_s, "pipeline_s": pipeline_s})


def group_data_parallel_s(topology: SiteTopology, share_bytes: float, sites: NDArray[np.intp]) -> float:
    """`DATAP(C_j)` of devices at these sites, `(D,)`: each pays all the others; the slowest counts."""
    pays_s = pair_s(topology, share_bytes, sites[:, None], sites[None, :])
    np.fill_diagonal(pays_s, 0.0)  # a device does not pay itself
    return max(math.fsum(row) for row in pays_s)


def pair_s(
    topology: SiteTopology, payload_bytes: float, left: NDArray[np.intp], right: NDArray[np.intp]
) -> NDArray[np.float64]:
    """What devices at these sites pay each other: `(α_ij + c/β_ij) + (α_ji + c/β_ji)` (in seconds)."""
    there_s = topology.site_delay_s[left, right] + payload_bytes / topology.site_bandwidth_bytes_s[left, right]
    back_s = topology.site_delay_s[right, left] + payload_bytes / topology.site_bandwidth_bytes_s[right, left]
    result: NDArray[np.float64] = there_s + back_s
    return result
