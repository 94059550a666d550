"""Simulated annealing on partitions in a fixed order of stages: the one to beat.

Source: Kirkpatrick, Gelatt and Vecchi, "Optimization by simulated annealing", Science 220, 1983; the moves, and the
guide and the floors that make them tell and fast, are this project's (the files beside this one). Two devices that are not
interchangeable change places, or a segment of stages is turned round; the kernels' ordered state scores that. One
evaluation is one such score and costs a few matchings, no path; moves that a floor refuses unscored are no evaluations.
The best labels of each slice are handed in, and cost what their best order does.

Temperatures fall geometrically, in units of what a random swap changes at the start. There are several coolings, each
from new labels and longer than the one before: many of middling length find their way where there are few kinds of
devices; where all links differ, the last one has most of the budget and goes deep. A small budget is one cooling.

What is known is quenched before the coolings: the user's start, or else the best of the partitions that take no search
(`shared.known_partitions`) where that is better than a random one. It matters on large instances, where a walk from
random labels takes long to come as far; a search that is too short to find a structure of its own is all quench.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.allocation import AllocationProblem
from tasklet_bench.strategies.run import Run
from tasklet_bench.strategies.shared.known_partitions import of_clusters, of_sites
from tasklet_bench.strategies.shared.slices import LEAST_STEP, UNLIMITED, Pace
from tasklet_bench.strategies.shared.start import starting_labels
from tasklet_bench.strategies.strategy import Strategy

if TYPE_CHECKING:
    from tasklet_bench.strategies.annealing.walk import Walker

PROBES = 300
"""Random swaps that set the unit of temperatures; at most a fortieth of the evaluations."""
FLAT_S = 1e-9
"""The unit of temperatures where no probe changes the cost."""
ALIKE = 5.0
"""How many times hotter a cooling begins where devices are interchangeable: moves that cost nothing abound there."""
ALIKE_COLD = 1.7
"""How many times hotter it ends there."""
ALIKE_STAGES = 0.5
"""Share of the weight of the mean stage that is left there."""
ALIKE_SHORTEST = 2.5
"""How many times longer the first cooling is there."""
ALIKE_GROWTH = 0.3
"""Share of the growth above 1 that is left there: many coolings of middling length find more than one that is long."""
QUENCH = 0.5
"""Evaluations of the quench, over the square of the number of devices: one for each swap that there is."""
LONGEST_QUENCH = 0.3
"""Most of the budget that the quench may take, unless the search is short."""
QUENCH_HOT, QUENCH_COLD = 3.0, 0.01
"""Its first and last temperature, over the last one of a cooling."""
SHORT = 100
"""Evaluations per device up to which a search is too short to find a structure of its own."""


@dataclass(frozen=True)
class Annealing(Strategy):
    """Parameters.

    `hot`, `cold`: first and last temperature, in mean changes by a random swap. `credit`: share of the guide's credit
    for rows that can be matched one class below. `stages`: weight of the mean stage, which fades to 0 along a cooling.
    `reversals`: how often a segment is turned round in place of a scan. `shortest`: evaluations of the first cooling,
    for each class of interchangeable devices. `growth`: how many times longer each next cooling is. Where devices are
    interchangeable, both temperatures, `stages`, `shortest` and `growth` are changed by the constants `ALIKE...`.
    """

    name = "annealing"
    version = "3"
    hot: float = field(default=0.4, metadata={"low": 0.1, "high": 3.0, "log": True})
    cold: float = field(default=0.035, metadata={"low": 0.003, "high": 0.3, "log": True})
    credit: float = field(default=1.0, metadata={"low": 0.0, "high": 1.0})
    stages: float = field(default=3.0, metadata={"low": 0.0, "high": 10.0})
    reversals: float = field(default=0.1, metadata={"low": 0.0, "high": 0.5})
    shortest: float = field(default=200.0, metadata={"low": 10.0, "high": 10_000.0, "log": True})
    growth: float = field(default=2.0, metadata={"low": 1.0, "high": 10.0})

    def __post_init__(self) -> None:
        if not 0 < self.cold <= self.hot:
            raise ValueError(f"cold is {self.cold} and hot {self.hot}, expected 0 < cold <= hot")
        for name in ("credit", "reversals"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name} is {getattr(self, name)}, expected a share from 0 to 1")
        if not self.stages >= 0:
            raise ValueError(f"stages is {self.stages}, expected a weight of at least 0")
        for name in ("shortest", "growth"):
            if not getattr(self, name) >= 1:
                raise ValueError(f"{name} is {getattr(self, name)}, expected at least 1")

    def prepare(self) -> None:
        """Load the compiled walk, and what finds clusters."""
        from tasklet_bench.strategies.annealing.walk import load
        from tasklet_bench.strategies.shared import known_partitions

        load()
        known_partitions.load()

    def search(self, problem: AllocationProblem, run: Run, rng: np.random.Generator) -> None:
        """Cool down, from new labels each time, until the budget is spent."""
        from tasklet_bench.strategies.annealing.walk import Walker

        pace = Pace(run, problem.shape.n_devices)
        given = run.incumbent is not None
        labels = starting_labels(problem, run, rng)
        start_s = run.evaluate(labels)
        known, known_s = (labels, start_s) if given else _best_known(problem, run, (labels, start_s))
        walker = Walker(problem, rng, self.credit, self.reversals)
        if run.exhausted or not walker.can_move:
            return  # or all allocations cost the same
        unit_s, one = self._measure(walker, labels, run, pace)
        alike = walker.n_kinds < problem.shape.n_devices
        hot_s = unit_s * self.hot * (ALIKE if alike else 1.0)
        cold_s = unit_s * self.cold * (ALIKE_COLD if alike else 1.0)
        stages = self.stages * (ALIKE_STAGES if alike else 1.0)
        if given or known_s < start_s:
            walker.begin(known)
            short = pace.counted and SHORT * problem.shape.n_devices * one > 1.0
            swaps = QUENCH * problem.shape.n_devices**2
            course = (cold_s * QUENCH_HOT, cold_s * QUENCH_COLD, 0.0)
            self._cool(walker, run, pace, course, 1.0 - pace.progress if short else min(LONGEST_QUENCH, swaps * one))
        span = self.shortest * walker.n_kinds * one * (ALIKE_SHORTEST if alike else 1.0)
        growth = 1.0 + (self.growth - 1.0) * (ALIKE_GROWTH if alike else 1.0)
        while not run.exhausted:
            walker.begin(labels)
            left = 1.0 - pace.progress
            span = span if left - span >= growth * span else left
            self._cool(walker, run, pace, (hot_s, cold_s, stages), span)
            labels, span = problem.random(rng), span * growth

    def _measure(self, walker: Walker, labels: NDArray[np.int64], run: Run, pace: Pace) -> tuple[float, float]:
        """The unit of temperatures (in seconds), and one evaluation as a share of the budget."""
        walker.begin(labels)
        left = run.remaining.evaluations
        unit_s, scored = walker.mean_rise_s(PROBES if left is None else min(PROBES, left // 40 + 1))
        run.submit(walker.best.copy(), scored)
        unit_s = unit_s or FLAT_S
        if pace.counted:
            return unit_s, pace.one_evaluation
        before = pace.progress
        scored = walker.walk(unit_s * self.hot, self.stages, UNLIMITED if left is None else left - scored, PROBES)
        run.submit(walker.best.copy(), scored)
        return unit_s, max(pace.progress - before, LEAST_STEP) / max(scored, 1)

    def _cool(
        self,
        walker: Walker,
        run: Run,
        pace: Pace,
        course: tuple[float, float, float],
        span: float,
    ) -> None:
        """Cool down within a span of the budget.

        `course`: first and last temperature (in seconds), and the weight of the mean stage at first.
        """
        hot_s, cold_s, stages = course
        first = pace.progress
        while not run.exhausted and (done := (pace.progress - first) / span) < 1.0:
            evaluations, scans = pace.slice(span)
            temperature_s = hot_s * (cold_s / hot_s) ** done
            scored = walker.walk(temperature_s, stages * (1.0 - done), evaluations, scans)
            run.submit(walker.best.copy(), evaluations if pace.counted else scored)
            pace.took(span, scans)


def _best_known(
    problem: AllocationProblem, run: Run, start: tuple[NDArray[np.int64], float]
) -> tuple[NDArray[np.int64], float]:
    """The cheapest of the start and the partitions that take no search, with its cost (in seconds)."""
    labels, cost_s = start
    for known in chain(of_sites(problem), of_clusters(problem)):
        if run.exhausted:
            break
        if (known_s := run.evaluate(known)) < cost_s:
            labels, cost_s = known, known_s
    return labels, cost_s
