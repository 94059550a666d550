"""All that the period of an order depends on, as arrays: links as hops, computing, and the schedule."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.collective.overlap import Overlap
from tasklet_bench.problems.gossip.schedules import Schedule
from tasklet_bench.problems.topology import Topology

ALONE = -1
"""Size class of a group of one, which exchanges nothing."""


class System(NamedTuple):
    """R rounds of groups of N ranks, over W iterations (a multiple of R).

    A group of m averages by a ring all-reduce of 2(m−1) steps. `hop_s` `(S, N, N)` is, for each size m, what all its
    steps take if the hop from device i to device j is the slowest: 2(m−1)·(α + P/(m·β)). `compute_s` `(W, N)` is by
    device; `a`, `b` the overlap. `members` `(R, N)` holds the ranks of a round group after group, ascending within
    each; group g of round r ends before `ends[r, g]` and is of size class `sizes[r, g]`; `n_groups` `(R,)`.
    """

    hop_s: NDArray[np.float64]
    compute_s: NDArray[np.float64]
    a: float
    b: float
    members: NDArray[np.int64]
    ends: NDArray[np.int64]
    sizes: NDArray[np.int64]
    n_groups: NDArray[np.int64]


def system_of(
    topology: Topology, message_bytes: float, compute_s: NDArray[np.float64], overlap: Overlap, schedule: Schedule
) -> System:
    """Pack an instance; `compute_s` has shape `(W, N)`."""
    sizes = schedule.group_sizes
    most_groups = max(map(len, schedule.rounds))
    ends = np.zeros((len(schedule.rounds), most_groups), dtype=np.int64)
    classes = np.full_like(ends, ALONE)
    for r, groups in enumerate(schedule.rounds):
        ends[r, : len(groups)] = np.cumsum([len(group) for group in groups])
        classes[r, : len(groups)] = [sizes.index(len(group)) if len(group) > 1 else ALONE for group in groups]
    system = System(
        np.array([hop_seconds(topology, message_bytes, size) for size in sizes or (1,)]),
        np.ascontiguousarray(compute_s),
        overlap.a,
        overlap.b,
        np.array([[rank for group in groups for rank in group] for groups in schedule.rounds], dtype=np.int64),
        ends,
        classes,
        np.array([len(groups) for groups in schedule.rounds], dtype=np.int64),
    )
    for array in system:
        if isinstance(array, np.ndarray):
            array.flags.writeable = False
    return system


def hop_seconds(topology: Topology, message_bytes: float, size: int) -> NDArray[np.float64]:
    """What a ring all-reduce of `size` takes if the hop from i to j is its slowest, shape `(N, N)`, diagonal 0."""
    hops = topology.delay_s + message_bytes / (size * topology.bandwidth_bytes_s)
    return np.asarray(2.0 * (size - 1) * hops)
