"""What is done with a result after its search, outside of its budget and clocks: certification, and a better bound."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tasklet_bench.bench.runs.record import RunRecord
    from tasklet_bench.problems.problem import Problem

CERTIFY_S = 5.0
"""Seconds for proving what a search left unproven, such as the order of many stages."""


def certify(problem: Problem, record: RunRecord) -> RunRecord:
    """The record with its candidate improved and proven where its cost is not exact; Ctrl-C keeps what is there."""
    if record.candidate is None or record.exact:
        return record
    with suppress(KeyboardInterrupt):
        candidate, cost = problem.certify(problem.candidate_from_json(record.candidate), CERTIFY_S)
        if record.cost_s is not None and cost.total_s > record.cost_s:
            return record
        return replace(
            record,
            candidate=problem.candidate_to_json(candidate),
            cost_s=cost.total_s,
            parts_s=dict(cost.parts_s),
            exact=cost.exact,
        )
    return record


def tighten_bound(problem: Problem, record: RunRecord, seconds: float) -> RunRecord:
    """The record with a better bound, where so many seconds find one; Ctrl-C keeps the bound that is there."""
    if record.candidate is None or record.proven:
        return record
    with suppress(KeyboardInterrupt):
        return replace(record, bound_s=max(record.bound_s, problem.tighten_bound(seconds)))
    return record
