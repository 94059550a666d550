"""Scoring a candidate that may break a rule of the problem."""

from __future__ import annotations

import math

from tasklet_bench.problems.candidate import Candidate, Infeasible
from tasklet_bench.problems.problem import Problem
from tasklet_bench.strategies.run import Run


def score(problem: Problem, run: Run, candidate: Candidate) -> tuple[Candidate, float]:
    """Score a candidate (in seconds), or what the problem's repair makes of it; returns which, with its cost.

    One that stays infeasible costs more than any: infinity. Each of the two is one evaluation.
    """
    try:
        return candidate, run.evaluate(candidate)
    except Infeasible:
        repaired = problem.repair(candidate)
    if repaired is None or run.exhausted:
        return candidate, math.inf
    try:
        return repaired, run.evaluate(repaired)
    except Infeasible:
        return candidate, math.inf
