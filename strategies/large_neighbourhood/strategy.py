"""Large-neighbourhood search: destroy a part of an allocation, repair it, keep what is about as good.

Source: Shaw, "Using constraint programming and local search methods to solve vehicle routing problems", CP 1998; the
ways to destroy are this project's. Where classes of interchangeable devices do not divide the grid evenly, the optimum
and what annealing finds differ by whole *blocks*: one class gives up its place in a run of stages to another. No path
of single swaps leads there without a climb. So a block changes hands, and a short cooling of all devices fits the rest
to it. Else, or where all devices differ, some stages are shuffled and cooled by themselves.

A round opens with a cooling from random labels (the first one has none where a start is given) and ends when
nothing better was found for `patience` repairs; the next one opens with twice as long a cooling. One evaluation is one
proposal to the kernels' ordered state, or one destroyed allocation. Spares stand outside of every run of stages, and
may come in wherever devices move.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tasklet_bench.problems.allocation import AllocationProblem
from tasklet_bench.problems.allocation.cost_model import EXACT_ORDER_GROUPS
from tasklet_bench.problems.tolerances import ROUNDED_DOWN
from tasklet_bench.strategies.parameters import parameter
from tasklet_bench.strategies.run import Run
from tasklet_bench.strategies.shared.rules import refuse_rules, refuse_spares
from tasklet_bench.strategies.shared.start import labels_of
from tasklet_bench.strategies.strategy import Strategy

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tasklet_bench.problems.allocation.kernels.ordered_state import State
    from tasklet_bench.problems.allocation.kernels.packing import Pack
    from tasklet_bench.problems.iteration_time import IterationTimeProblem

PROBES = 100
"""Swaps that are tried to find the scale of temperatures; a tenth of the budget at most."""
OPENING_DEVICES = 4_000_000
"""Proposals of the first opening, times N."""
REPAIR_PER_MOVER = 40
"""Proposals of a repair for each device that may move…"""
REPAIR_DEVICES = 640_000
"""… and at most so many over N: some milliseconds."""
STAGES_DESTROYED = (2, 5)
"""How many stages are shuffled, at least and less than."""


@dataclass(frozen=True)
class NeighbourhoodSearch(Strategy):
    """Temperatures are in mean changes of the guided cost by a random swap."""

    name = "neighbourhood-search"
    version = "2"
    families = ("allocation", "iteration-time")
    uses_start = True

    blocks: float = parameter(0.85, "share of blocks", low=0.0, high=1.0, at_least=0, at_most=1)
    block_hot: float = parameter(0.1, "first temperature after a block", low=0.02, high=0.5, log=True, above=0)
    stage_hot: float = parameter(0.12, "first temperature after stages", low=0.02, high=0.5, log=True, above=0)
    cold: float = parameter(0.015, "last temperature of all coolings", low=0.001, high=0.02, log=True, above=0)
    tolerance: float = parameter(
        0.03, "how much worse than the current allocation a repaired one may be", low=0.0, high=0.1, at_least=0
    )
    patience: int = parameter(
        300, "repairs in a row that may fail before a new round", low=30, high=3000, log=True, at_least=1
    )
    opening_hot: float = parameter(0.3, "first temperature of an opening", low=0.1, high=2.0, log=True, above=0)
    opening_reversals: float = parameter(
        0.1, "share of reversals in an opening", low=0.0, high=0.5, at_least=0, at_most=1
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.cold > min(self.block_hot, self.stage_hot, self.opening_hot):
            raise ValueError(f"cold is {self.cold}, expected at most block_hot, stage_hot and opening_hot")

    def prepare(self) -> None:
        """Load the compiled cooling for the types of ranks in use, and the walks on whole grids and on formal costs."""
        from tasklet_bench.problems.allocation import kernels
        from tasklet_bench.problems.allocation.kernels.packing import pack_matrices, rank_types_in_use
        from tasklet_bench.strategies.annealing import walk
        from tasklet_bench.strategies.large_neighbourhood.repair import BEGIN, COOL, NOTHING, Cooling, Ground, step
        from tasklet_bench.strategies.shared import grid_walk

        pair_s, labels, alike = np.array([[0.0, 1.0], [1.0, 0.0]]), np.arange(2), np.zeros(2, dtype=np.int64)
        for rank_type in rank_types_in_use():
            pack = pack_matrices(pair_s, pair_s, 1, 2, rank_type)
            state = kernels.new_state(pack)
            ground, rng = Ground(pack, state, alike), np.random.default_rng(0)
            step(ground, rng, BEGIN, labels, NOTHING, np.inf, labels)
            step(ground, rng, COOL, labels, Cooling(1.0, 1.0, 0.1, 1), np.inf, labels)
        walk.load()
        grid_walk.load_if_in_use()

    def search(self, problem: AllocationProblem | IterationTimeProblem, run: Run, rng: np.random.Generator) -> None:
        """Round after round of destroying and repairing, until the budget is spent; in seconds on whole grids."""
        if not isinstance(problem, AllocationProblem):
            from tasklet_bench.strategies.large_neighbourhood.grid import search_grid

            refuse_spares(self.name, problem)
            search_grid(problem, run, rng)
            return
        self._search_labels(problem, run, rng)

    def _search_labels(self, problem: AllocationProblem, run: Run, rng: np.random.Generator) -> None:
        from tasklet_bench.problems.allocation.classes import class_of_devices

        refuse_rules(self.name, problem)
        symmetry_class = class_of_devices(problem)
        started = run.start is not None
        labels = labels_of(run.start if started else problem.random(rng))
        run.evaluate(labels)
        if (problem.shape.pipeline_parallel == 1 and not problem.n_spares) or symmetry_class.max() == 0:
            return  # every allocation costs the same
        workshop = _Workshop(problem, run, rng, symmetry_class, labels)
        opening = max(1, OPENING_DEVICES // problem.n_devices)
        while not run.exhausted:
            if not started:
                labels = workshop.open(
                    problem.random(rng), opening, (self.opening_hot, self.cold), self.opening_reversals
                )
                opening *= 2
            started = False
            self._round(workshop, labels)

    def _round(self, workshop: _Workshop, labels: NDArray[np.int64]) -> None:
        """Destroy and repair until nothing better is found any more."""
        run, rng = workshop.run, workshop.rng
        current_s = best_s = np.inf
        failed = 0
        while failed < self.patience and not run.exhausted:
            blocks = workshop.has_classes and rng.random() < self.blocks
            destroyed, movers = workshop.without_block(labels) if blocks else workshop.without_stages(labels)
            hot = self.block_hot if blocks else self.stage_hot
            repaired, cost_s = workshop.repair(destroyed, movers, hot, self.cold)
            if cost_s <= current_s * (1 + self.tolerance * rng.random() ** 3):
                labels, current_s = repaired, cost_s
            failed = 0 if cost_s < best_s * ROUNDED_DOWN else failed + 1
            best_s = min(best_s, cost_s)


class _Workshop:
    """Destroys and repairs labels `(N,)` of one problem under one run; `has_classes` if any devices are alike."""

    def __init__(
        self,
        problem: AllocationProblem,
        run: Run,
        rng: np.random.Generator,
        symmetry_class: NDArray[np.int64],
        labels: NDArray[np.int64],
    ) -> None:
        from tasklet_bench.problems.allocation import kernels
        from tasklet_bench.strategies.large_neighbourhood.repair import BEGIN, NOTHING, PROBE, Ground, step

        self.run, self.rng = run, rng
        self.has_classes = int(symmetry_class.max()) + 1 < len(symmetry_class)
        self._class_of, self._n_stages = symmetry_class, problem.shape.pipeline_parallel
        self._free = np.flatnonzero(~problem.rules.bound(problem.n_devices))
        self._pack: Pack = kernels.pack(problem)
        self._state: State = kernels.new_state(self._pack)
        self._ground = Ground(self._pack, self._state, symmetry_class)
        step(self._ground, rng, BEGIN, labels, NOTHING, np.inf, labels)
        left = run.remaining.evaluations
        probes = PROBES if left is None else min(PROBES, left // 10)
        probe = NOTHING._replace(evaluations=probes)
        self._untold, unit_s = step(self._ground, rng, PROBE, labels, probe, np.inf, labels)
        self._unit_s = unit_s or float(np.ptp(problem.pp_pair_s)) or 1.0

    def open(
        self, labels: NDArray[np.int64], proposals: int, heat: tuple[float, float], reversals: float
    ) -> NDArray[np.int64]:
        """Cool all devices, over `proposals` or half of what is left of the budget, whichever is less."""
        hot, cold = heat
        best, best_s = self._begin(labels)
        begun, everybody, done = self.run.progress, self._free, 0
        while not self.run.exhausted:
            share = max(done / proposals, 2 * (self.run.progress - begun) / (1 - begun))
            if share >= 1:
                break
            now = hot * (cold / hot) ** share
            spent, best_s = self._cool(everybody, (now, now), reversals, best, best_s)
            done += spent
            self._report(best)
        return self._ordered(best)

    def repair(
        self, destroyed: NDArray[np.int64], movers: NDArray[np.int64], hot: float, cold: float
    ) -> tuple[NDArray[np.int64], float]:
        """Cool the movers and tell the run the best; returns it, with its stages in order, and its cost."""
        best, best_s = self._begin(destroyed)
        _, best_s = self._cool(movers, (hot, cold), 0.0, best, best_s)
        cost_s = self._report(best)
        return self._ordered(best), min(cost_s, best_s)

    def without_stages(self, labels: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Shuffle the devices of some stages; returns the labels and who may move: those devices, and spares."""
        destroyed = labels.copy()
        n = min(self._n_stages, int(self.rng.integers(*STAGES_DESTROYED)))
        movers = np.flatnonzero(np.isin(labels, self.rng.choice(self._n_stages, n, replace=False)))
        destroyed[movers] = self.rng.permutation(destroyed[movers])
        return destroyed, np.concatenate([movers, self._free[labels[self._free] == self._n_stages]])

    def without_block(self, labels: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Let one class give up a place at each stage of a run to another class that stands outside of it.

        Returns the labels and who may move: all devices.
        """
        rng, class_of = self.rng, self._class_of
        length = int(rng.integers(1, self._n_stages))
        first = int(rng.integers(0, self._n_stages - length + 1))
        inside = (labels >= first) & (labels < first + length)
        outside = self._free[~inside[self._free]]
        leaving, coming = class_of[rng.choice(np.flatnonzero(inside))], class_of[rng.choice(outside)]
        candidates = np.flatnonzero(inside & (class_of == leaving))
        _, one_per_stage = np.unique(labels[candidates], return_index=True)
        leavers = rng.permutation(candidates[one_per_stage])
        comers = rng.permutation(np.flatnonzero(~inside & (class_of == coming)))
        n = min(len(leavers), len(comers))
        destroyed = labels.copy()
        destroyed[leavers[:n]], destroyed[comers[:n]] = labels[comers[:n]], labels[leavers[:n]]
        return destroyed, self._free

    def _begin(self, labels: NDArray[np.int64]) -> tuple[NDArray[np.int64], float]:
        """Put labels into the state, which is one evaluation; returns a copy of them and their cost in that order."""
        from tasklet_bench.strategies.large_neighbourhood.repair import BEGIN, NOTHING, step

        self._untold += 1
        _, cost_s = step(self._ground, self.rng, BEGIN, labels, NOTHING, np.inf, labels)
        return labels.copy(), cost_s

    def _cool(
        self,
        movers: NDArray[np.int64],
        heat: tuple[float, float],
        reversals: float,
        best: NDArray[np.int64],
        best_s: float,
    ) -> tuple[int, float]:
        """One piece of a cooling, within the budget; returns what it spent, and the cost of `best`, its result."""
        from tasklet_bench.strategies.large_neighbourhood.repair import COOL, Cooling, step

        left = self.run.remaining.evaluations
        wanted = min(REPAIR_PER_MOVER * len(movers), max(1, REPAIR_DEVICES // len(best)))
        if left is not None:
            wanted = max(0, min(wanted, left - self._untold))
        hot_s, cold_s = (share * self._unit_s for share in heat)
        cooling = Cooling(hot_s, cold_s, reversals, wanted)
        spent, best_s = step(self._ground, self.rng, COOL, movers, cooling, best_s, best)
        self._untold += spent
        return spent, best_s

    def _report(self, labels: NDArray[np.int64]) -> float:
        """Hand labels in with what was spent since the last ones; returns their cost (in seconds)."""
        spent, self._untold = self._untold, 0
        return self.run.submit(labels.copy(), spent)

    def _ordered(self, labels: NDArray[np.int64]) -> NDArray[np.int64]:
        """The same groups in their best order where that is known exactly."""
        from tasklet_bench.problems.allocation import kernels

        if self._n_stages <= EXACT_ORDER_GROUPS:
            kernels.put_in_order(self._pack, labels)
        return labels
