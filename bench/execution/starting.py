"""What a run begins from, scored on its own account, so that no strategy has a head start that nobody sees."""

from __future__ import annotations

import math

from tasklet_bench.bench.execution.meter import Meter
from tasklet_bench.problems.candidate import Candidate, Infeasible
from tasklet_bench.problems.problem import Problem


def score_starts(problem: Problem, meter: Meter, given: Candidate | None, *, known: bool) -> None:
    """Score what the user gave and, if `known`, the problem's starts; the best becomes the run's `start`.

    Raises `BudgetExhausted` where the budget ends before all are scored.
    """
    candidates = [] if given is None else [given]
    if known:
        candidates += problem.starts().values()
    best_s = math.inf
    for candidate in candidates:
        for feasible in _feasible(problem, meter, candidate):
            if feasible[1] < best_s:
                meter.start, best_s = feasible


def _feasible(problem: Problem, meter: Meter, candidate: Candidate) -> list[tuple[Candidate, float]]:
    """The candidate with its cost (in seconds), or what the problem makes of it where it breaks a rule, or nothing."""
    try:
        return [(candidate, meter.evaluate(candidate))]
    except Infeasible:
        repaired = problem.repair(candidate)
    if repaired is None:
        return []
    try:
        return [(repaired, meter.evaluate(repaired))]
    except Infeasible:
        return []
