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
        compute_s=_compute_s(tasks, source, costs),
        payload_bytes=_payload_bytes(tasks, costs),
        link_bytes_s=topology.bandwidth_bytes_s[source, target],
        delay_s=topology.delay_s[source, target],
    )


def _compute_s(tasks: TaskGraph, device: NDArray[np.int64], costs: StageCosts) -> NDArray[np.float64]:
    """Seconds of passes and other work, 0 for messages and markers."""
    seconds_s = np.zeros(len(tasks))
    for kinds, of_stages in (
        ((Kind.FORWARD,), costs.forward_s),
        ((Kind.BACKWARD, Kind.WEIGHT_GRADIENTS), costs.backward_s),
        ((Kind.UPDATE,), costs.update_s),
    ):
        chosen = np.isin(tasks.kind, kinds)
        seconds_s[chosen] = tasks.share[chosen] * of_stages[tasks.stage[chosen], device[chosen]]
    receives = tasks.kind == Kind.RECEIVE
    seconds_s[receives] = tasks.share[receives] * costs.boundary_bytes[tasks.stage[receives]] / costs.receive_bytes_s
    return seconds_s


def _payload_bytes(tasks: TaskGraph, costs: StageCosts) -> NDArray[np.float64]:
    """Bytes of messages, 0 for others."""
    of_gradients = costs.gradient_bytes[np.where(tasks.kind == Kind.GRADIENTS, tasks.stage, 0)]
    of_boundary = costs.boundary_bytes[np.where(tasks.kind == Kind.GRADIENTS, 0, tasks.stage)]
    whole = np.where(tasks.kind == Kind.GRADIENTS, of_gradients, of_boundary)
    return np.where(tasks.is_message, tasks.share * whole, 0.0)
