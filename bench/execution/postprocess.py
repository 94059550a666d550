"""What is done with a result after its search, outside of its budget and clocks: the best order, and a better bound."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from tasklet_bench.problems.allocation import Allocation, AllocationProblem
from tasklet_bench.problems.allocation.cost_model import EXACT_ORDER_GROUPS

if TYPE_CHECKING:
    from tasklet_bench.bench.runs.record import RunRecord

ORDER_SECONDS = 5.0
"""Deterministic seconds of CP-SAT for the order of stages, where a bound leaves a gap."""


def certified(problem: AllocationProblem, record: RunRecord) -> RunRecord:
    """The record with the best order of its stages that is found; `exact` says whether it is proven to be the best.

    Up to 12 stages searches know the best order themselves. Ctrl-C keeps the order that is there.
    """
    if record.allocation is None or problem.shape.pipeline_parallel <= EXACT_ORDER_GROUPS:
        return record
    from tasklet_bench.problems.allocation.certify import certified_allocation

    with suppress(KeyboardInterrupt):
        allocation, cost = certified_allocation(problem, Allocation(record.allocation).labels, ORDER_SECONDS)
        if record.cost_s is None or cost.total_s > record.cost_s:
            return record  # it was found as a grid, which its labels do not lead back to
        return replace(
            record,
            allocation=allocation.grid.tolist(),
            cost_s=cost.total_s,
            data_parallel_s=cost.parts_s["data_parallel_s"],
            pipeline_s=cost.parts_s["pipeline_s"],
            exact=cost.exact,
        )
    return record


def bounded(problem: AllocationProblem, record: RunRecord, seconds: float) -> RunRecord:
    """The record with the joint bound, where that is better; Ctrl-C keeps the bound that is there."""
    from tasklet_bench.problems.allocation import bounds

    if record.allocation is None or record.proven:
        return record
    with suppress(KeyboardInterrupt):
        return replace(record, bound_s=max(record.bound_s, bounds.joint(problem, seconds)))
    return record
