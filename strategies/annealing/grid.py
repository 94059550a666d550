"""Simulated annealing on whole grids in simulated seconds, layers included where they are free.

It begins from what it is given, else from a random grid, and from the formal optimum that a short annealing of the
formal cost finds; all of it counts. The better of them is refined first. Then come coolings from the other and from
random grids, each longer than the one before, and the best is refined again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tasklet_bench.problems.allocation import Allocation
from tasklet_bench.problems.iteration_time.starts import fit_layers
from tasklet_bench.problems.problem import Infeasible
from tasklet_bench.strategies.run import Run
from tasklet_bench.strategies.shared.slices import UNLIMITED, Slices

if TYPE_CHECKING:
    from tasklet_bench.problems.iteration_time import IterationTimeProblem
    from tasklet_bench.strategies.shared.grid_walk import GridWalker

PROBES = 200
TRIES = 50
"""Random grids that are tried for one that fits in memory."""
FLAT_S = 1e-9
"""The unit of temperatures where no probe changes the seconds."""
LAYER_MOVES = 3
"""Layers that are moved after each slice, where they are free; the programme for them runs once in so many slices."""
FIT_EVERY = 12
FORMAL_SPAN = 0.08
"""Share of the budget for the formal optimum."""
FIRST_SPAN, REFINE_SPAN, GROWTH = 0.08, 0.15, 1.7
"""Shares of the budget of the first cooling and of a refinement, and how many times longer each next cooling is."""


@dataclass(frozen=True)
class Temperatures:
    """First and last temperature of coolings and of refinements, in mean changes by a random swap."""

    hot: float = 0.3
    cold: float = 0.002
    refine_hot: float = 0.03
    refine_cold: float = 0.0005


def search_grid(problem: IterationTimeProblem, run: Run, rng: np.random.Generator, heat: Temperatures) -> None:
    """Anneal grids until the budget is spent; by the decision's own neighbours where links share rates."""
    if problem.options.sharing != "independent":
        search_uncompiled(problem, run, rng, heat)
        return
    from tasklet_bench.strategies.shared.grid_walk import GridWalker

    slices = Slices(run, problem.shape.n_devices)
    walker = GridWalker(problem, rng)
    starts = sorted(score_starts(problem, run, rng, slices), key=lambda start: start[0])
    if run.exhausted or not starts or not walker.can_move:
        return
    unit_s = _measure(walker, starts[0][1], run)
    walker.begin(starts[0][1])
    _cool(walker, run, slices, (heat.refine_hot * unit_s, heat.refine_cold * unit_s), REFINE_SPAN)
    others = [allocation for _, allocation in starts[1:3]]
    best, span = walker.best, FIRST_SPAN
    best_s = walker.best_s
    while not run.exhausted:
        left = 1.0 - slices.progress
        last = left < span * (1 + GROWTH) + REFINE_SPAN
        if walker.begin(others.pop(0) if others else random_allocation(problem, rng)) == np.inf:
            walker.begin(best)
        cooling = left - REFINE_SPAN if last and left > 2 * REFINE_SPAN else span
        _cool(walker, run, slices, (heat.hot * unit_s, heat.cold * unit_s), cooling)
        if walker.best_s < best_s:
            best, best_s = walker.best, walker.best_s
        if last and not run.exhausted:
            walker.begin(best)
            left = 1.0 - slices.progress
            _cool(walker, run, slices, (heat.refine_hot * unit_s, heat.refine_cold * unit_s), left)
        span *= GROWTH


def score_starts(
    problem: IterationTimeProblem, run: Run, rng: np.random.Generator, slices: Slices
) -> Iterator[tuple[float, Allocation]]:
    """What the run gives, else a random grid, with its seconds; then the formal optimum. Only what fits in memory."""
    begun = _begin(problem, run, rng)
    if begun is not None:
        yield begun
    if not run.exhausted and problem.shape.pipeline_parallel > 1:
        try:
            formal = _formal_optimum(problem, run, rng, slices)
            yield run.evaluate(problem.encode(formal)), formal
        except Infeasible:
            return


def _begin(problem: IterationTimeProblem, run: Run, rng: np.random.Generator) -> tuple[float, Allocation] | None:
    """Seconds of what the run gives, else of the first random grid that fits in memory; None if no try does."""
    for _ in range(TRIES):
        if run.exhausted:
            return None
        allocation = random_allocation(problem, rng) if run.start is None else problem.complete(run.start)
        try:
            return run.evaluate(problem.encode(allocation)), allocation
        except Infeasible:
            if run.start is not None:
                return None
    return None


def _formal_optimum(problem: IterationTimeProblem, run: Run, rng: np.random.Generator, slices: Slices) -> Allocation:
    """What a short annealing of the formal cost ends at, with layers cut to it."""
    from tasklet_bench.strategies.annealing.walk import Walker

    walker = Walker(problem.formal, rng, credit=1.0, reversals=0.1)
    labels = problem.formal.random(rng)
    walker.begin(labels)
    spent = 0
    if walker.can_move:
        unit_s, spent = walker.mean_rise_s(PROBES if not slices.counted else min(PROBES, 10))
        unit_s = unit_s or FLAT_S
        first = slices.progress
        while not run.exhausted and (done := (slices.progress - first) / FORMAL_SPAN) < 1.0:
            evaluations, scans = slices.next(FORMAL_SPAN)
            scored, refused = walker.walk(0.4 * unit_s * (0.05**done), 3.0 * (1.0 - done), evaluations, scans)
            spent = evaluations if slices.counted else scored
            run.submit(_fitted(problem, walker.best), spent, refused)
            slices.took(FORMAL_SPAN, scans)
    return _fitted(problem, walker.best)


def _fitted(problem: IterationTimeProblem, labels: np.ndarray) -> Allocation:
    grid = problem.formal.allocation(labels)
    return Allocation(grid.grid, fit_layers(problem, grid.grid)) if problem.layers == "free" else grid


def random_allocation(problem: IterationTimeProblem, rng: np.random.Generator) -> Allocation:
    """A random grid, with layers cut to it where they are free."""
    allocation = problem.complete(problem.random(rng))
    return Allocation(allocation.grid, fit_layers(problem, allocation.grid)) if problem.layers == "free" else allocation


def _measure(walker: GridWalker, allocation: Allocation, run: Run) -> float:
    """The unit of temperatures (in seconds)."""
    walker.begin(allocation)
    left = run.remaining.evaluations
    unit_s, scored = walker.mean_rise_s(PROBES if left is None else min(PROBES, left // 40 + 1))
    run.submit(walker.best, scored)
    return unit_s or FLAT_S


def _cool(walker: GridWalker, run: Run, slices: Slices, course: tuple[float, float], span: float) -> None:
    """Cool down within a span, which is a share of the budget."""
    hot_s, cold_s = course
    first, count = slices.progress, 0
    while not run.exhausted and (done := (slices.progress - first) / span) < 1.0:
        evaluations, scans = slices.next(span)
        temperature_s = hot_s * (cold_s / hot_s) ** done
        scored = walker.walk(temperature_s, min(evaluations, scans) if evaluations < UNLIMITED else scans)
        for _ in range(LAYER_MOVES):
            scored += walker.move_layer(temperature_s)
        if count % FIT_EVERY == 0:
            scored += walker.fit_layers()
        count += 1
        left = run.remaining.evaluations
        run.submit(walker.best, min(max(scored, evaluations) if slices.counted else scored, left or scored))
        slices.took(span, scans)


def search_uncompiled(
    problem: IterationTimeProblem, run: Run, rng: np.random.Generator, heat: Temperatures | None = None
) -> None:
    """The same walk by the decision's neighbours and whole evaluations: where links share rates nothing is local."""
    heat = heat or Temperatures()
    begun = _begin(problem, run, rng)
    if begun is None:
        return
    cost_s, current = begun[0], problem.encode(begun[1])
    unit_s = cost_s / 10
    while not run.exhausted:
        temperature_s = unit_s * heat.hot * (heat.cold / heat.hot) ** run.progress
        candidate = problem.neighbour(current, rng)
        try:
            found_s = run.evaluate(candidate)
        except Infeasible:
            continue
        if found_s <= cost_s - temperature_s * np.log(1.0 - rng.random()):
            cost_s, current = found_s, candidate
