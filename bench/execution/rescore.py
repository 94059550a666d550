"""Score a stored or reported candidate again: the one place that decides whether a result holds."""

from __future__ import annotations

import json
import math
import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from tasklet_bench.bench.runs.tolerances import same_cost
from tasklet_bench.problems.candidate import InvalidCandidate

if TYPE_CHECKING:
    from tasklet_bench.bench.runs.record import Improvement
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

    def against(self, reported_s: float | None) -> Rescored:
        """The same, held against a cost that was reported (in seconds); None claims nothing."""
        if self.cost is None or reported_s is None or same_cost(self.cost.total_s, reported_s):
            return self
        return replace(self, mismatch=f"the cost was reported as {reported_s!r} s and is {self.cost.total_s!r} s")


def rescore(problem: Problem, candidate: Mapping[str, Any] | None, reported_s: float | None) -> Rescored:
    """Complete a candidate, given as the object of an allocation file, and score it by the problem's judge.

    `reported_s` is the cost that somebody claims; None claims nothing.
    """
    if candidate is None:
        return Rescored(None, None, "no candidate was reported")
    return judgement(problem, candidate).against(reported_s)


def judgement(problem: Problem, candidate: Mapping[str, Any]) -> Rescored:
    """Complete and score a candidate that comes with no claim."""
    try:
        complete = problem.complete(problem.candidate_from_json(candidate))
        cost = problem.judge(complete)
    except InvalidCandidate as fault:
        return Rescored(None, None, f"the candidate is no solution: {fault}")
    written = problem.candidate_to_json(complete)
    if not math.isfinite(cost.total_s):
        return Rescored(written, None, f"the cost is {cost.total_s!r} s, expected a finite number")
    return Rescored(written, cost, None)


def rescore_curve(
    problem: Problem, rows: Sequence[Improvement], messages: Mapping[int, bytes], seed: str, seconds: float
) -> tuple[int, str | None]:
    """Score the candidates of a curve's rows again, in an order drawn from `seed`, for so many CPU seconds.

    `messages` are those that came with a candidate, by the place of their row. The fast cost is compared, which the
    judge's is tested against; one row at least is scored. Returns how many were, and what does not hold.
    """
    places = sorted(messages)
    random.Random(seed).shuffle(places)  # noqa: S311 - a sample, no secret
    until = time.process_time() + seconds
    for scored, place in enumerate(places, start=1):
        reported_s = rows[place].cost_s
        try:
            candidate = problem.candidate_from_json(json.loads(messages[place])["candidate"])
            cost_s = problem.cost(candidate).total_s
        except InvalidCandidate as fault:
            return scored, f"a candidate of the curve is no solution: {fault}"
        if not same_cost(cost_s, reported_s):
            return scored, f"a cost of the curve was reported as {reported_s!r} s and is {cost_s!r} s"
        if time.process_time() > until:
            return scored, None
    return len(places), None
