"""Simulated annealing on partitions in a fixed order of stages: the one to beat.

Source: Kirkpatrick, Gelatt and Vecchi, "Optimization by simulated annealing", Science 220, 1983; the moves, and the
guide and the floors that make them tell and fast, are this project's (`strategies.compiled`). Two devices that are not
interchangeable change places, or a segment of stages is turned round; the kernels' ordered state scores that. One
evaluation is one such score and costs a few matchings, no path; moves that a floor refuses unscored are no evaluations.
The best labels of each slice are handed in, and cost what their best order does.

Temperatures fall geometrically, in units of what a random swap changes at the start. There are several coolings, each
from new labels and longer than the one before: short ones find their way where there are few kinds of devices, and the
last one, with most of the budget, goes deep where all links differ. A small budget is one cooling. With a start of the
user's, the first cooling begins there, half-way down; a search that is too short to find a structure of its own begins
at the aligned or the site-pure partition where that is better than a random one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from problems.allocation import AllocationProblem
from strategies.run import Run
from strategies.start import starting_labels
from strategies.strategy import Strategy

if TYPE_CHECKING:
    from strategies.compiled.annealing import Walker

PROBES = 300
"""Random swaps that set the unit of temperatures; at most a fortieth of the evaluations."""
SLICES = 60
"""Temperatures of a cooling, where its slices are not too short for that."""
SHORTEST_SLICE, LONGEST_SLICE = 50, 200_000
"""Scans of a slice under a budget of seconds, the latter over N: handing over to compiled code takes as long as ten."""
SCANS_PER_EVALUATION = 50
"""Scans of a slice at most for each of its evaluations, where those are counted."""
SLOW_S = 1e-6
"""CPU seconds of an evaluation, over the number of devices: on the high side, to tell which budget ends the run."""
UNLIMITED = 2**62
FLAT_S = 1e-9
"""The unit of temperatures where no probe changes the cost, and the least that a clock is taken to have moved."""
ALIKE = 5.0
"""How many times hotter a cooling begins where devices are interchangeable: moves that cost nothing abound there."""
ALIKE_COLD = 1.7
"""How many times hotter it ends there."""
ALIKE_STAGES = 0.5
"""Share of the weight of the mean stage that is left there."""
SHORT = 100
"""Evaluations per device up to which a search is too short to find a structure, and begins with one."""


@dataclass(frozen=True)
class Annealing(Strategy):
    """Parameters.

    `hot`, `cold`: first and last temperature, in mean changes by a random swap; the first is `ALIKE` times higher where
    devices are interchangeable. `credit`: share of the guide's credit
    for rows that can be matched one class below. `stages`: weight of the mean stage, which fades to 0 along a cooling.
    `reversals`: how often a segment is turned round in place of a scan. `shortest`: evaluations of the first cooling,
    for each class of interchangeable devices. `growth`: how many times longer each next cooling is.
    """

    name = "annealing"
    version = "2"
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
        """Load the compiled walk."""
        from strategies.compiled.annealing import load

        load()

    def search(self, problem: AllocationProblem, run: Run, rng: np.random.Generator) -> None:
        """Cool down, from new labels each time, until the budget is spent."""
        from problems.allocation.structure import aligned, site_pure
        from strategies.compiled.annealing import Walker

        pace = _Pace(run, problem.shape.n_devices)
        given = run.incumbent is not None
        labels = starting_labels(problem, run, rng)
        start_s = run.evaluate(labels)
        if pace.counted and not given and (run.remaining.evaluations or 0) < SHORT * problem.shape.n_devices:
            for known in (aligned(problem.group_sizes), site_pure(problem.sites, problem.group_sizes)):
                if not run.exhausted and (known_s := run.evaluate(known)) < start_s:
                    labels, start_s, given = known, known_s, True
        walker = Walker(problem, rng, self.credit, self.reversals)
        if run.exhausted or not walker.can_move:
            return  # or all allocations cost the same
        unit_s, span = self._measure(walker, labels, run, pace)
        alike = walker.n_kinds < problem.shape.n_devices
        hot_s = unit_s * self.hot * (ALIKE if alike else 1.0)
        cold_s = unit_s * self.cold * (ALIKE_COLD if alike else 1.0)
        stages = self.stages * (ALIKE_STAGES if alike else 1.0)
        while not run.exhausted:
            walker.begin(labels)
            left = 1.0 - pace.progress
            span = span if left - span >= self.growth * span else left
            self._cool(walker, run, pace, (hot_s, cold_s, stages), span, begun=0.5 if given else 0.0)
            labels, given, span = problem.random(rng), False, span * self.growth

    def _measure(self, walker: Walker, labels: NDArray[np.int64], run: Run, pace: _Pace) -> tuple[float, float]:
        """The unit of temperatures (in seconds), and the span of the first cooling as a share of the budget."""
        walker.begin(labels)
        left = run.remaining.evaluations
        unit_s, scored = walker.mean_rise_s(PROBES if left is None else min(PROBES, left // 40 + 1))
        run.submit(walker.best.copy(), scored)
        unit_s = unit_s or FLAT_S
        if pace.counted:
            return unit_s, self.shortest * walker.n_kinds * pace.one_evaluation
        before = pace.progress
        scored = walker.walk(unit_s * self.hot, self.stages, UNLIMITED if left is None else left - scored, PROBES)
        run.submit(walker.best.copy(), scored)
        return unit_s, self.shortest * walker.n_kinds * max(pace.progress - before, FLAT_S) / max(scored, 1)

    def _cool(
        self,
        walker: Walker,
        run: Run,
        pace: _Pace,
        course: tuple[float, float, float],
        span: float,
        begun: float,
    ) -> None:
        """Cool down within a span of the budget, as if the share `begun` were over.

        `course`: first and last temperature (in seconds), and the weight of the mean stage at first.
        """
        hot_s, cold_s, stages = course
        first = pace.progress
        while (done := (pace.progress - first) / span) < 1.0 and not run.exhausted:
            share = begun + (1.0 - begun) * done
            evaluations, scans = pace.slice(span)
            temperature_s = hot_s * (cold_s / hot_s) ** share
            scored = walker.walk(temperature_s, stages * (1.0 - share), evaluations, scans)
            run.submit(walker.best.copy(), evaluations if pace.counted else scored)
            pace.took(span, scans)


class _Pace:
    """Slices of a run's budget.

    Where evaluations end the run, a slice has a fixed number of them and no clock is looked at, so that a seed gives
    one result; it counts in full even if its scans are over before. Where seconds end the run, slices are as long as
    the last ones turned out to take.
    """

    def __init__(self, run: Run, n_devices: int) -> None:
        left = run.remaining
        seconds = min((s for s in (left.cpu_s, left.wall_s) if s is not None), default=float("inf"))
        self.counted = left.evaluations is not None and left.evaluations * n_devices * SLOW_S < seconds
        self._run, self._evaluations = run, left.evaluations or 1
        self.one_evaluation = 1.0 / self._evaluations
        self._longest = max(SHORTEST_SLICE, LONGEST_SLICE // n_devices)
        self._scans, self._begun = float(SHORTEST_SLICE), 0.0

    @property
    def progress(self) -> float:
        """How much of the budget is spent, in [0, 1]; of the evaluations alone where they end the run."""
        if not self.counted:
            return self._run.progress
        return 1.0 - (self._run.remaining.evaluations or 0) / self._evaluations

    def slice(self, span: float) -> tuple[int, int]:
        """Evaluations and scans of the next slice of a span, which is a share of the budget."""
        left = self._run.remaining.evaluations
        if self.counted:
            wanted = min(left or 0, max(1, round(span * self._evaluations / SLICES)))
            return wanted, SCANS_PER_EVALUATION * wanted
        self._begun = self._run.progress
        return UNLIMITED if left is None else left, int(self._scans)

    def took(self, span: float, scans: int) -> None:
        """Learn from the slice of a span that has been walked."""
        share = (self._run.progress - self._begun) * SLICES / span
        wanted = scans * min(2.0, max(0.5, 1.0 / max(share, 1e-9)))
        self._scans = min(self._longest, max(SHORTEST_SLICE, wanted))
