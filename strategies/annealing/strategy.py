"""Simulated annealing on partitions in a fixed order of stages: the one to beat.

Source: Kirkpatrick, Gelatt and Vecchi, "Optimization by simulated annealing", Science 220, 1983; the moves, and the
guide and the lower bounds that make them tell and fast, are this project's (see beside this file). Two devices that are
not interchangeable change places, or a segment of stages is turned round; the kernels' ordered state scores that. One
evaluation is one such score and costs a few matchings, no path; moves that a lower bound refuses unscored are counted
apart. The best labels of each slice are handed in, and cost what their best order does.

Temperatures fall geometrically (`annealing.schedule`), in units of what a random swap changes at the start. There are
several coolings, each from new random labels and longer than the one before: many of middling length find their way
where there are few classes of devices; where all links differ, the last one has most of the budget and goes deep. A
small budget is one cooling.

A start that is given is refined at low temperature before the coolings, if it is cheaper than the first random labels.
That matters on large instances, where a walk from random labels takes long to come as far; a search that is too short
to find a structure of its own does nothing else.

A spare device is a device of no stage: it moves by taking the place of another one. Devices that are excluded or pinned
to a stage stay where they are, and pinned stages are not turned round. What else the compiled walks do not follow,
devices together or apart, rules about replicas, and spares or rules in simulated seconds, is left to `local-search`,
which anneals over the neighbours that the decision itself gives. Problems whose links are kept by site, for very many
devices, have a walk of their own on classes of devices (`annealing.sites`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.allocation import AllocationProblem
from tasklet_bench.problems.allocation.site_level import SiteLevelProblem
from tasklet_bench.strategies.annealing.schedule import Course, Schedule
from tasklet_bench.strategies.parameters import parameter
from tasklet_bench.strategies.run import Run
from tasklet_bench.strategies.shared.slices import LEAST_STEP, UNLIMITED, Slices
from tasklet_bench.strategies.shared.start import labels_of
from tasklet_bench.strategies.strategy import Strategy

if TYPE_CHECKING:
    from tasklet_bench.problems.iteration_time import IterationTimeProblem
    from tasklet_bench.strategies.annealing.walk import Walker

PROBES = 300
"""Random swaps that set the unit of temperatures; at most a fortieth of the evaluations."""
FLAT_S = 1e-9
"""The unit of temperatures where no probe changes the cost."""


@dataclass(frozen=True)
class Annealing(Strategy):
    """Temperatures are in mean changes by a random swap; `alike_…` count where any devices are interchangeable."""

    name = "annealing"
    version = "5"
    families = ("allocation", "iteration-time")
    uses_start = True

    hot: float = parameter(0.4, "first temperature", low=0.1, high=3.0, log=True, above=0)
    cold: float = parameter(0.035, "last temperature", low=0.003, high=0.3, log=True, above=0)
    credit: float = parameter(
        1.0, "share of the guide's credit for rows matched one class below", low=0.0, high=1.0, at_least=0, at_most=1
    )
    stages: float = parameter(
        3.0, "weight of the mean stage, which fades to 0 along a cooling", low=0.0, high=10.0, at_least=0
    )
    reversals: float = parameter(
        0.1, "how often a segment is turned round in place of a scan", low=0.0, high=0.5, at_least=0, at_most=1
    )
    shortest: float = parameter(
        200.0, "evaluations of the first cooling for each class of devices", low=10.0, high=1e4, log=True, at_least=1
    )
    growth: float = parameter(2.0, "how many times longer each next cooling is", low=1.0, high=10.0, at_least=1)
    alike_hot: float = parameter(5.0, "factor on `hot`", low=1.0, high=20.0, log=True, above=0)
    alike_cold: float = parameter(1.7, "factor on `cold`", low=0.5, high=5.0, log=True, above=0)
    alike_stages: float = parameter(0.5, "factor on `stages`", low=0.0, high=2.0, at_least=0)
    alike_shortest: float = parameter(2.5, "factor on `shortest`", low=0.3, high=10.0, log=True, above=0)
    alike_growth: float = parameter(0.3, "factor on what `growth` has above 1", low=0.0, high=2.0, at_least=0)
    refine: float = parameter(
        0.5, "evaluations of the refinement over the square of the devices", low=0.05, high=5.0, log=True, at_least=0
    )
    refine_most: float = parameter(
        0.3, "most of the budget that it takes in a long search", low=0.05, high=1.0, at_least=0, at_most=1
    )
    refine_hot: float = parameter(3.0, "its first temperature over `cold`", low=0.3, high=30.0, log=True, above=0)
    refine_cold: float = parameter(0.01, "its last temperature over `cold`", low=1e-3, high=0.3, log=True, above=0)
    short: float = parameter(
        100.0,
        "evaluations per device up to which a search only refines",
        low=1.0,
        high=1e3,
        log=True,
        at_least=0,
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.cold > self.hot:
            raise ValueError(f"cold is {self.cold} and hot {self.hot}, expected 0 < cold <= hot")

    def prepare(self) -> None:
        """Load the compiled walk."""
        from tasklet_bench.strategies.annealing import class_walk
        from tasklet_bench.strategies.annealing.walk import load
        from tasklet_bench.strategies.shared import grid_walk

        class_walk.load()
        load()
        grid_walk.load_if_in_use()

    def search(self, problem: AllocationProblem | IterationTimeProblem, run: Run, rng: np.random.Generator) -> None:
        """Cool down, from new labels each time, until the budget is spent; in simulated seconds on whole grids."""
        if not _is_walkable(problem):
            from tasklet_bench.strategies.local_search import LocalSearch

            LocalSearch().search(problem, run, rng)  # type: ignore[abstract]  # `prepare` has a default
        elif not isinstance(problem, AllocationProblem):
            from tasklet_bench.strategies.annealing.grid import Temperatures, search_grid

            search_grid(problem, run, rng, Temperatures())
        elif isinstance(problem, SiteLevelProblem):
            self._search_sites(problem, run, rng)
        else:
            self._search_labels(problem, run, rng)

    def _search_sites(self, problem: SiteLevelProblem, run: Run, rng: np.random.Generator) -> None:
        """Cool down once, on classes of devices, which are all alike within their sites."""
        from tasklet_bench.strategies.annealing.sites import search_sites

        stages = self.stages * self.alike_stages
        cooling = Course(self.hot * self.alike_hot, self.cold * self.alike_cold, stages)
        cold = self.cold * self.alike_cold
        refinement = Course(cold * self.refine_hot, cold * self.refine_cold, 0.0)
        search_sites(problem, run, rng, cooling, refinement, self.credit)

    def _search_labels(self, problem: AllocationProblem, run: Run, rng: np.random.Generator) -> None:
        from tasklet_bench.strategies.annealing.walk import Walker

        slices = Slices(run, problem.n_devices)
        labels: NDArray[np.int64] = problem.random(rng)
        random_s = run.evaluate(labels)
        walker = Walker(problem, rng, self.credit, self.reversals)
        if run.exhausted or not walker.can_move:
            return  # or all allocations cost the same
        unit_s, one = self._measure(walker, labels, run, slices)
        schedule = self._schedule(walker, unit_s, one)
        if run.start is not None and walker.begin(labels_of(run.start)) < random_s:
            short = slices.counted and self.short * problem.n_devices * one > 1.0
            least = min(self.refine_most, self.refine * problem.n_devices**2 * one)
            self._cool(walker, run, slices, schedule.refinement, 1.0 - slices.progress if short else least)
        span = schedule.first_span
        while not run.exhausted:
            walker.begin(labels)
            left = 1.0 - slices.progress
            span = span if left - span >= schedule.growth * span else left
            self._cool(walker, run, slices, schedule.cooling, span)
            labels, span = problem.random(rng), span * schedule.growth

    def _schedule(self, walker: Walker, unit_s: float, one: float) -> Schedule:
        """The temperatures and lengths of this search; moves that cost nothing abound where devices are alike."""
        alike = walker.any_alike
        hot_s = unit_s * self.hot * (self.alike_hot if alike else 1.0)
        cold_s = unit_s * self.cold * (self.alike_cold if alike else 1.0)
        return Schedule(
            cooling=Course(hot_s, cold_s, self.stages * (self.alike_stages if alike else 1.0)),
            refinement=Course(cold_s * self.refine_hot, cold_s * self.refine_cold, 0.0),
            first_span=self.shortest * walker.n_classes * one * (self.alike_shortest if alike else 1.0),
            growth=1.0 + (self.growth - 1.0) * (self.alike_growth if alike else 1.0),
        )

    def _measure(self, walker: Walker, labels: NDArray[np.int64], run: Run, slices: Slices) -> tuple[float, float]:
        """The unit of temperatures (in seconds), and one evaluation as a share of the budget."""
        walker.begin(labels)
        left = run.remaining.evaluations
        unit_s, scored = walker.mean_rise_s(PROBES if left is None else min(PROBES, left // 40 + 1))
        run.submit(walker.best, scored)
        unit_s = unit_s or FLAT_S
        if slices.counted:
            return unit_s, slices.one_evaluation
        before = slices.progress
        limit = UNLIMITED if left is None else left - scored
        scored, refused = walker.walk(unit_s * self.hot, self.stages, limit, PROBES)
        run.submit(walker.best, scored, refused)
        return unit_s, max(slices.progress - before, LEAST_STEP) / max(scored, 1)

    def _cool(self, walker: Walker, run: Run, slices: Slices, course: Course, span: float) -> None:
        """Cool down within a span, which is a share of the budget."""
        first = slices.progress
        while not run.exhausted and (done := (slices.progress - first) / span) < 1.0:
            evaluations, scans = slices.next(span)
            scored, refused = walker.walk(course.temperature_s(done), course.stages * (1.0 - done), evaluations, scans)
            run.submit(walker.best, evaluations if slices.counted else scored, refused)
            slices.took(span, scans)


def _is_walkable(problem: AllocationProblem | IterationTimeProblem) -> bool:
    """Whether the compiled walks keep all rules and use all devices."""
    if isinstance(problem, AllocationProblem):
        rules = problem.rules
        return not (rules.together or rules.apart or rules.about_replicas)
    return not (problem.formal.n_spares or problem.formal.rules)
