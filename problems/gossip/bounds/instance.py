"""What bounds look at: hops by size of group, computing, and how often a device is in a group of which size."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.collective.overlap import Overlap
from tasklet_bench.problems.gossip.system import hop_seconds

if TYPE_CHECKING:
    from tasklet_bench.problems.gossip.problem import GossipProblem

Matrix = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Instance:
    """An instance of N devices and R rounds, as bounds need it.

    `hop_s` is, by size of group, what the all-reduce takes if the hop from i to j is its slowest, `(N, N)`, infinite on
    the diagonal. `rounds_of` is in how many rounds a device is in a group of each size, the same for every rank.
    `compute_s` `(W, N)` is by device.
    """

    mixing: str
    n_rounds: int
    rounds_of: dict[int, int]
    hop_s: dict[int, Matrix]
    compute_s: Matrix
    overlap: Overlap
    site_members: tuple[NDArray[np.intp], ...]

    @classmethod
    def of(cls, problem: GossipProblem) -> Instance:
        """What bounds need to know of a problem."""
        topology, schedule = problem.network.topology, problem.schedule
        rounds_of = Counter(len(group) for groups in schedule.rounds for group in groups if 0 in group)
        hop_s = {size: hop_seconds(topology, problem.message_bytes, size) for size in schedule.group_sizes}
        for matrix in hop_s.values():
            np.fill_diagonal(matrix, np.inf)
        members = tuple(np.flatnonzero(topology.site_of == site) for site in range(len(topology.sites)))
        return cls(
            problem.options.mixing,
            len(schedule.rounds),
            dict(rounds_of),
            hop_s,
            problem.compute_s,
            problem.overlap,
            members if len(members) > 1 else (),
        )

    @cached_property
    def least_exchange_s(self) -> dict[int, NDArray[np.float64]]:
        """By size of group, the least that an exchange takes for each device, shape `(N,)`; 0 for a group of one."""
        from tasklet_bench.problems.gossip.bounds.devices import least_exchange_s

        alone_s = {size: np.zeros(self.n_devices) for size in self.rounds_of if size == 1 and self.hop_s}
        return alone_s | {size: least_exchange_s(hop_s, size) for size, hop_s in self.hop_s.items()}

    @property
    def n_devices(self) -> int:
        """Number of devices N."""
        return int(self.compute_s.shape[1])

    @property
    def before_s(self) -> NDArray[np.float64]:
        """Mean computing of each device that no exchange hides, shape `(N,)`."""
        return np.asarray(self.overlap.b * self.compute_s.mean(axis=0))

    @property
    def in_pairs(self) -> bool:
        """Whether all groups are pairs, and a device's partners in a period differ."""
        return set(self.rounds_of) == {2} and self.n_devices > 2

    @cached_property
    def pair_s(self) -> Matrix:
        """Seconds of each pair's exchange, shape `(N, N)`: the slower direction decides."""
        return np.maximum(self.hop_s[2], self.hop_s[2].T)
