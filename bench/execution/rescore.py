"""Score a stored or reported candidate again: the one place that decides whether a result holds."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tasklet_bench.bench.runs.tolerances import same_cost
from tasklet_bench.problems.candidate import InvalidCandidate

if TYPE_CHECKING:
    from tasklet_bench.problems.problem import Cost, Problem


@dataclass(frozen=True)
class Rescored:
    """What the problem's judge says of a candidate.

    `candidate` is complete, as the object of an allocation file. `mismatch` says in a sentence what does not hold: the
    candidate is none, or its cost is not what was reported. It is None where everything holds.
    """

    candidate: dict[str, Any] | None
    cost: Cost | None
    mismatch: str | None


def rescore(problem: Problem, candidate: Mapping[str, Any] | None, reported_s: float | None) -> Rescored:
    """Complete a candidate, given as the object of an allocation file, and score it by the problem's judge.

    `reported_s` is the cost that somebody claims; None claims nothing.
    """
    if candidate is None:
        return Rescored(None, None, "no candidate was reported")
    try:
        complete = problem.complete(problem.candidate_from_json(candidate))
        cost = problem.judge(complete)
    except InvalidCandidate as fault:
        return Rescored(None, None, f"the candidate is no solution: {fault}")
    written = problem.candidate_to_json(complete)
    if not math.isfinite(cost.total_s):
        return Rescored(written, None, f"the cost is {cost.total_s!r} s, expected a finite number")
    if reported_s is not None and not same_cost(cost.total_s, reported_s):
        return Rescored(written, cost, f"the cost was reported as {reported_s!r} s and is {cost.total_s!r} s")
    return Rescored(written, cost, None)
