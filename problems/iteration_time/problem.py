"""Simulated seconds as what is to be made small: a family of its own, over partitions or over whole grids."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tasklet_bench.problems.allocation import Allocation, AllocationProblem
from tasklet_bench.problems.allocation.choices import decide_cells
from tasklet_bench.problems.allocation.wrapper import WrapsFormal
from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.decisions.composition import Composition
from tasklet_bench.problems.decisions.decision import Decision
from tasklet_bench.problems.decisions.permutation import Permutation
from tasklet_bench.problems.decisions.product import Product
from tasklet_bench.problems.iteration_time.digest import digest
from tasklet_bench.problems.iteration_time.names import problem_name
from tasklet_bench.problems.iteration_time.options import SimulationOptions
from tasklet_bench.problems.iteration_time.simulation import simulate
from tasklet_bench.problems.iteration_time.timeline import Timeline
from tasklet_bench.problems.problem import Candidate, Cost, Infeasible, InvalidCandidate
from tasklet_bench.problems.profile import even_layers

if TYPE_CHECKING:
    from tasklet_bench.problems.iteration_time.evaluator import Evaluator

Wiring = Literal["formal", "free"]
Layers = Literal["equal", "free"]


@dataclass(frozen=True, eq=False)
class IterationTimeProblem(WrapsFormal):
    """Which device runs which tasklet, scored by the simulated seconds of an iteration.

    With `formal` wiring the decision is a partition: labels are wired and ordered as the *formal* cost likes them best,
    and how stages are numbered makes no difference. With `free` wiring it is the order of the devices in the cells of
    the grid, row by row. With `free` layers it is a pair of that and the layers of each stage. An `Allocation` is
    simulated as it is wired, whatever the decision.
    """

    name: str
    formal: AllocationProblem
    options: SimulationOptions = field(default_factory=SimulationOptions)
    wiring: Wiring = "formal"
    layers: Layers = "equal"
    family: str = field(default="iteration-time", init=False)

    def __post_init__(self) -> None:
        for name, choices in (("wiring", Wiring), ("layers", Layers)):
            if getattr(self, name) not in get_args(choices):
                raise BadInput.unknown(name, str(getattr(self, name)), get_args(choices))
        if self.layers == "free" and self.n_layers < self.shape.pipeline_parallel * self.options.held_chunks:
            result = f"{self.n_layers or 'no'} layers"
            raise BadInput.at(
                self.name, "layers", f"free with {result}", "a model or a profile with one for each stage"
            )

    @classmethod
    def wrap(
        cls,
        formal: AllocationProblem,
        options: SimulationOptions | None = None,
        wiring: Wiring = "formal",
        layers: Layers = "equal",
    ) -> IterationTimeProblem:
        """The same topology, workload and shape, scored in simulated seconds; named after both."""
        options = options or SimulationOptions()
        return cls(problem_name(formal.name, options, wiring, layers), formal, options, wiring, layers)

    @property
    def group_sizes(self) -> tuple[int, ...]:
        """Devices of each stage."""
        return self.formal.group_sizes

    @property
    def n_layers(self) -> int:
        """Layers of the model; 0 where neither a profile nor a model is known."""
        profile, model = self.formal.workload.profile, self.formal.workload.transformer
        return profile.n_layers if profile else model.layers if model else 0

    def kinds(self) -> dict[str, str]:
        """Kinds of the formal problem, with `kinds of devices` and `layers` (equal or free)."""
        sites = {(site.device, site.tflops, site.memory_gb) for site in self.sites}
        devices = "one" if len(sites) == 1 else "two" if len(sites) == 2 else "three or more"
        return {**self.formal.kinds(), "kinds of devices": devices, "layers": self.layers}

    @cached_property
    def decision(self) -> Decision:
        """Which devices share a stage, or which device stands in which cell; and the layers of each stage."""
        devices: Decision = self.formal.decision
        if self.wiring == "free":
            rules, n = self.formal.rules, self.topology.n_devices
            devices = decide_cells(rules, n, self.shape) if rules else Permutation(n)
        if self.layers == "equal":
            return devices
        return Product((devices, Composition(self.n_layers, self.shape.pipeline_parallel)))

    @cached_property
    def digest(self) -> str:
        """Hex SHA-256 of all that the seconds depend on, and of the decision."""
        return digest(self.formal, self.options, self.wiring, self.layers)

    @cached_property
    def evaluator(self) -> Evaluator:
        """The compiled evaluation, with its tables for the layers that were asked for last."""
        from tasklet_bench.problems.iteration_time.evaluator import Evaluator

        return Evaluator(self.formal, self.options)

    def __getstate__(self) -> dict[str, object]:
        """A copy makes tables of its own."""
        return {name: value for name, value in self.__dict__.items() if name != "evaluator"}

    def cost(self, candidate: Candidate) -> Cost:
        """Simulated seconds of the pipelines, and of gradients after them; compiled where links share nothing.

        Raises `InvalidCandidate` for no member, and `Infeasible` where memory is required and a stage does not fit.
        """
        allocation = self.complete(candidate)
        if self.options.sharing != "independent":
            return self.judge(allocation)
        if self.options.memory == "required" and self.evaluator.lacks_memory(allocation):
            return self.judge(allocation)
        return _cost(*self.evaluator.seconds(allocation))

    def judge(self, candidate: Candidate) -> Cost:
        """The same from the readable simulation of every task."""
        timeline = self.timeline(candidate)
        if self.options.memory == "required" and timeline.misfits:
            raise Infeasible("; ".join(map(str, timeline.misfits)))
        return _cost(timeline.iteration_s, timeline.pipeline_s)

    def timeline(self, candidate: Candidate) -> Timeline:
        """When every task runs."""
        return simulate(self.formal, self.complete(candidate), self.options)

    def complete(self, candidate: Candidate) -> Allocation:
        """The grid and the layers of a candidate; labels at their formally best wiring and order."""
        if isinstance(candidate, Allocation):
            self.checked_grid(candidate)
            return candidate
        if self.layers == "equal":
            return self.allocation(candidate)
        devices, layers = self.decision.check(candidate)
        return replace(self.allocation(devices), layers=layers)

    def allocation(self, labels: ArrayLike) -> Allocation:
        """Labels `(N,)` at their formally best wiring and order, or an order `(N,)` as a grid, row by row.

        What an order has beyond the grid are spares. With rules, free wiring takes cells (`choices.decide_cells`).
        """
        if self.wiring == "free":
            order = self._devices.check(labels)
            if self.formal.rules:
                return self.formal.grid_of_cells(order)
            cells = order[: self.shape.n_devices].reshape(self.shape.data_parallel, self.shape.pipeline_parallel)
            return Allocation(cells, n_devices=self.topology.n_devices)
        checked = self.formal.checked_labels(labels)
        if self.formal.position or self.formal.rules.about_replicas:
            return self.formal.allocation(checked)
        return self.formal.allocation(_by_first_device(checked, self.shape.pipeline_parallel))

    def of_formal(self, candidate: Candidate) -> Candidate:
        """A candidate of the formal problem as one of this.

        Labels are wired as is formally best where wiring is free; layers are as even as they go where those are free.
        """
        if not isinstance(candidate, Allocation):
            open_groups = self.wiring == "formal" and self.layers == "equal"
            return candidate if open_groups else self.of_formal(self.formal.complete(candidate))
        if self.layers == "equal" or candidate.layers is not None:
            return candidate
        return replace(candidate, layers=even_layers(self.n_layers, self.shape.pipeline_parallel))

    def encode(self, allocation: Allocation) -> Candidate:
        """The member of the decision that stands for an allocation; what it leaves open is left out."""
        if self.wiring != "free":
            devices = self.formal.encode(allocation)
        else:
            order = np.concatenate([allocation.grid.ravel(), allocation.spares])
            devices = allocation.cells if self.formal.rules else order
        if self.layers == "equal":
            return devices.copy()
        layers = allocation.layers or even_layers(self.n_layers, self.shape.pipeline_parallel)
        return devices.copy(), np.array(layers, dtype=np.int64)

    def _are_equal(self, layers: tuple[int, ...]) -> bool:
        """Whether layers of the stages are those that a stage holds anyway."""
        exact = self.formal.workload.profile is not None or self.n_layers % len(layers) == 0
        return exact and layers == even_layers(self.n_layers, len(layers))

    @property
    def _devices(self) -> Decision:
        return self.decision.parts[0] if isinstance(self.decision, Product) else self.decision

    def candidate_to_json(self, candidate: Candidate) -> dict[str, Any]:
        """Write an `Allocation` as `{"grid": …}`, its layers beside it; labels as `{"groups": …}`."""
        open_groups = self.wiring == "formal" and self.layers == "equal"
        return self.formal.candidate_to_json(candidate if open_groups else self.complete(candidate))

    def candidate_from_json(self, data: Mapping[str, Any]) -> NDArray[np.int64] | Allocation:
        """Read `{"grid": …}` or `{"groups": …}`; raises `InvalidCandidate` that names the place."""
        candidate = self.formal.candidate_from_json(data)
        if isinstance(candidate, Allocation) or (self.wiring == "formal" and self.layers == "equal"):
            return candidate
        return self.formal.complete(candidate)

    def starts(self) -> dict[str, Candidate]:
        """Those of the formal problem, and devices in the order of their speed; with layers cut to the placement."""
        from tasklet_bench.problems.iteration_time.starts import list_starts

        return list_starts(self)

    def neighbour(self, candidate: Candidate, rng: np.random.Generator) -> Candidate:
        """Two devices of different groups change places; where more is decided, the decision's neighbour."""
        if self.wiring == "formal" and self.layers == "equal":
            return self.formal.neighbour(candidate, rng)
        return self.decision.neighbour(candidate, rng)

    def facts(self) -> dict[str, str]:
        """What the formal problem is made of, the options of the simulation that are set, and what is decided."""
        options = {
            key.replace("_", " "): str(value)
            for key, value in asdict(self.options).items()
            if value is not None and value != ()
        }
        return {**self.formal.facts(), **options, "wiring": self.wiring, "layers": self.layers}

    def bound(self) -> float:
        """A proven lower bound on the simulated seconds; far from tight where links differ much."""
        from tasklet_bench.problems.iteration_time.bound import iteration_bound

        return iteration_bound(self.formal, self.options, free_layers=self.layers == "free")

    def checked_labels(self, labels: ArrayLike) -> NDArray[np.int64]:
        """Labels as an int64 array `(N,)`; raises `InvalidCandidate` unless each group has its size."""
        return self.formal.checked_labels(labels)

    def checked_grid(self, allocation: Allocation) -> NDArray[np.int64]:
        """The grid of an allocation; raises `InvalidCandidate` unless it is D×K, with layers where those are free."""
        k = self.shape.pipeline_parallel
        if self.layers == "free" and (allocation.layers is None or sum(allocation.layers) != self.n_layers):
            result = allocation.layers or "none"
            raise InvalidCandidate(f"layers: found {result}, expected {k} whole numbers that sum to {self.n_layers}")
        if self.layers == "equal" and allocation.layers is not None and not self._are_equal(allocation.layers):
            raise InvalidCandidate(f"layers: found {allocation.layers}, expected none where layers are equal, not free")
        return self.formal.checked_grid(allocation)


def _cost(iteration_s: float, pipeline_s: float) -> Cost:
    return Cost(iteration_s, {"data_parallel_s": iteration_s - pipeline_s, "pipeline_s": pipeline_s})


def _by_first_device(labels: NDArray[np.int64], n_groups: int) -> NDArray[np.int64]:
    """The same groups numbered by their first device: formally equal orders differ in simulated seconds."""
    used = labels < n_groups
    _, first, group = np.unique(labels[used], return_index=True, return_inverse=True)
    numbered = labels.copy()
    numbered[used] = first.argsort().argsort()[group]
    return numbered
