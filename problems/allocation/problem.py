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
from tasklet_bench.problems.problem import Cost, InvalidCandidate, Partition, Placement
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

    @property
    def decision(self) -> Partition:
        """Which devices share a stage."""
        return Partition(self.group_sizes)

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
        from tasklet_bench.problems.allocation.kernels.ranks import pack_matrices

        return pack_matrices(self.dp_pair_s, self.pp_pair_s, self.shape.data_parallel, self.shape.pipeline_parallel)

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

    def random(self, rng: np.random.Generator) -> NDArray[np.int64]:
        """Draw balanced labels, shape `(N,)`, uniformly."""
        return rng.permutation(np.repeat(np.arange(len(self.group_sizes)), self.group_sizes))

    def cost(self, candidate: ArrayLike | Allocation) -> Cost:
        """Score labels `(N,)` at their best wiring and order, or an `Allocation` as it is wired.

        Above 12 groups the order of labels is the best that a deterministic local search finds, and the cost not exact.
        """
        from tasklet_bench.problems.allocation.kernels.partition import evaluate_grid, evaluate_if_balanced

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
        from tasklet_bench.problems.allocation.kernels.partition import write_grid

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
        """Read `{"grid": …}` or `{"groups": …}`; raises `InvalidCandidate` that names the place."""
        return candidate_file.candidate_from_json(data, self.shape)

    def complete(self, candidate: ArrayLike | Allocation) -> Allocation:
        """Labels at their best wiring and order, an `Allocation` as it is wired."""
        return candidate if isinstance(candidate, Allocation) else self.allocation(candidate)

    def bound(self) -> float:
        """A proven lower bound on the cost (in seconds)."""
        return bounds.separate(self.dp_pair_s, self.pp_pair_s, self.shape)

    def checked_labels(self, labels: ArrayLike) -> NDArray[np.int64]:
        """Labels as an int64 array `(N,)`; raises `InvalidCandidate` unless each group has its size."""
        found = np.asarray(labels)
        n = self.shape.n_devices
        if found.shape != (n,) or not np.issubdtype(found.dtype, np.integer):
            raise InvalidCandidate(f"labels are an int array of shape ({n},), found {found.dtype} {found.shape}")
        k = len(self.group_sizes)
        if found.min() < 0 or found.max() >= k:
            raise InvalidCandidate(f"labels are 0..{k - 1}, found {found.min()}..{found.max()}")
        sizes = np.bincount(found, minlength=k)
        wrong = np.flatnonzero(sizes != self.group_sizes)
        if wrong.size:
            group = int(wrong[0])
            raise InvalidCandidate(f"group {group} has {sizes[group]} devices, expected {self.group_sizes[group]}")
        return found.astype(np.int64, copy=False)

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
