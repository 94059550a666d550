"""Simulated seconds as what is to be made small: a family of its own, with the same decision as the formal one."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tasklet_bench.problems.allocation import Allocation, AllocationProblem
from tasklet_bench.problems.decisions.grouping import Grouping
from tasklet_bench.problems.files.profile_file import profile_to_json
from tasklet_bench.problems.iteration_time.bound import iteration_bound
from tasklet_bench.problems.iteration_time.compute import stage_costs
from tasklet_bench.problems.iteration_time.names import problem_name
from tasklet_bench.problems.iteration_time.options import SimulationOptions
from tasklet_bench.problems.iteration_time.sharing import shared_rates
from tasklet_bench.problems.iteration_time.simulation import simulate
from tasklet_bench.problems.problem import Cost, Infeasible, Placement
from tasklet_bench.problems.topology import Site, Topology
from tasklet_bench.problems.workload import Shape


@dataclass(frozen=True, eq=False)
class IterationTimeProblem(Placement):
    """Which devices share a stage, scored by the simulated seconds of an iteration.

    Labels are wired and ordered as the *formal* cost likes them best, and an `Allocation` is simulated as it is wired,
    so that the family asks for nothing but a partition. How stages are numbered makes no difference.
    """

    name: str
    formal: AllocationProblem
    options: SimulationOptions = field(default_factory=SimulationOptions)
    family: str = field(default="iteration-time", init=False)

    @classmethod
    def wrap(cls, formal: AllocationProblem, options: SimulationOptions | None = None) -> IterationTimeProblem:
        """The same topology, workload and shape, scored in simulated seconds; named after both."""
        options = options or SimulationOptions()
        return cls(problem_name(formal.name, options), formal, options)

    @property
    def sites(self) -> tuple[Site, ...]:
        """Declared sites, in device order."""
        return self.formal.sites

    @property
    def topology(self) -> Topology:
        """Sites and links."""
        return self.formal.topology

    @property
    def shape(self) -> Shape:
        """Shape D×K."""
        return self.formal.shape

    @property
    def group_sizes(self) -> tuple[int, ...]:
        """Devices of each stage."""
        return self.formal.group_sizes

    @property
    def decision(self) -> Grouping:
        """Which devices share a stage."""
        return self.formal.decision

    @property
    def digest(self) -> str:
        """Hex SHA-256 of the formal problem, the options, the speeds of the devices, and the rates that are shared."""
        costs = stage_costs(self.formal, self.options)
        rates = shared_rates(self.topology, self.options)
        text = json.dumps([self.family, self.formal.digest, _hashed_options(self.options)], sort_keys=True)
        hasher = hashlib.sha256(text.encode())
        for array in (costs.forward_s[0], costs.backward_s[0], rates.capacity_bytes_s):
            hasher.update(np.ascontiguousarray(array, dtype="<f8").data)
        for places in (rates.leaving, rates.entering):
            hasher.update(np.ascontiguousarray(places, dtype="<i8").data)
        profile = self.formal.workload.profile
        if profile is not None:
            hasher.update(json.dumps([profile_to_json(profile), [site.device for site in self.sites]]).encode())
        return hasher.hexdigest()

    def cost(self, candidate: ArrayLike | Allocation) -> Cost:
        """Simulated seconds of labels `(N,)` or of an `Allocation`: of the pipelines, and of gradients after them."""
        wired = candidate if isinstance(candidate, Allocation) else self.allocation(candidate)
        timeline = simulate(self.formal, wired, self.options)
        if self.options.memory == "required" and timeline.misfits:
            raise Infeasible("; ".join(map(str, timeline.misfits)))
        parts_s = {"data_parallel_s": timeline.data_parallel_s, "pipeline_s": timeline.pipeline_s}
        return Cost(timeline.iteration_s, parts_s)

    def allocation(self, labels: ArrayLike) -> Allocation:
        """The formally best wiring and order of labels `(N,)`, written out as a grid; it costs what the labels do."""
        return self.formal.allocation(_by_first_device(self.formal.checked_labels(labels)))

    def candidate_to_json(self, candidate: ArrayLike | Allocation) -> dict[str, Any]:
        """Write an `Allocation` as `{"grid": …}` and labels as `{"groups": …}`."""
        return self.formal.candidate_to_json(candidate)

    def candidate_from_json(self, data: Mapping[str, Any]) -> NDArray[np.int64] | Allocation:
        """Read `{"grid": …}` or `{"groups": …}`; raises `InvalidCandidate` that names the place."""
        return self.formal.candidate_from_json(data)

    def complete(self, candidate: ArrayLike | Allocation) -> Allocation:
        """Labels at their best wiring and order, an `Allocation` as it is wired."""
        return candidate if isinstance(candidate, Allocation) else self.allocation(candidate)

    def starts(self) -> dict[str, NDArray[np.int64] | Allocation]:
        """Those of the formal problem."""
        return self.formal.starts()

    def kinds(self) -> dict[str, str]:
        """Kinds of the formal problem."""
        return self.formal.kinds()

    def facts(self) -> dict[str, str]:
        """What the formal problem is made of, and the options of the simulation that are set."""
        options = {
            key.replace("_", " "): str(value) for key, value in asdict(self.options).items() if value is not None
        }
        return {**self.formal.facts(), **options}

    def bound(self) -> float:
        """A proven lower bound on the simulated seconds; far from tight where links differ much."""
        return iteration_bound(self.formal, self.options)

    def checked_labels(self, labels: ArrayLike) -> NDArray[np.int64]:
        """Labels as an int64 array `(N,)`; raises `InvalidCandidate` unless each group has its size."""
        return self.formal.checked_labels(labels)

    def checked_grid(self, allocation: Allocation) -> NDArray[np.int64]:
        """The grid of an allocation; raises `InvalidCandidate` unless it is D×K."""
        return self.formal.checked_grid(allocation)


_FIRST_OPTIONS = ("schedule", "micro_batches", "collective", "sharing", "tflops", "efficiency", "nic_gbps")
"""Options that are always hashed; later ones only where they are not at their defaults, so that digests stay."""


def _hashed_options(options: SimulationOptions) -> dict[str, object]:
    defaults = asdict(SimulationOptions())
    return {key: value for key, value in asdict(options).items() if key in _FIRST_OPTIONS or value != defaults[key]}


def _by_first_device(labels: NDArray[np.int64]) -> NDArray[np.int64]:
    """The same groups numbered by their first device: formally equal orders differ in simulated seconds."""
    _, first, group = np.unique(labels, return_index=True, return_inverse=True)
    return first.argsort().argsort()[group]
