"""The allocation problem of a topology that is kept by site: up to 65,536 devices and more."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tasklet_bench.problems.allocation import cost_model
from tasklet_bench.problems.allocation.classes import DeviceClasses
from tasklet_bench.problems.allocation.grid import Allocation
from tasklet_bench.problems.allocation.problem import AllocationProblem
from tasklet_bench.problems.allocation.rules import Rules
from tasklet_bench.problems.allocation.site_level import bound, judge
from tasklet_bench.problems.problem import Cost
from tasklet_bench.problems.site_topology import SiteTopology
from tasklet_bench.problems.topology import Topology
from tasklet_bench.problems.workload import Shape, Workload

if TYPE_CHECKING:
    from tasklet_bench.problems.allocation.site_level.packing import ClassPack
    from tasklet_bench.problems.allocation.starts import Linkage

PENALTY_GRIDS = 16
"""Random grids whose mean cost a failed run is taken to have, where Megatron's order is not dearer."""


def make_problem(
    name: str, topology: Topology, workload: Workload, shape: Shape, rules: Rules | None = None
) -> AllocationProblem:
    """The problem in the form that suits its topology; rules are kept by the dense form alone."""
    rules = rules or Rules()
    if not isinstance(topology, SiteTopology):
        return AllocationProblem(name, topology, workload, shape, rules=rules)
    if rules:
        return AllocationProblem(name, topology.expanded(), workload, shape, rules=rules)
    return SiteLevelProblem(name, topology, workload, shape)


@dataclass(frozen=True, eq=False)
class SiteLevelProblem(AllocationProblem):
    """The same decision and the same cost, to the last bit, without a matrix of all devices.

    Memory grows as N + S². Devices of a site are interchangeable. The matrices `dp_pair_s` and `pp_pair_s` are there
    for strategies that cannot do without them, and raise `BadInput` where they do not fit into memory.
    """

    def __post_init__(self) -> None:
        super().__post_init__()
        _ = self.links
        if self.rules:
            raise ValueError("rules are kept by problems whose links are kept by device")

    @property
    def links(self) -> SiteTopology:
        """The topology, as it is kept; raises `TypeError` for one that is kept by device."""
        if not isinstance(self.topology, SiteTopology):
            raise TypeError(f"found a {type(self.topology).__name__}, expected a SiteTopology")
        return self.topology

    @cached_property
    def classes(self) -> DeviceClasses:
        """The sites as classes of devices, and what a pair pays by their sites."""
        gradient_bytes = self.workload.gradient_bytes / self.shape.data_parallel
        dp_pair_s, pp_pair_s = map(self._site_pair_seconds, (gradient_bytes, self.workload.activation_bytes))
        sizes = np.array([site.devices for site in self.sites])
        sizes.flags.writeable = False
        return DeviceClasses(self.links.site_of, sizes, dp_pair_s, pp_pair_s)

    @cached_property
    def available(self) -> NDArray[np.intp]:
        """All devices: there are no rules that exclude any."""
        everybody = np.arange(self.n_devices)
        everybody.flags.writeable = False
        return everybody

    def _site_pair_seconds(self, payload_bytes: float) -> NDArray[np.float64]:
        """What a pair pays by its sites, `(S, S)`; the diagonal is two devices of one site, 0 where there is one."""
        one_direction = self.links.site_delay_s + payload_bytes / self.links.site_bandwidth_bytes_s
        pair_s: NDArray[np.float64] = one_direction + one_direction.T
        pair_s.flags.writeable = False
        return pair_s

    @cached_property
    def class_pack(self) -> ClassPack:
        """The classes in the form that compiled code takes, with scratch memory."""
        from tasklet_bench.problems.allocation.site_level.packing import pack_sites

        return pack_sites(self.classes, self.shape)

    @property
    def rank_type(self) -> type[Any]:
        """The type of numbers that compiled code for this problem is specialised for."""
        return self.class_pack.pack.rank.dtype.type

    def __getstate__(self) -> dict[str, object]:
        """A copy makes packs of its own."""
        return {name: value for name, value in self.__dict__.items() if name not in ("pack", "class_pack")}

    @cached_property
    def digest(self) -> str:
        """Hex SHA-256 of family, shape, sizes of sites, directed links between sites, and workload."""
        shape = f"{self.shape.data_parallel} {self.shape.pipeline_parallel}"
        hasher = hashlib.sha256(f"{self.family} by site {shape}".encode())
        sizes = np.array([self.workload.gradient_bytes, self.workload.activation_bytes])
        links = (self.links.site_delay_s, self.links.site_bandwidth_bytes_s)
        for array in (sizes, self.classes.sizes, *links):
            hasher.update(np.ascontiguousarray(array, dtype="<f8").data)
        return hasher.hexdigest()

    def cost(self, candidate: ArrayLike | Allocation) -> Cost:
        """Score labels `(N,)` at their best wiring and order, or an `Allocation` as it is wired.

        Up to 256 stages the order is the one of `AllocationProblem.cost`; above, the better of the groups' own numbers
        and nearest neighbours. Raises `InvalidCandidate`.
        """
        from tasklet_bench.problems.allocation.site_level.evaluation import evaluate, evaluate_grid

        if isinstance(candidate, Allocation):
            grid = np.array(self.checked_grid(candidate), order="C")
            return _cost(evaluate_grid(self.class_pack, grid), exact=True)
        labels = np.array(self.checked_labels(candidate), order="C")
        exact = self.shape.pipeline_parallel <= cost_model.EXACT_ORDER_GROUPS
        return _cost(evaluate(self.class_pack, labels), exact)

    def wire(self, stages: NDArray[np.int64]) -> Allocation:
        """The best wiring and order of stages `(N,)`, balanced."""
        from tasklet_bench.problems.allocation.site_level.evaluation import write_grid

        grid = np.empty((self.shape.data_parallel, self.shape.pipeline_parallel), dtype=np.int64)
        write_grid(self.class_pack, np.array(stages, order="C"), grid)
        return Allocation(grid, n_devices=self.n_devices)

    def wire_in_order(self, stages: NDArray[np.int64]) -> Allocation:
        """The best wiring of stages `(N,)`, balanced, with group j at stage j."""
        from tasklet_bench.problems.allocation.site_level.evaluation import write_numbered_grid

        grid = np.empty((self.shape.data_parallel, self.shape.pipeline_parallel), dtype=np.int64)
        write_numbered_grid(self.class_pack, np.array(stages, order="C"), grid)
        return Allocation(grid, n_devices=self.n_devices)

    def judge(self, candidate: ArrayLike | Allocation) -> Cost:
        """Score by the readable formulas: an `Allocation` as it is wired, labels as `complete` wires them."""
        return judge.grid_cost(self.links, self.workload, self.checked_grid(self.complete(candidate)))

    def penalty(self) -> float:
        """The larger of Megatron's default cost and the mean of 16 random grids with seed 0 (in seconds)."""
        from tasklet_bench.problems.allocation.starts import megatron

        shape, stream = self.shape, np.random.Generator(np.random.PCG64(0))
        costs_s = []
        for _ in range(PENALTY_GRIDS):
            used = np.argsort(stream.random(self.n_devices), kind="stable")[: shape.n_devices]
            grid = used.reshape(shape.data_parallel, shape.pipeline_parallel)
            costs_s.append(self.cost(Allocation(grid, n_devices=self.n_devices)).total_s)
        return max(self.cost(megatron(self)).total_s, float(np.mean(costs_s)))

    def wired_s(self, left: NDArray[np.int64], right: NDArray[np.int64]) -> NDArray[np.float64]:
        """What devices pay those that they are wired to (in seconds), of the shape of both."""
        return self.classes.pp_pair_s[self.links.site_of[left], self.links.site_of[right]]

    def among_s(self, group: NDArray[np.int64]) -> NDArray[np.float64]:
        """What the devices of a stage, `(D,)`, pay each other for their gradients (in seconds), `(D, D)`."""
        sites = self.links.site_of[group]
        pays_s = self.classes.dp_pair_s[np.ix_(sites, sites)]
        np.fill_diagonal(pays_s, 0.0)
        return pays_s

    def between_sites_s(self) -> NDArray[np.float64]:
        """Seconds of an activation transfer between the devices of two sites, NaN inside a site of one device."""
        between_s = self.classes.pp_pair_s.copy()
        alone = self.classes.sizes == 1
        between_s[alone, alone] = np.nan
        return between_s

    def leaves(self, term: Literal["data parallel", "pipeline"], linkage: Linkage = "average") -> NDArray[np.intp]:
        """The devices to use, `(D·K,)`, along the leaves of a tree over what their sites pay for one term."""
        from tasklet_bench.problems.allocation.site_level.leaves import device_leaves

        pair_s = self.classes.dp_pair_s if term == "data parallel" else self.classes.pp_pair_s
        return device_leaves(self, pair_s, linkage)

    def dearness(self) -> NDArray[np.float64]:
        """What all devices pay for each device, `(N,)` (in seconds)."""
        pair_s = self.classes.dp_pair_s + self.classes.pp_pair_s
        of_class: NDArray[np.float64] = pair_s @ self.classes.sizes - pair_s.diagonal()
        return of_class[self.classes.class_of]

    def certify(self, candidate: ArrayLike | Allocation, seconds: float) -> tuple[Allocation, Cost]:  # noqa: ARG002 - no proof is tried
        """The candidate as it is wired; above 12 stages its order is proven by nobody."""
        allocation = self.complete(candidate)
        exact = self.shape.pipeline_parallel <= cost_model.EXACT_ORDER_GROUPS
        return allocation, replace(self.judge(allocation), exact=exact)

    def bound(self) -> float:
        """A proven lower bound on the cost (in seconds), whichever devices are spares."""
        return bound.separate(self.classes, self.shape)

    def tighten_bound(self, seconds: float) -> float:  # noqa: ARG002 - nothing better is known
        """The same bound: the joint one enumerates stages, of which there are too many."""
        return self.bound()


def _cost(parts_s: tuple[float, float], exact: bool) -> Cost:
    data_parallel_s, pipeline_s = parts_s
    return Cost(data_parallel_s + pipeline_s, {"data_parallel_s": data_parallel_s, "pipeline_s": pipeline_s}, exact)
