"""What is done with a result after its search: nothing is lost by it, and what it claims is so."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tasklet_bench.bench import execution
from tasklet_bench.bench.execution.postprocess import certify, tighten_bound
from tasklet_bench.bench.plugins import entrant, problem_ref
from tasklet_bench.bench.runs.budget import Budget
from tasklet_bench.bench.runs.record import RunRecord
from tasklet_bench.bench.runs.spec import RunSpec
from tasklet_bench.problems.allocation import Allocation, AllocationProblem
from tasklet_bench.problems.instances import catalogue

MANY_STAGES = catalogue.load("generated/uniform?n=32&dp=2&seed=1")
FEW_STAGES = catalogue.load("generated/uniform?n=32&dp=4&seed=1")


def make_record(problem: AllocationProblem, strategy: str = "random-partition") -> RunRecord:
    """A result of a few evaluations."""
    return execution.run(RunSpec(problem_ref(problem), entrant(strategy), 0, Budget(evaluations=5)))


def test_the_best_order_of_many_stages_is_looked_for() -> None:
    """The grid holds the same groups, costs what the record says, and no more than before."""
    before = make_record(MANY_STAGES)
    after = certify(MANY_STAGES, before)
    assert after.exact
    assert after.cost_s <= before.cost_s
    assert MANY_STAGES.cost(Allocation(after.candidate["grid"])).total_s == after.cost_s
    groups = [
        sorted(map(tuple, map(sorted, zip(*record.candidate["grid"], strict=True)))) for record in (before, after)
    ]
    assert groups[0] == groups[1]


def test_a_grid_is_never_made_worse() -> None:
    """Whatever its wiring was: what comes back costs no more."""
    before = make_record(MANY_STAGES, "random-grid")
    assert certify(MANY_STAGES, before).cost_s <= before.cost_s


def test_few_stages_need_no_proof() -> None:
    """Up to twelve, searches know the best order, and the record stays as it is; so does one without a result."""
    record = make_record(FEW_STAGES)
    assert certify(FEW_STAGES, record) is record
    nothing = replace(record, candidate=None, cost_s=None, status="error")
    assert certify(MANY_STAGES, nothing) is nothing
    assert tighten_bound(FEW_STAGES, nothing, 1.0) is nothing


def test_the_bound_only_rises() -> None:
    """With some seconds more the bound is no lower, and never above the cost of what was found."""
    record = make_record(FEW_STAGES)
    better = tighten_bound(FEW_STAGES, record, 1.0)
    assert record.bound_s < better.bound_s <= better.cost_s
    assert better == replace(record, bound_s=better.bound_s)
    assert tighten_bound(FEW_STAGES, replace(record, bound_s=record.cost_s), 1.0).bound_s == pytest.approx(
        record.cost_s
    )
