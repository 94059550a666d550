"""The paper's family: place D×K tasklets on N devices so that an iteration's communication is short."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tasklet_bench.problems.allocation import bounds, candidate_file, cost_model
from tasklet_bench.problems.allocation.grid import Allocation
from tasklet_bench.problems.decisions.grouping import Grouping
from tasklet_bench.problems.problem import Cost, InvalidCandidate, Placement
from tasklet_bench.problems.topology import Site, Topology
from tasklet_bench.problems.workload import Shape, Workload

if TYPE_CHECKING:
    from tasklet_bench.problems.allocation.kernels import Pack


@dataclass(frozen=True, eq=False)
class AllocationProblem(Placement):
    """A topology, a workload and a shape D×K; nothing but two matrices of seconds to whoever searches.

    Raises `ValueError` unless the topology has exactly D·K devices.
    """

    name: str
    topology: Topology
    workload: Workload
    shape: Shape
    family: str = "allocation"

    def __post_init__(self) -> None:
        if self.topology.n_devices != self.shape.n_devices:
            raise ValueError(
                f"{self.topology.n_devices} devices for a grid of {self.shape}, expected {self.shape.n_devices}"
            )

    @property
    def sites(self) -> tuple[Site, ...]:
        """Declared sites, in device order."""
        return self.topology.sites

    @property
    def group_sizes(self) -> tuple[int, ...]:
        """Devices of each stage: all D today."""
        return (self.shape.data_parallel,) * self.shape.pipeline_parallel

    @cached_property
    def decision(self) -> Grouping:
        """Which devices share a stage."""
        return Grouping.of_sizes(self.group_sizes)

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

    def __getstate__(self) -> dict[str, object]:
        """A copy makes a pack of its own: read-only and aligned memory does not stay so when it is copied."""
        return {name: value for name, value in self.__dict__.items() if name != "pack"}

    @cached_property
    def digest(self) -> str:
        """Hex SHA-256 of family, shape, directed links and workload; names and coordinates do not count."""
        hasher = hashlib.sha256(f"{self.family} {self.shape.data_parallel} {self.shape.pipeline_parallel}".encode())
        sizes = np.array([self.workload.gradient_bytes, self.workload.activation_bytes])
        for array in (sizes, self.topology.delay_s, self.topology.bandwidth_bytes_s):
            hasher.update(np.ascontiguousarray(array, dtype="<f8").data)
        return hasher.hexdigest()

    def cost(self, candidate: ArrayLike | Allocation) -> Cost:
        """Score labels `(N,)` at their best wiring and order, or an `Allocation` as it is wired.

        Above 12 groups the order of labels is the best that a deterministic local search finds, and the cost not exact.
        """
        from tasklet_bench.problems.allocation.kernels.evaluation import evaluate_grid, evaluate_if_balanced

        if isinstance(candidate, Allocation):
            return _cost(evaluate_grid(self.pack, _own(self.checked_grid(candidate))), exact=True)
        labels = np.array(candidate)
        if labels.dtype != np.int64 or labels.shape != (self.shape.n_devices,):
            labels = _own(self.checked_labels(labels))
        parts_s = evaluate_if_balanced(self.pack, labels)
        if parts_s[0] != parts_s[0]:  # nan: not balanced, and this says where
            self.checked_labels(labels)
        return _cost(parts_s, exact=self.shape.pipeline_parallel <= cost_model.EXACT_ORDER_GROUPS)

    def allocation(self, labels: ArrayLike) -> Allocation:
        """Write the best wiring and order of labels `(N,)` out as a grid; it costs exactly what the labels do."""
        from tasklet_bench.problems.allocation.kernels.evaluation import write_grid

        grid = np.empty((self.shape.data_parallel, self.shape.pipeline_parallel), dtype=np.int64)
        write_grid(self.pack, _own(self.checked_labels(labels)), grid)
        return Allocation(grid)

    def judge(self, candidate: ArrayLike | Allocation) -> Cost:
        """Score by the readable formulas: an `Allocation` as it is wired, labels as `complete` wires them."""
        grid = self.checked_grid(self.complete(candidate))
        return cost_model.grid_cost(self.dp_pair_s, self.pp_pair_s, grid)

    def penalty(self) -> float:
        """The larger of Megatron's default cost and the mean of 1,000 random grids (in seconds)."""
        from tasklet_bench.problems.allocation.penalty import penalty_s

        return penalty_s(self)

    def candidate_to_json(self, candidate: ArrayLike | Allocation) -> dict[str, Any]:
        """Write an `Allocation` as `{"grid": …}` and labels as `{"groups": …}`."""
        return candidate_file.candidate_to_json(candidate)

    def candidate_from_json(self, data: Mapping[str, Any]) -> NDArray[np.int64] | Allocation:
        """Read `{"grid": …}` or `{"groups": …}`; raises `InvalidCandidate` that names the place.

        With `"layers"` beside them groups are wired and ordered first: layers are those of the stages from the left.
        """
        candidate = candidate_file.candidate_from_json(data, self.shape)
        if "layers" not in data:
            return candidate
        layers = candidate_file.layers_from_json(data["layers"], self.shape)
        return Allocation(self.complete(candidate).grid, layers)

    def complete(self, candidate: ArrayLike | Allocation) -> Allocation:
        """Labels at their best wiring and order, an `Allocation` as it is wired."""
        return candidate if isinstance(candidate, Allocation) else self.allocation(candidate)

    def neighbour(self, candidate: ArrayLike | Allocation, rng: np.random.Generator) -> NDArray[np.int64]:
        """Labels in which two devices of different groups have changed places, whatever the wiring of a candidate."""
        labels = candidate.labels if isinstance(candidate, Allocation) else np.asarray(candidate)
        return self.decision.neighbour(labels, rng)

    def starts(self) -> dict[str, NDArray[np.int64] | Allocation]:
        """Megatron's order, the two structural heuristics, and two ways to cut a clustering of the links."""
        from tasklet_bench.problems.allocation.starts import list_starts

        return list_starts(self)

    def certify(self, candidate: ArrayLike | Allocation, seconds: float) -> tuple[Allocation, Cost]:
        """The best order of the stages that is found; up to 12 stages the order is the best already."""
        allocation = self.complete(candidate)
        cost = self.judge(allocation)
        if self.shape.pipeline_parallel <= cost_model.EXACT_ORDER_GROUPS:
            return allocation, cost
        from tasklet_bench.problems.allocation.certify import certified_allocation

        better, better_cost = certified_allocation(self, allocation.labels, seconds)
        if better_cost.total_s > cost.total_s:
            return allocation, cost  # it was found as a grid, which its labels do not lead back to
        return better, better_cost

    def tighten_bound(self, seconds: float) -> float:
        """The joint bound on both terms of the cost, where that is better."""
        return max(self.bound(), bounds.joint(self, seconds))

    def kinds(self) -> dict[str, str]:
        """Kind by dimension: devices, sites, site sizes, links, and activations per gradient byte."""
        from tasklet_bench.problems.allocation.kinds import kinds

        return kinds(self)

    def facts(self) -> dict[str, str]:
        """Devices, sites, workload and links."""
        from tasklet_bench.problems.allocation.facts import facts

        return facts(self)

    def bound(self) -> float:
        """A proven lower bound on the cost (in seconds)."""
        return bounds.separate(self.dp_pair_s, self.pp_pair_s, self.shape)

    def checked_labels(self, labels: ArrayLike) -> NDArray[np.int64]:
        """Labels as an int64 array `(N,)`; raises `InvalidCandidate` unless each group has its size."""
        return self.decision.check(labels)

    def checked_grid(self, allocation: Allocation) -> NDArray[np.int64]:
        """The grid of an allocation; raises `InvalidCandidate` unless it is D×K."""
        expected = (self.shape.data_parallel, self.shape.pipeline_parallel)
        if allocation.grid.shape != expected:
            d, k = allocation.grid.shape
            raise InvalidCandidate(f"the grid is {d}×{k}, expected {self.shape}")
        return allocation.grid


def _cost(parts_s: tuple[float, float], exact: bool) -> Cost:
    data_parallel_s, pipeline_s = parts_s
    return Cost(data_parallel_s + pipeline_s, {"data_parallel_s": data_parallel_s, "pipeline_s": pipeline_s}, exact)


def _own(array: NDArray[np.int64]) -> NDArray[np.int64]:
    """A writable copy in C order: compiled code is specialised, and compiled again, for any other kind of array."""
    return np.array(array, order="C")
