"""Stages of stochastic pipelines as what is to be decided: a global batch shall pass them in little time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.decisions import Grouping
from tasklet_bench.problems.drawing import Drawing
from tasklet_bench.problems.pipeline_model.devices import Devices, digest
from tasklet_bench.problems.pipeline_model.model import Model
from tasklet_bench.problems.problem import Candidate, Change, Cost, InvalidCandidate, Problem
from tasklet_bench.problems.swarm import bound, show, starts
from tasklet_bench.problems.swarm.options import SwarmOptions
from tasklet_bench.problems.swarm.tables import Tables, build_tables
from tasklet_bench.problems.topology import Site

if TYPE_CHECKING:
    from tasklet_bench.problems.swarm.evaluate import Pack

Labels = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class SwarmProblem(Problem):
    """Which of the K stages each device serves, or the reserve (label K); a second is one of a global batch.

    `assumptions` says which figures of the devices are not measured; it changes nothing. Raises `BadInput` for
    fewer devices than stages, layers that are not the model's, and absences of other devices.
    """

    name: str
    devices: Devices
    model: Model
    options: SwarmOptions
    family: str = "swarm"
    assumptions: str = ""

    def __post_init__(self) -> None:
        n, layers = self.devices.n_devices, self.options.stage_layers
        if len(layers) > n:
            raise BadInput.at(self.name, "stages", f"{len(layers)} for {n} devices", f"at most {n}, one device each")
        if sum(layers) != self.model.layers:
            result = f"{sum(layers)} layers in {len(layers)} stages"
            raise BadInput.at(self.name, "stage_layers", result, f"the model's {self.model.layers} layers")
        for row, absent in enumerate(self.options.absences):
            if len(absent) != n:
                raise BadInput.at(self.name, f"absences[{row}]", f"{len(absent)} entries", f"{n}, one for each device")

    @property
    def sites(self) -> tuple[Site, ...]:
        """Declared sites, in device order."""
        return self.devices.sites

    @cached_property
    def decision(self) -> Grouping:
        """At least one device in each stage, any number in reserve."""
        n, k = self.devices.n_devices, self.options.n_stages
        return Grouping(n, (1,) * k + (0,), (n,) * (k + 1))

    @cached_property
    def digest(self) -> str:
        """Hex SHA-256 of devices, links, model and options."""
        return digest(self.family, self.devices, self.model, self.options.to_json())

    @cached_property
    def tables(self) -> Tables:
        """What devices can do in stages, and links between them."""
        return build_tables(self.devices, self.model, self.options)

    @property
    def micro_batches(self) -> float:
        """Micro-batches of a global batch, m = B/b."""
        return self.model.sequences_per_iteration / self.options.micro_batch

    @cached_property
    def pack(self) -> Pack:
        """The instance in the form that compiled code takes, with scratch memory."""
        from tasklet_bench.problems.swarm.evaluate import pack_problem

        return pack_problem(self)

    def __getstate__(self) -> dict[str, object]:
        """A copy makes scratch memory of its own."""
        return {name: value for name, value in self.__dict__.items() if name != "pack"}

    def cost(self, candidate: Any) -> Cost:
        """Score labels `(N,)`: seconds of the stream, of the exchange of gradients, and of restarts."""
        from tasklet_bench.problems.swarm.evaluate import evaluate

        labels = candidate
        if not (type(labels) is np.ndarray and labels.dtype == np.int64 and labels.flags.c_contiguous):
            labels = np.ascontiguousarray(self.decision.check(candidate))
        parts_s = evaluate(self.pack, labels) if labels.shape == (self.devices.n_devices,) else (np.nan,) * 3
        if parts_s[0] != parts_s[0]:  # nan: no member, and this says why
            self.decision.check(labels)
        stream_s, allreduce_s, restart_s = parts_s
        return Cost(
            stream_s + allreduce_s + restart_s,
            {"stream_s": stream_s, "allreduce_s": allreduce_s, "restart_s": restart_s},
        )

    def judge(self, candidate: Any) -> Cost:
        """Score labels `(N,)` by loops over devices and links, and a linear program."""
        from tasklet_bench.problems.swarm.judge import judge

        return judge(self, self.decision.check(candidate).tolist())

    def bound(self) -> float:
        """A proven lower bound on the cost (in seconds)."""
        return bound.lower_bound(self.devices, self.tables, self.micro_batches)

    def change_few(self, candidate: Candidate, moves: int) -> Change:
        """The best decision with at most so many moved devices; `candidate` may leave stages empty, as after a loss."""
        from tasklet_bench.problems.swarm.repair import repair

        result = repair(self, candidate, moves)
        return Change(result.labels, result.moved, result.proven)

    def starts(self) -> Mapping[str, Labels]:
        """Devices in host order; fastest first to the stage that can do least; rebalanced from host order."""
        return starts.baselines(self.tables.capacity, self.devices.flops)

    def facts(self) -> Mapping[str, str | int | float]:
        """What the instance is, by heading."""
        return show.facts(self)

    def kinds(self) -> Mapping[str, str]:
        """Kinds of the instance, by dimension."""
        return show.kinds(self)

    def drawing(self, candidate: Any) -> Drawing:
        """Who serves which stage, and how much each link carries at most between neighbouring stages."""
        return show.drawing(self, self.decision.check(candidate))

    def candidate_to_json(self, candidate: Any) -> dict[str, Any]:
        """Labels as `{"stage_of_device": [...]}`; K is the reserve."""
        return {"stage_of_device": self.decision.check(candidate).tolist()}

    def candidate_from_json(self, data: Mapping[str, Any]) -> Labels:
        """Read such an object; what else stands in it is ignored."""
        if "stage_of_device" not in data:
            raise InvalidCandidate(f"found keys {', '.join(data) or 'none'}, expected stage_of_device")
        return self.decision.from_json(data["stage_of_device"])
