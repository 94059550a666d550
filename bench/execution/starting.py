"""What a run begins from, scored on its own account, so that no strategy has a head start that nobody sees."""

from __future__ import annotations

import math

from tasklet_bench.bench.execution.meter import Meter
from tasklet_bench.problems.candidate import Candidate
from tasklet_bench.problems.problem import Problem
from tasklet_bench.strategies.shared.feasible import score


def score_starts(problem: Problem, meter: Meter, given: Candidate | None, *, known: bool) -> None:
    """Score what the user gave and, if `known`, the problem's starts; the best becomes the run's `start`.

    Raises `BudgetExhausted` where the budget ends before all are scored.
    """
    candidates = [] if given is None else [given]
    if known:
        candidates += problem.starts().values()
    best_s = math.inf
    for candidate in candidates:
        feasible, cost_s = score(problem, meter, candidate)
        if cost_s < best_s:
            best_s = cost_s
            meter.begin_from(feasible)
