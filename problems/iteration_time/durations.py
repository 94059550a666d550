"""How long each task of an iteration takes once every tasklet has its device."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.iteration_time.compute import StageCosts
from tasklet_bench.problems.iteration_time.tasks import Kind, TaskGraph
from tasklet_bench.problems.topology import Topology


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


def place(tasks: TaskGraph, grid: NDArray[np.int64], topology: Topology, costs: StageCosts) -> Durations:
    """Put the tasks on the devices of a grid `(D, K)`."""
    devices = grid.ravel()
    source, target = devices[tasks.source], devices[tasks.target]
    return Durations(
        source=source,
        target=target,
        compute_s=compute_seconds(tasks, np.arange(len(tasks)), source, costs),
        payload_bytes=payload_bytes(tasks, np.arange(len(tasks)), costs),
        link_bytes_s=topology.bandwidth_bytes_s[source, target],
        delay_s=topology.delay_s[source, target],
    )


def compute_seconds(
    tasks: TaskGraph, chosen: NDArray[np.int64], device: NDArray[np.int64], costs: StageCosts
) -> NDArray[np.float64]:
    """Seconds of passes and other work of some tasks on a device each, 0 for messages and markers; shapes `(C,)`."""
    kind, stage, share = tasks.kind[chosen], tasks.stage[chosen], tasks.share[chosen]
    seconds_s = np.zeros(len(chosen))
    for kinds, of_stages in (
        ((Kind.FORWARD,), costs.forward_s),
        ((Kind.BACKWARD, Kind.WEIGHT_GRADIENTS), costs.backward_s),
        ((Kind.UPDATE,), costs.update_s),
    ):
        own = np.isin(kind, kinds)
        seconds_s[own] = share[own] * of_stages[stage[own], device[own]]
    receives = kind == Kind.RECEIVE
    seconds_s[receives] = share[receives] * costs.boundary_bytes[stage[receives]] / costs.receive_bytes_s
    return seconds_s


def payload_bytes(tasks: TaskGraph, chosen: NDArray[np.int64], costs: StageCosts) -> NDArray[np.float64]:
    """Bytes of some tasks that are messages, 0 for others; shapes `(C,)`."""
    stage, gradients = tasks.stage[chosen], tasks.kind[chosen] == Kind.GRADIENTS
    of_gradients = costs.gradient_bytes[np.where(gradients, stage, 0)]
    of_boundary = costs.boundary_bytes[np.where(gradients, 0, stage)]
    whole = np.where(gradients, of_gradients, of_boundary)
    return np.where(tasks.is_message[chosen], tasks.share[chosen] * whole, 0.0)
