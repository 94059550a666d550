"""What is left of a problem when devices leave, and the repair of an allocation that moves as few others as can be.

A stage is the layers whose weights its devices hold. After a loss every survivor keeps its stage where it can; one
that takes another must fetch that stage's parameters. Stages stay where they are in the pipeline: to renumber them
would move everybody. Which survivors of a stage form a pipeline may change, as all of them hold the same weights.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.allocation.grid import Allocation
from tasklet_bench.problems.allocation.problem import AllocationProblem
from tasklet_bench.problems.allocation.site_level import make_problem
from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.problem import Cost
from tasklet_bench.problems.workload import Shape, Workload

MOST_ENUMERATED = 20_000
"""Repairs up to which all are tried; more are searched by exchanges."""
SEARCHES = 6
"""Local searches that a repair out of reach of enumeration is the best of."""

Stages = NDArray[np.int64]


@dataclass(frozen=True)
class Repair:
    """An allocation after a loss.

    `moved` devices take a stage that they did not hold, and no repair moves fewer than `fewest`. `fetched_bytes` is
    what the moved devices must fetch together. `proven` says that no repair of `fewest` moves costs less.
    """

    allocation: Allocation
    cost: Cost
    moved: tuple[int, ...]
    fewest: int
    fetched_bytes: float
    proven: bool


def without_devices(problem: AllocationProblem, lost: Sequence[int]) -> AllocationProblem:
    """The problem without some of its devices, which keep their numbers.

    Where fewer than D·K are left there are fewer replicas, each with a larger part of the batch; the number of stages
    stays. Raises `BadInput` where not even one replica is left.
    """
    rules = replace(problem.rules, exclude=tuple(sorted({*problem.rules.exclude, *lost})))
    left = problem.n_devices - len(rules.exclude)
    shape = reduced_shape(problem.shape, left, problem.name)
    workload = workload_at(problem.workload, problem.shape, shape)
    return make_problem(problem.name, problem.topology, workload, shape, rules)


def reduced_shape(shape: Shape, left: int, name: str) -> Shape:
    """The shape with as many replicas as the devices that are left can hold, at most those that there were."""
    replicas = min(shape.data_parallel, left // shape.pipeline_parallel)
    if replicas < 1:
        result = f"{left} devices left for {shape.pipeline_parallel} stages"
        raise BadInput.at(name, "devices", result, f"at least {shape.pipeline_parallel}, one for each stage")
    return Shape(replicas, shape.pipeline_parallel)


def workload_at(workload: Workload, before: Shape, after: Shape) -> Workload:
    """The workload of the same model and batch with another number of replicas."""
    if before == after:
        return workload
    if workload.transformer is not None:
        return replace(workload.transformer.workload(after), profile=workload.profile)
    share = before.data_parallel / after.data_parallel
    return replace(workload, activation_bytes=workload.activation_bytes * share)


def repair_after_loss(problem: AllocationProblem, before: Stages, moves: int | None = None) -> Repair:
    """Repair an allocation with as few moves as can be, or with at most `moves`, as cheaply as these allow.

    `before` holds the stage of each device, `(N,)`, and K for spares; `problem` is what is left
    (`without_devices`). Raises `BadInput` for fewer moves than are needed, and for rules beyond excluded devices.
    """
    if not problem.rules.only_exclude:
        raise BadInput.at(problem.name, "rules", "pins or bonds", "none beside exclude, for a repair with few moves")
    scored = _Scored(problem, before)
    fewest = scored.fewest
    most = fewest if moves is None else moves
    if most < fewest:
        raise BadInput.at("option --moves", "moves", most, f"at least {fewest}, which the loss makes necessary")
    if most == fewest and scored.n_repairs <= MOST_ENUMERATED:
        labels, proven = min(scored.repairs(), key=scored.cost_s), True
    else:
        labels, proven = scored.search(most), False
    moved = tuple(int(device) for device in scored.moved(labels))
    allocation = scored.grid(labels)
    return Repair(
        allocation,
        problem.judge(allocation),
        moved,
        fewest,
        len(moved) * problem.workload.gradient_bytes,
        proven,
    )


class _Scored:
    """Labels after a loss, with their cost where stage k is the k-th of the pipeline, and their moves."""

    def __init__(self, problem: AllocationProblem, before: Stages) -> None:
        from tasklet_bench.problems.allocation.kernels.packing import pack_matrices

        self._problem, self._before = problem, before
        self._d, self._k = problem.shape.data_parallel, problem.shape.pipeline_parallel
        self._available = [int(device) for device in problem.available]
        self._holders = [[x for x in self._available if before[x] == stage] for stage in range(self._k)]
        self._idle = [x for x in self._available if not 0 <= before[x] < self._k]
        self._pack = pack_matrices(
            problem.dp_pair_s, problem.pp_pair_s, self._d, self._k, position=tuple(range(self._k))
        )
        self.fewest = sum(max(0, self._d - len(holders)) for holders in self._holders)

    def cost_s(self, labels: Stages) -> float:
        """Seconds at the best wiring of stages that stay where they are."""
        from tasklet_bench.problems.allocation.kernels.evaluation import evaluate

        return float(sum(evaluate(self._pack, labels)))

    def grid(self, labels: Stages) -> Allocation:
        """That wiring."""
        from tasklet_bench.problems.allocation.kernels.evaluation import evaluate_or_wire

        grid = np.empty((self._d, self._k), dtype=np.int64)
        evaluate_or_wire(self._pack, labels, grid)
        return Allocation(grid, n_devices=self._problem.n_devices)

    def moved(self, labels: Stages) -> NDArray[np.intp]:
        """Devices in a stage that they did not hold."""
        return np.flatnonzero((labels < self._k) & (labels != self._before))

    @property
    def n_repairs(self) -> int:
        """How many repairs of fewest moves there are."""
        missing = [max(0, self._d - len(holders)) for holders in self._holders]
        keep = math.prod(math.comb(len(holders), self._d) for holders in self._holders if len(holders) > self._d)
        pool = len(self._idle) + sum(max(0, len(holders) - self._d) for holders in self._holders)
        fill = math.factorial(pool) // math.factorial(pool - sum(missing))
        return keep * fill // math.prod(math.factorial(m) for m in missing)

    def repairs(self) -> Iterator[Stages]:
        """All of them."""
        keeps = [list(itertools.combinations(holders, min(self._d, len(holders)))) for holders in self._holders]
        for kept in itertools.product(*keeps):
            labels = np.full(self._problem.n_devices, self._k)
            for stage, devices in enumerate(kept):
                labels[list(devices)] = stage
            pool = [device for device in self._available if labels[device] == self._k]
            yield from self._filled(labels, pool, 0)

    def _filled(self, labels: Stages, pool: list[int], stage: int) -> Iterator[Stages]:
        if stage == self._k:
            yield labels.copy()
            return
        lacking = max(0, self._d - len(self._holders[stage]))
        for chosen in itertools.combinations(pool, lacking):
            labels[list(chosen)] = stage
            yield from self._filled(labels, [device for device in pool if device not in chosen], stage + 1)
            labels[list(chosen)] = self._k

    def search(self, most: int) -> Stages:
        """The best of some local searches, which exchange two devices at a time and never move more than `most`."""
        rng = np.random.Generator(np.random.PCG64(0))
        return min((self._descend(self._drawn(rng), most) for _ in range(SEARCHES)), key=self.cost_s)

    def _drawn(self, rng: np.random.Generator) -> Stages:
        """A repair of fewest moves, drawn."""
        labels = np.full(self._problem.n_devices, self._k)
        for stage, holders in enumerate(self._holders):
            labels[rng.permutation(np.array(holders, dtype=np.int64))[: self._d]] = stage
        pool = rng.permutation([device for device in self._available if labels[device] == self._k])
        lacking = [stage for stage, holders in enumerate(self._holders) for _ in range(self._d - len(holders))]
        labels[pool[: len(lacking)].astype(np.int64)] = lacking
        return labels

    def _descend(self, labels: Stages, most: int) -> Stages:
        best_s, improved = self.cost_s(labels), True
        while improved:
            improved = False
            for a, b in itertools.combinations(self._available, 2):
                if labels[a] == labels[b]:
                    continue
                labels[a], labels[b] = labels[b], labels[a]
                if len(self.moved(labels)) <= most and (cost_s := self.cost_s(labels)) < best_s:
                    best_s, improved = cost_s, True
                else:
                    labels[a], labels[b] = labels[b], labels[a]
        return labels
