"""Annealing where links are kept by site: one cooling on classes of devices, for problems of very many of them.

A run begins at random labels, or at its start if that is cheaper, which is then refined at low temperature. It hands in
grids, wired in the order that it stands in: to look for the best order of so many stages takes longer than thousands of
moves.
"""

from __future__ import annotations

import numpy as np

from tasklet_bench.problems.allocation import Allocation
from tasklet_bench.problems.allocation.site_level import SiteLevelProblem
from tasklet_bench.strategies.annealing.class_walk import ClassWalker
from tasklet_bench.strategies.annealing.schedule import Course
from tasklet_bench.strategies.run import Run
from tasklet_bench.strategies.shared.slices import LEAST_STEP, UNLIMITED

SLICES = 30
"""Temperatures of the cooling, after each of which an allocation is handed in."""
SHORTEST = 1_000
"""Proposals of the first slice under a budget of seconds, and of the shortest."""
PROPOSALS_PER_EVALUATION = 50
"""Proposals of a slice at most for each of its evaluations, where those are counted."""
PROBES = 300
"""Random moves that set the unit of temperatures; at most a fortieth of the evaluations."""
SLOW_S = 1e-4
"""CPU seconds of an evaluation, on the high side, to tell which budget ends the run."""


def search_sites(
    problem: SiteLevelProblem, run: Run, rng: np.random.Generator, cooling: Course, refinement: Course, credit: float
) -> None:
    """Cool down once, within the budget; temperatures of both courses are in mean changes by a random move."""
    walker = ClassWalker(problem, rng, credit)
    best = problem.wire_in_order(problem.random(rng))
    best_s, course = run.evaluate(best), cooling
    if run.exhausted or not walker.can_move:
        return
    walker.begin(best.labels)
    left = run.remaining.evaluations
    unit_s, scored = walker.mean_rise_s(PROBES if left is None else min(PROBES, left // 40 + 1))
    run.submit(best, scored)
    start = None if run.start is None else problem.complete(run.start)
    if start is not None and (start_s := problem.cost(start).total_s) < best_s:
        best, best_s, course = start, start_s, refinement
        walker.begin(best.labels)
    _cool(walker, run, (best, best_s), course, unit_s)


def _cool(walker: ClassWalker, run: Run, begin: tuple[Allocation, float], course: Course, unit_s: float) -> None:
    best, best_s = begin
    first, total, size = run.progress, run.remaining.evaluations or 0, SHORTEST
    counted = _ends_by_count(run)
    while not run.exhausted:
        left, before = run.remaining.evaluations, run.progress
        done = 1.0 - (left or 0) / total if counted else (before - first) / max(1.0 - first, LEAST_STEP)
        evaluations = min(left or 0, max(1, total // SLICES)) if counted else UNLIMITED if left is None else left
        proposals = PROPOSALS_PER_EVALUATION * evaluations if counted else size
        temperature_s = unit_s * course.temperature_s(done)
        scored, refused = walker.walk(temperature_s, course.stages * (1.0 - done), evaluations, proposals)
        if walker.cost_s < best_s:
            best, best_s = walker.allocation, walker.cost_s
        run.submit(best, evaluations if counted else scored, refused)
        if not counted:
            share = max(run.progress - before, LEAST_STEP) * SLICES
            size = int(max(SHORTEST, size * min(2.0, max(0.5, 1.0 / share))))


def _ends_by_count(run: Run) -> bool:
    """Whether evaluations end the run: slices have a fixed number of them then, and a seed gives one result."""
    left = run.remaining
    seconds = min((s for s in (left.cpu_s, left.wall_s) if s is not None), default=float("inf"))
    return left.evaluations is not None and left.evaluations * SLOW_S < seconds
