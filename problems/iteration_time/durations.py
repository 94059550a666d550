"""How long each task of an iteration takes once every tasklet has its device."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.iteration_time.compute import Compute
from tasklet_bench.problems.iteration_time.tasks import Kind, TaskGraph
from tasklet_bench.problems.topology import Topology
from tasklet_bench.problems.workload import Workload


@dataclass(frozen=True, eq=False)
class Durations:
    """What an allocation makes of the tasks, all of shape `(T,)`.

    `source` and `target` are devices; `compute_s` the seconds of a pass (0 for others); `payload_bytes` and
    `link_bytes_s` the size of a message and the rate of its link (0 and infinity for others); `delay_s` how long after
    leaving it arrives.
    """

    source: NDArray[np.int64]
    target: NDArray[np.int64]
    compute_s: NDArray[np.float64]
    payload_bytes: NDArray[np.float64]
    link_bytes_s: NDArray[np.float64]
    delay_s: NDArray[np.float64]

    @property
    def alone_s(self) -> NDArray[np.float64]:
        """Seconds of each task when a message has its link to itself."""
        return self.compute_s + self.payload_bytes / self.link_bytes_s


def place(
    tasks: TaskGraph, grid: NDArray[np.int64], topology: Topology, workload: Workload, compute: Compute
) -> Durations:
    """Put the tasks on the devices of a grid `(D, K)`."""
    devices = grid.ravel()
    source, target = devices[tasks.source], devices[tasks.target]
    gradients = tasks.kind == Kind.GRADIENTS
    return Durations(
        source=source,
        target=target,
        compute_s=np.select(
            [tasks.kind == Kind.FORWARD, tasks.kind == Kind.BACKWARD],
            [compute.forward_s[source], compute.backward_s[source]],
        ),
        payload_bytes=tasks.share * np.where(gradients, workload.gradient_bytes, workload.activation_bytes),
        link_bytes_s=topology.bandwidth_bytes_s[source, target],
        delay_s=topology.delay_s[source, target],
    )
