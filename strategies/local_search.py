"""Local search for any decision: simulated annealing over the problem's neighbours, with restarts.

Source: Kirkpatrick, Gelatt and Vecchi, "Optimization by simulated annealing", Science 220, 1983. It knows nothing of a
problem but `random`, `neighbour`, `repair` and `cost`, and has nothing to set by hand: temperatures are measured in
what a neighbour changes at the start, and the length of a cooling in the size of the decision. Each cooling begins at
the best of a few new random candidates and is twice as long as the one before; the last one has what is left, so that a
budget of few evaluations is one cooling. Candidates that break a rule and cannot be repaired are dearer than any other,
so a walk leaves them as soon as it can.

One evaluation is one neighbour scored.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from tasklet_bench.problems.candidate import Candidate
from tasklet_bench.problems.problem import Problem
from tasklet_bench.strategies.run import Run
from tasklet_bench.strategies.shared.feasible import score
from tasklet_bench.strategies.shared.slices import LEAST_STEP
from tasklet_bench.strategies.strategy import Strategy

HOT, COLD = 0.4, 0.03
"""First and last temperature of a cooling, in mean changes by a neighbour."""
PROBES = 20
"""Random candidates of which a cooling begins at the best, and neighbours that set the unit of temperatures.

Each of both at most a fortieth of the evaluations.
"""
NEIGHBOURS_PER_KEY = 100
"""Evaluations of the first cooling for each key of the decision."""
GROWTH = 2.0
"""How many times longer each next cooling is."""


@dataclass(frozen=True)
class LocalSearch(Strategy):
    """Anneal, first from the start where one is given, then from a new candidate each time."""

    name = "local-search"
    families = ("*",)
    uses_start = True

    def search(self, problem: Problem, run: Run, rng: np.random.Generator) -> None:
        """Cool down again and again until the budget is spent."""
        left, first = run.remaining.evaluations, run.progress
        probes = PROBES if left is None else min(PROBES, left // 40)
        if run.start is None:
            candidate, cost_s = _draw(problem, run, rng, probes)
        else:
            candidate, cost_s = score(problem, run, run.start)
        unit_s, scored = _measure(problem, run, rng, (candidate, cost_s), probes)
        scored += 1 if run.start is not None else max(1, probes)
        span = NEIGHBOURS_PER_KEY * problem.decision.dimension * max(run.progress - first, LEAST_STEP) / scored
        while not run.exhausted:
            left_share = 1.0 - run.progress
            warmth = min(1.0, left_share / span) ** 0.5  # what is too short to cool down begins colder
            span = span if left_share >= (1 + GROWTH) * span else left_share
            _cool(problem, run, rng, (candidate, cost_s), unit_s * warmth, span)
            if not run.exhausted:
                candidate, cost_s = _draw(problem, run, rng, probes)
                span *= GROWTH


def _draw(problem: Problem, run: Run, rng: np.random.Generator, draws: int) -> tuple[Candidate, float]:
    """The cheapest of so many random candidates, of one at least, with its cost (in seconds)."""
    candidate, cost_s = score(problem, run, problem.random(rng))
    for _ in range(draws - 1):
        if run.exhausted:
            break
        other, other_s = score(problem, run, problem.random(rng))
        if other_s < cost_s:
            candidate, cost_s = other, other_s
    return candidate, cost_s


def _measure(
    problem: Problem, run: Run, rng: np.random.Generator, begin: tuple[Candidate, float], probes: int
) -> tuple[float, int]:
    """By how much a neighbour of a candidate changes the cost, on average (in seconds), and how many were scored."""
    candidate, cost_s = begin
    changes_s: list[float] = []
    while len(changes_s) < probes and not run.exhausted:
        changes_s.append(abs(score(problem, run, problem.neighbour(candidate, rng))[1] - cost_s))
    finite_s = [change_s for change_s in changes_s if math.isfinite(change_s)]
    return (float(np.mean(finite_s)) if finite_s else 0.0), len(changes_s)


def _cool(
    problem: Problem,
    run: Run,
    rng: np.random.Generator,
    begin: tuple[Candidate, float],
    unit_s: float,
    span: float,
) -> None:
    """Walk from a candidate with its cost while it gets colder, within a span, which is a share of the budget."""
    candidate, cost_s = begin
    first = run.progress
    while not run.exhausted and (done := (run.progress - first) / span) < 1.0:
        neighbour, neighbour_s = score(problem, run, problem.neighbour(candidate, rng))
        temperature_s = unit_s * HOT * (COLD / HOT) ** done
        if neighbour_s <= cost_s + temperature_s * rng.exponential():
            candidate, cost_s = neighbour, neighbour_s
