"""What a simulation found: when every task ran, on which device, and why the iteration took as long as it did."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.allocation import AllocationProblem
from tasklet_bench.problems.iteration_time.durations import Durations
from tasklet_bench.problems.iteration_time.memory import Misfit
from tasklet_bench.problems.iteration_time.options import SimulationOptions
from tasklet_bench.problems.iteration_time.tasks import Kind, TaskGraph

NAMES: dict[Kind, str] = {
    Kind.FORWARD: "forward",
    Kind.BACKWARD: "backward",
    Kind.ACTIVATIONS: "activations",
    Kind.ACTIVATION_GRADIENTS: "activation_gradients",
    Kind.GRADIENTS: "gradients",
    Kind.WEIGHT_GRADIENTS: "weight_gradients",
    Kind.UPDATE: "update",
    Kind.RECEIVE: "receive",
}
BACKWARD = (Kind.BACKWARD, Kind.WEIGHT_GRADIENTS)
DELAY = "delay"


class Step(NamedTuple):
    """One piece of the critical path: a pass, a message leaving its source, or the delay until it arrives."""

    what: str
    source: int
    target: int
    step: int
    start_s: float
    end_s: float


class RateChanges(NamedTuple):
    """Every change of a message's rate, in order of time: when, which task, to how many bytes a second."""

    at_s: NDArray[np.float64]
    task: NDArray[np.int64]
    rate_bytes_s: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Timeline:
    """The simulated iteration: `start_s` and `finish_s` of each task, shapes `(T,)`.

    A message is finished when it has left its source; it arrives `durations.delay_s` later. `rate_changes` is None
    where each message has its link to itself. `notes` say what was assumed. `layers` are those of each stage, where
    they were given, and `update_s` the seconds of the slowest update of weights, part of the iteration only where the
    options say so. `misfits` are the stages that do not fit the memory of their devices.
    """

    problem: AllocationProblem = field(repr=False)
    options: SimulationOptions
    tasks: TaskGraph = field(repr=False)
    durations: Durations = field(repr=False)
    start_s: NDArray[np.float64] = field(repr=False)
    finish_s: NDArray[np.float64] = field(repr=False)
    rate_changes: RateChanges | None = field(default=None, repr=False)
    notes: tuple[str, ...] = ()
    layers: tuple[int, ...] | None = None
    update_s: float = 0.0
    misfits: tuple[Misfit, ...] = ()

    @cached_property
    def iteration_s(self) -> float:
        """Seconds until the last device has the summed gradients of its stage."""
        return float(self.finish_s[self.tasks.ends].max())

    @cached_property
    def pipeline_s(self) -> float:
        """Seconds until the last backward pass of all is over; the rest of the iteration is gradients alone."""
        return float(self.finish_s[np.isin(self.tasks.kind, BACKWARD)].max())

    @property
    def data_parallel_s(self) -> float:
        """Seconds of exchanging gradients that no backward pass hides."""
        return self.iteration_s - self.pipeline_s

    @cached_property
    def busy_s(self) -> NDArray[np.float64]:
        """Seconds that each device computes, shape `(N,)`."""
        busy_s = np.zeros(self.problem.topology.n_devices)
        np.add.at(busy_s, self.durations.source, self.durations.compute_s)
        return busy_s

    @property
    def computes(self) -> bool:
        """Whether passes take any time."""
        return bool(self.busy_s.any())

    @property
    def _mean_busy_s(self) -> float:
        """Seconds that a device of the grid computes, on average; spares do not count."""
        return float(self.busy_s.sum() / self.problem.shape.n_devices)

    @property
    def utilisation(self) -> float | None:
        """Share of the iteration that devices compute, on average; None where computing counts as 0."""
        return float(self._mean_busy_s / self.iteration_s) if self.computes else None

    @property
    def bubble_share(self) -> float | None:
        """Share of the pipeline's seconds in which devices do not compute, on average; None as above."""
        return float(1 - self._mean_busy_s / self.pipeline_s) if self.computes else None

    @property
    def sent_bytes(self) -> float:
        """Bytes of all messages together."""
        return float(self.durations.payload_bytes.sum())

    @cached_property
    def link_share(self) -> NDArray[np.float64]:
        """What each link carried, as a share of what it could have carried meanwhile; `(N, N)`, rows are sources."""
        n = self.problem.topology.n_devices
        sent = np.zeros((n, n))
        np.add.at(sent, (self.durations.source, self.durations.target), self.durations.payload_bytes)
        return sent / self.problem.topology.bandwidth_bytes_s / self.iteration_s if self.iteration_s else sent

    @property
    def busiest_link(self) -> tuple[int, int, float]:
        """The link with the largest share: source, target, share."""
        source, target = np.unravel_index(int(self.link_share.argmax()), self.link_share.shape)
        return int(source), int(target), float(self.link_share[source, target])

    @cached_property
    def critical_path(self) -> tuple[Step, ...]:
        """The chain of steps, without gaps, that the iteration could not have been shorter than."""
        steps: list[Step] = []
        task = int(self.tasks.ends[self.finish_s[self.tasks.ends].argmax()])
        while True:
            if self.tasks.kind[task] != Kind.MARKER:
                steps.append(self._step(task))
            waits = np.arange(self.tasks.first[task], self.tasks.first[task + 1])
            if not waits.size:
                return tuple(reversed(steps))
            before = self.tasks.before[waits]
            lag_s = np.where(self.tasks.arrived[waits], self.durations.delay_s[before], 0.0)
            last = int((self.finish_s[before] + lag_s).argmax())
            if lag_s[last] > 0:
                where = self._step(int(before[last]))
                steps.append(where._replace(what=DELAY, start_s=where.end_s, end_s=float(self.start_s[task])))
            task = int(before[last])

    def _step(self, task: int) -> Step:
        return Step(
            NAMES[Kind(self.tasks.kind[task])],
            int(self.durations.source[task]),
            int(self.durations.target[task]),
            int(self.tasks.step[task]),
            float(self.start_s[task]),
            float(self.finish_s[task]),
        )

    @property
    def critical_path_s(self) -> dict[str, float]:
        """Seconds of the critical path by what was going on; they sum to the iteration."""
        spent = dict.fromkeys((*NAMES.values(), DELAY), 0.0)
        for step in self.critical_path:
            spent[step.what] += step.end_s - step.start_s
        return spent

    def as_dict(self) -> dict[str, Any]:
        """All figures in seconds, bytes and shares, ready for JSON; the critical path step by step comes last."""
        return {
            "iteration_s": self.iteration_s,
            "pipeline_s": self.pipeline_s,
            "data_parallel_s": self.data_parallel_s,
            "utilisation": self.utilisation,
            "bubble_share": self.bubble_share,
            "busiest_device_s": float(self.busy_s.max()),
            "update_s": self.update_s,
            "sent_bytes": self.sent_bytes,
            "busiest_link": dict(zip(("source", "target", "share"), self.busiest_link, strict=True)),
            "critical_path_s": self.critical_path_s,
            "options": {**asdict(self.options), "efficiency_of": dict(self.options.efficiency_of)},
            "layers": None if self.layers is None else list(self.layers),
            "misfits": [misfit.as_dict() for misfit in self.misfits],
            "notes": list(self.notes),
            "critical_path": [step._asdict() for step in self.critical_path],
        }
