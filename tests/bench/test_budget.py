"""A budget is named, read back, and says when a run is killed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasklet_bench.bench.runs.budget import Budget, grace_s
from tasklet_bench.problems.bad_input import BadInput

LIMITS = st.one_of(st.none(), st.floats(1e-3, 1e6))


@given(st.one_of(st.none(), st.integers(1, 10**9)), LIMITS, LIMITS)
def test_a_budget_is_its_name(evaluations: int | None, cpu_s: float | None, wall_s: float | None) -> None:
    """Whatever its limits, the name says them all and is read back as the same budget."""
    if evaluations is cpu_s is wall_s is None:
        return
    budget = Budget(evaluations, cpu_s, wall_s)
    assert Budget.parse(budget.name) == budget


def test_names_read_as_one_would_say_them() -> None:
    """Whole numbers have no point, and parts stand in a fixed order."""
    assert Budget(evaluations=1000, cpu_s=1.0).name == "1000-evaluations+1-cpu-seconds"
    assert Budget(wall_s=2.5).name == "2.5-wall-seconds"
    assert Budget.parse("1-cpu-seconds+1000-evaluations") == Budget(evaluations=1000, cpu_s=1.0)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1000", "expected such as 1000-evaluations"),
        ("1000-evaluation", "did you mean 'evaluations'"),
        ("1.5-evaluations", "whole number"),
        ("0-cpu-seconds", "above 0"),
        ("1.2.3-cpu-seconds", "a number"),
        ("", "expected such as"),
    ],
)
def test_nonsense_is_refused(text: str, said: str) -> None:
    """A budget that cannot be meant names what was found and what was expected."""
    with pytest.raises(BadInput, match=said):
        Budget.parse(text)


def test_a_budget_without_limits_is_refused() -> None:
    """At least one limit is needed, and none may be infinite or below zero."""
    with pytest.raises(BadInput, match="at least one"):
        Budget()
    for wrong in (-1.0, 0.0, float("inf"), float("nan")):
        with pytest.raises(BadInput, match="above 0"):
            Budget(cpu_s=wrong)


def test_a_hard_limit_always_holds() -> None:
    """The grace is a tenth and at least a second; without a wall budget there is a wall limit still."""
    assert grace_s(2.0) == 1.0
    assert grace_s(60.0) == 6.0
    assert Budget(wall_s=60.0).wall_limit_s == 66.0
    assert Budget(cpu_s=60.0).cpu_limit_s == 66.0
    assert Budget(cpu_s=60.0).wall_limit_s == 660.0
    assert Budget(evaluations=10).wall_limit_s == 600.0
    assert Budget(evaluations=10).cpu_limit_s is None
