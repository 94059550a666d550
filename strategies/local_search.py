"""Local search for any decision: simulated annealing over the problem's neighbours, with restarts.

Source: Kirkpatrick, Gelatt and Vecchi, "Optimization by simulated annealing", Science 220, 1983. It knows nothing of a
problem but `random`, `neighbour`, `repair` and `cost`, and has nothing to set by hand: temperatures are measured in
what a neighbour changes at the start, and the length of a cooling in the size of the decision. Each cooling begins at a
new random candidate and is twice as long as the one before; the last one has what is left, so that a budget of few
evaluations is one cooling. Candidates that break a rule and cannot be repaired are dearer than any other, so a walk
leaves them as soon as it can.

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
"""Neighbours that set the unit of temperatures; at most a fortieth of the evaluations."""
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
        first = run.progress
        candidate, cost_s = score(problem, run, problem.random(rng) if run.start is None else run.start)
        unit_s, probes = _measure(problem, run, rng, candidate, cost_s)
        span = NEIGHBOURS_PER_KEY * problem.decision.dimension * max(run.progress - first, LEAST_STEP) / (1 + probes)
        while not run.exhausted:
            left = 1.0 - run.progress
            warmth = min(1.0, left / span) ** 0.5  # what is too short to cool down begins colder
            span = span if left >= (1 + GROWTH) * span else left
            _cool(problem, run, rng, (candidate, cost_s), unit_s * warmth, span)
            if not run.exhausted:
                candidate, cost_s = score(problem, run, problem.random(rng))
                span *= GROWTH


def _measure(
    problem: Problem, run: Run, rng: np.random.Generator, candidate: Candidate, cost_s: float
) -> tuple[float, int]:
    """By how much a neighbour of a candidate changes the cost, on average (in seconds), and how many were scored."""
    left = run.remaining.evaluations
    changes_s: list[float] = []
    for probes in range(PROBES if left is None else min(PROBES, left // 40)):
        if run.exhausted:
            return 0.0, probes
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
