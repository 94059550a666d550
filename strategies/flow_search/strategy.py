"""Annealing on which device serves which stage, with bounds on the flow, from decisions of very different sizes.

Moves and bounds are this project's (`strategies.flow_search.walk`). What a search of this family misses easily is how
many devices should take part at all: the exchange is as slow as the slowest device or link in any stage, so that a
decision with a few more devices in reserve gains nothing until the last of them is out. So the search begins
with what it is given, else with one device in each stage, where there is no exchange, and with all decisions on the
way from there to everybody taking part. The best of these is refined at low temperature; the rest of the budget is
annealing from random labels and from the best by turns, each run longer than the one before.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.strategies.parameters import parameter
from tasklet_bench.strategies.run import Run
from tasklet_bench.strategies.shared.slices import Slices
from tasklet_bench.strategies.strategy import Strategy

if TYPE_CHECKING:
    from tasklet_bench.problems.swarm import SwarmProblem
    from tasklet_bench.strategies.flow_search.walker import Walker

Labels = NDArray[np.int64]

GROWTH_SHARE = 0.2
"""Most of the evaluations that may go into the way from one device a stage to all devices."""
REFINE, REFINE_HOT = 0.15, 0.02
"""Share of the budget that refines the best start, and its first temperature, over the cost."""
FIRST, LONGER = 0.1, 1.7
"""Share of the budget of the first annealing run, and how many times longer each next one is."""


@dataclass(frozen=True)
class FlowSearch(Strategy):
    """Moves of one device to another stage or the reserve, and swaps, under falling temperatures."""

    name = "flow-search"
    version = "2"
    families = ("swarm",)
    uses_start = True
    hot: float = parameter(
        0.3, "first temperature, over the cost of the best start", low=0.01, high=3.0, log=True, above=0
    )
    cold: float = parameter(0.0005, "last temperature, likewise", low=0.00001, high=0.01, log=True, above=0)
    guide: float = parameter(0.5, "weight of a stage's mean exchange at first", low=0.0, high=5.0, at_least=0)
    moving: float = parameter(
        0.5, "share of moves of one device; others swap", low=0.0, high=1.0, at_least=0, at_most=1
    )

    def prepare(self) -> None:
        """Load the compiled walk."""
        from tasklet_bench.strategies.flow_search.walker import load

        load()

    def search(self, problem: SwarmProblem, run: Run, rng: np.random.Generator) -> None:
        """Refine the best start, then anneal, until the budget is spent."""
        from tasklet_bench.strategies.flow_search.walker import Walker, one_device_a_stage

        best = np.array(one_device_a_stage(problem) if run.start is None else run.start)
        best_s = run.evaluate(best)
        if problem.devices.n_devices == 1:
            return
        slices = Slices(run, problem.devices.n_devices)
        walker = Walker(problem, rng, self.moving)
        left = run.remaining.evaluations
        scored = walker.grow(
            one_device_a_stage(problem), self.guide, None if left is None else int(left * GROWTH_SHARE)
        )
        grown_s = run.submit(walker.best.copy(), scored)
        if grown_s > best_s:
            walker.begin(best, 0.0)
        unit_s = walker.best_s
        self._cool(walker, run, slices, walker.best.copy(), (unit_s * REFINE_HOT, unit_s * self.cold, 0.0), REFINE)
        span, anew = FIRST, True
        while not run.exhausted:
            remaining = 1.0 - slices.progress
            span = span if remaining - span >= LONGER * span else remaining
            labels = problem.random(rng) if anew else walker.best.copy()
            hot = self.hot if anew else np.sqrt(self.hot * REFINE_HOT)
            self._cool(walker, run, slices, labels, (unit_s * hot, unit_s * self.cold, self.guide), span)
            span, anew = span * LONGER, not anew

    def _cool(
        self, walker: Walker, run: Run, slices: Slices, labels: Labels, course: tuple[float, float, float], span: float
    ) -> None:
        """Cool down from labels within a span of the budget.

        `course`: first and last temperature (in seconds), and the weight of the mean exchange at first.
        """
        hot_s, cold_s, guide = course
        first = slices.progress
        span = max(span, slices.one_evaluation)
        walker.begin(labels, guide)
        while not run.exhausted and (done := (slices.progress - first) / span) < 1.0:
            evaluations, proposals = slices.next(span)
            scored, refused = walker.walk(
                hot_s * (cold_s / hot_s) ** done, guide * (1.0 - done), evaluations, proposals
            )
            run.submit(walker.best.copy(), evaluations if slices.counted else scored, refused)
            slices.took(span, proposals)
