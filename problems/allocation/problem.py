"""The paper's family: place D×K tasklets on N devices so that an iteration's communication is short."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tasklet_bench.problems.allocation import bounds, candidate_file, cost_model
from tasklet_bench.problems.allocation.choices import decide_cells, decide_stages
from tasklet_bench.problems.allocation.grid import Allocation
from tasklet_bench.problems.allocation.rules import Rules, check_rules
from tasklet_bench.problems.decisions.grouping import Grouping
from tasklet_bench.problems.decisions.ruled_grouping import RuledGrouping
from tasklet_bench.problems.problem import Candidate, Cost, Infeasible, InvalidCandidate, Placement
from tasklet_bench.problems.topology import Site, Topology
from tasklet_bench.problems.workload import Shape, Workload

if TYPE_CHECKING:
    from tasklet_bench.problems.allocation.kernels import Pack
    from tasklet_bench.problems.allocation.starts import Linkage


@dataclass(frozen=True, eq=False)
class AllocationProblem(Placement):
    """A topology, a workload and a shape D×K; nothing but two matrices of seconds to whoever searches.

    Devices beyond D·K are spares: who they are is decided too, and their label is K. Rules say who must stand where.
    With a rule about replicas a candidate is the cell of each device (`choices.decide_cells`), its wiring included;
    else it is the stage of each. Raises `Contradiction`, a `ValueError`, for fewer devices than D·K, and for rules that
    no allocation keeps.
    """

    name: str
    topology: Topology
    workload: Workload
    shape: Shape
    family: str = "allocation"
    rules: Rules = field(default_factory=Rules)

    def __post_init__(self) -> None:
        check_rules(self.rules, self.n_devices, self.shape)
        if self.rules:
            object.__setattr__(self, "rules", self.rules.in_order())
            _ = self.decision  # which raises where no allocation keeps them

    @property
    def sites(self) -> tuple[Site, ...]:
        """Declared sites, in device order."""
        return self.topology.sites

    @property
    def formal(self) -> AllocationProblem:
        """The problem itself: what families that score the same placements otherwise call theirs."""
        return self

    def of_formal(self, candidate: Candidate) -> Candidate:
        """A candidate of `formal` as one of this problem: itself."""
        return candidate

    @property
    def n_devices(self) -> int:
        """Number of devices N, spares included."""
        return self.topology.n_devices

    @property
    def n_spares(self) -> int:
        """Number of devices that stand nowhere, N - D·K."""
        return self.topology.n_devices - self.shape.n_devices

    @property
    def group_sizes(self) -> tuple[int, ...]:
        """Devices of each stage: all D."""
        return (self.shape.data_parallel,) * self.shape.pipeline_parallel

    @cached_property
    def decision(self) -> Grouping | RuledGrouping:
        """Which devices share a stage, or, with a rule about replicas, which device stands in which cell."""
        decide = decide_cells if self.rules.about_replicas else decide_stages
        return decide(self.rules, self.n_devices, self.shape)

    @cached_property
    def position(self) -> tuple[int, ...]:
        """The stage of each group, `(K,)`: its own number where devices are pinned to it, -1 elsewhere; or `()`."""
        pinned = {pin.stage for pin in self.rules.pins if pin.stage is not None}
        if not pinned:
            return ()
        return tuple(stage if stage in pinned else -1 for stage in range(self.shape.pipeline_parallel))

    @cached_property
    def available(self) -> NDArray[np.intp]:
        """The devices that may be used, ascending."""
        return np.setdiff1d(np.arange(self.n_devices), self.rules.exclude)

    @cached_property
    def dp_pair_s(self) -> NDArray[np.float64]:
        """What a pair pays for one device's share of the gradients (`c_dp/D`), both directions; `(N, N)`, read-only."""
        return self._pair_seconds(self.workload.gradient_bytes / self.shape.data_parallel)

    @cached_property
    def pp_pair_s(self) -> NDArray[np.float64]:
        """What a pair pays for the activations of a macro-batch, both directions; `(N, N)`, read-only."""
        return self._pair_seconds(self.workload.activation_bytes)

    def _pair_seconds(self, payload_bytes: float) -> NDArray[np.float64]:
        pair_s = cost_model.pair_seconds(self.topology.delay_s, self.topology.bandwidth_bytes_s, payload_bytes)
        pair_s.flags.writeable = False
        return pair_s

    @cached_property
    def pack(self) -> Pack:
        """The matrices in the form that compiled code takes, with scratch memory."""
        from tasklet_bench.problems.allocation.kernels.packing import pack_problem

        return pack_problem(self)

    @property
    def rank_type(self) -> type[Any]:
        """The type of numbers that compiled code for this problem is specialised for."""
        return self.pack.rank.dtype.type

    def __getstate__(self) -> dict[str, object]:
        """A copy makes a pack of its own: read-only and aligned memory does not stay so when it is copied."""
        return {name: value for name, value in self.__dict__.items() if name != "pack"}

    @cached_property
    def digest(self) -> str:
        """Hex SHA-256 of family, shape, directed links, workload and rules; names and coordinates do not count."""
        hasher = hashlib.sha256(f"{self.family} {self.shape.data_parallel} {self.shape.pipeline_parallel}".encode())
        sizes = np.array([self.workload.gradient_bytes, self.workload.activation_bytes])
        for array in (sizes, self.topology.delay_s, self.topology.bandwidth_bytes_s):
            hasher.update(np.ascontiguousarray(array, dtype="<f8").data)
        if self.rules:
            hasher.update(json.dumps(self.rules.to_json(), sort_keys=True).encode())
        return hasher.hexdigest()

    def cost(self, candidate: ArrayLike | Allocation) -> Cost:
        """Score labels `(N,)` at their best wiring and order, or an `Allocation` as it is wired.

        Above 12 groups the order of labels is the best that a deterministic local search finds, and the cost not exact.
        Raises `InvalidCandidate`, and `Infeasible` where a rule is broken.
        """
        from tasklet_bench.problems.allocation.kernels.evaluation import NO_GRID, evaluate_grid, evaluate_or_wire

        if isinstance(candidate, Allocation) or self.rules.about_replicas:
            grid = self.checked_grid(self.complete(candidate))
            return _cost(evaluate_grid(self.pack, _own(grid)), exact=True)
        labels = np.array(candidate)
        if self.rules or labels.dtype != np.int64 or labels.shape != (self.n_devices,):
            labels = _own(self.checked_labels(labels))
        parts_s = evaluate_or_wire(self.pack, labels, NO_GRID)
        if parts_s[0] != parts_s[0]:  # nan: not balanced, and this says where
            self.checked_labels(labels)
        return _cost(parts_s, exact=self.shape.pipeline_parallel <= cost_model.EXACT_ORDER_GROUPS)

    def allocation(self, labels: ArrayLike) -> Allocation:
        """Write the best wiring and order of labels `(N,)` out as a grid; it costs exactly what the labels do."""
        checked = self.checked_labels(labels)
        return self.grid_of_cells(checked) if self.rules.about_replicas else self.wire(checked)

    def grid_of_cells(self, cells: NDArray[np.int64]) -> Allocation:
        """The grid in which each device stands in its cell, `(N,)`, row by row."""
        order = np.argsort(cells, kind="stable")[: self.shape.n_devices]
        return Allocation(
            order.reshape(self.shape.data_parallel, self.shape.pipeline_parallel), n_devices=self.n_devices
        )

    def wire(self, stages: NDArray[np.int64]) -> Allocation:
        """The best wiring and order of stages `(N,)`, balanced, with no look at rules about replicas."""
        from tasklet_bench.problems.allocation.kernels.evaluation import evaluate_or_wire

        grid = np.empty((self.shape.data_parallel, self.shape.pipeline_parallel), dtype=np.int64)
        evaluate_or_wire(self.pack, _own(stages), grid)
        return Allocation(grid, n_devices=self.n_devices)

    def encode(self, allocation: Allocation) -> NDArray[np.int64]:
        """The member of the decision that an allocation is one wiring of."""
        return allocation.cells if self.rules.about_replicas else allocation.labels

    def repair(self, candidate: ArrayLike | Allocation) -> NDArray[np.int64] | None:
        """A member of the decision near a candidate that breaks rules; None where there are no rules."""
        if not self.rules:
            return None
        labels = self.encode(candidate) if isinstance(candidate, Allocation) else np.asarray(candidate)
        return self.decision.balance(labels)

    def judge(self, candidate: ArrayLike | Allocation) -> Cost:
        """Score by the readable formulas: an `Allocation` as it is wired, labels as `complete` wires them."""
        grid = self.checked_grid(self.complete(candidate))
        return cost_model.grid_cost(self.dp_pair_s, self.pp_pair_s, grid)

    def penalty(self) -> float:
        """The larger of Megatron's default cost and the mean of 1,000 random grids (in seconds)."""
        from tasklet_bench.problems.allocation.penalty import penalty_s

        return penalty_s(self)

    def candidate_to_json(self, candidate: ArrayLike | Allocation) -> dict[str, Any]:
        """Write an `Allocation` as `{"grid": …}` and labels as `{"groups": …}`, with the spares beside them."""
        if self.rules.about_replicas:
            candidate = self.complete(candidate)
        return candidate_file.candidate_to_json(candidate, self.shape.pipeline_parallel)

    def candidate_from_json(self, data: Mapping[str, Any]) -> NDArray[np.int64] | Allocation:
        """Read `{"grid": …}` or `{"groups": …}`; raises `InvalidCandidate` that names the place or the broken rule.

        With `"layers"` beside them groups are wired and ordered first: layers are those of the stages from the left.
        """
        candidate = candidate_file.candidate_from_json(data, self.shape, self.n_devices)
        if self.rules.about_replicas and not isinstance(candidate, Allocation):
            raise InvalidCandidate("groups: found no replicas, expected a 'grid', as the problem has rules about them")
        if self.rules:
            self.checked_grid(candidate) if isinstance(candidate, Allocation) else self.checked_labels(candidate)
        if "layers" not in data:
            return candidate
        layers = candidate_file.layers_from_json(data["layers"], self.shape)
        return Allocation(self.complete(candidate).grid, layers, self.n_devices)

    def complete(self, candidate: ArrayLike | Allocation) -> Allocation:
        """Labels at their best wiring and order, an `Allocation` as it is wired."""
        return candidate if isinstance(candidate, Allocation) else self.allocation(candidate)

    def neighbour(self, candidate: ArrayLike | Allocation, rng: np.random.Generator) -> NDArray[np.int64]:
        """Labels in which two devices of different groups have changed places, whatever the wiring of a candidate."""
        labels = self.encode(candidate) if isinstance(candidate, Allocation) else np.asarray(candidate)
        return self.decision.neighbour(labels, rng)

    def starts(self) -> dict[str, NDArray[np.int64] | Allocation]:
        """Megatron's order, the two structural heuristics, and two ways to cut a clustering of the links."""
        from tasklet_bench.problems.allocation.starts import list_starts

        return list_starts(self)

    def wired_s(self, left: NDArray[np.int64], right: NDArray[np.int64]) -> NDArray[np.float64]:
        """What devices pay those that they are wired to (in seconds), of the shape of both."""
        return self.pp_pair_s[left, right]

    def among_s(self, group: NDArray[np.int64]) -> NDArray[np.float64]:
        """What the devices of a stage, `(D,)`, pay each other for their gradients (in seconds), `(D, D)`."""
        return self.dp_pair_s[np.ix_(group, group)]

    def between_sites_s(self) -> NDArray[np.float64]:
        """Mean seconds of an activation transfer between the devices of two sites, NaN inside a site of one device."""
        member = (self.topology.site_of[:, None] == np.arange(len(self.sites))).astype(float)
        different = 1.0 - np.eye(self.n_devices)
        pairs = member.T @ different @ member
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(member.T @ self.pp_pair_s @ member / pairs)

    def leaves(self, term: Literal["data parallel", "pipeline"], linkage: Linkage = "average") -> NDArray[np.intp]:
        """The devices to use, `(D·K,)`, along the leaves of a tree over what they pay each other for one term."""
        from tasklet_bench.problems.allocation.starts import device_leaves

        return device_leaves(self, self.dp_pair_s if term == "data parallel" else self.pp_pair_s, linkage)

    def dearness(self) -> NDArray[np.float64]:
        """What all available devices pay for each device, `(N,)` (in seconds)."""
        dear_s: NDArray[np.float64] = (self.dp_pair_s + self.pp_pair_s)[self.available].sum(axis=0)
        return dear_s

    def certify(self, candidate: ArrayLike | Allocation, seconds: float) -> tuple[Allocation, Cost]:
        """The best order of the stages that is found; up to 12 stages the order is the best already."""
        allocation = self.complete(candidate)
        cost = self.judge(allocation)
        if self.shape.pipeline_parallel <= cost_model.EXACT_ORDER_GROUPS or self.rules.about_replicas:
            return allocation, cost
        if self.position:
            return allocation, replace(cost, exact=False)
        from tasklet_bench.problems.allocation.certify import certified_allocation

        better, better_cost = certified_allocation(self, allocation.labels, seconds)
        if better_cost.total_s > cost.total_s:
            return allocation, cost  # it was found as a grid, which its labels do not lead back to
        return better, better_cost

    def tighten_bound(self, seconds: float) -> float:
        """The joint bound on both terms of the cost, where that is better."""
        return self.bound() if self.n_spares else max(self.bound(), bounds.joint(self, seconds))

    def kinds(self) -> dict[str, str]:
        """Kind by dimension: devices, sites, site sizes, links, and activations per gradient byte."""
        from tasklet_bench.problems.allocation.kinds import kinds

        return kinds(self)

    def facts(self) -> dict[str, str]:
        """Devices, sites, workload and links."""
        from tasklet_bench.problems.allocation.facts import facts

        return facts(self)

    def bound(self) -> float:
        """A proven lower bound on the cost (in seconds), whichever of the available devices are spares."""
        if not self.rules.exclude:
            return bounds.separate(self.dp_pair_s, self.pp_pair_s, self.shape)
        used = np.ix_(self.available, self.available)
        return bounds.separate(self.dp_pair_s[used], self.pp_pair_s[used], self.shape)

    def checked_labels(self, labels: ArrayLike) -> NDArray[np.int64]:
        """Labels as an int64 array `(N,)`; raises `InvalidCandidate` unless each group has its size."""
        return self.decision.check(labels)

    def checked_grid(self, allocation: Allocation) -> NDArray[np.int64]:
        """The grid of an allocation; raises `InvalidCandidate` unless it is D×K of N, `Infeasible` by a rule."""
        expected = (self.shape.data_parallel, self.shape.pipeline_parallel)
        if allocation.grid.shape != expected:
            d, k = allocation.grid.shape
            raise InvalidCandidate(f"the grid is {d}×{k}, expected {self.shape}")
        if allocation.n_devices != self.n_devices:
            raise InvalidCandidate(f"the grid is one of {allocation.n_devices} devices, expected {self.n_devices}")
        if self.rules and (fault := self._broken_rule(allocation)):
            raise Infeasible(fault)
        return allocation.grid

    def _broken_rule(self, allocation: Allocation) -> str | None:
        row_of, stage_of = np.full((2, self.n_devices), -1)
        rows, stages = np.indices(allocation.grid.shape)
        row_of[allocation.grid], stage_of[allocation.grid] = rows, stages
        return self.rules.broken(stage_of, row_of)


def _cost(parts_s: tuple[float, float], exact: bool) -> Cost:
    data_parallel_s, pipeline_s = parts_s
    return Cost(data_parallel_s + pipeline_s, {"data_parallel_s": data_parallel_s, "pipeline_s": pipeline_s}, exact)


def _own(array: NDArray[np.int64]) -> NDArray[np.int64]:
    """A writable copy in C order: compiled code is specialised, and compiled again, for any other kind of array."""
    return np.array(array, order="C")
