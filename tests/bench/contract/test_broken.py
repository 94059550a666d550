"""Twelve strategies are broken in twelve ways, and each is caught by the clause that is meant for it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from tasklet_bench.bench.contract import trials
from tasklet_bench.bench.contract.instances import ALLOCATION

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="limits hold on Linux only")

BROKEN = f"{Path(__file__).parent / 'broken.py'}:"
MEANT_FOR = {
    "InvalidLabels": "valid-allocations",
    "SeedIgnored": "seed-obeyed",
    "GlobalRandomUsed": "global-random-unused",
    "OverDeclaredSubmit": "submit-within-budget",
    "CpuBudgetIgnored": "cpu-budget",
    "WallBudgetIgnored": "wall-budget",
    "SigtermIgnored": "sigterm-obeyed",
    "ProblemMutated": "problem-unmodified",
    "Unpicklable": "survives-pickling",
    "FailsAtOneStage": "one-stage",
    "FalseBound": "bounds-true",
    "ReadsBestKnown": "best-known-unread",
}
FOLLOWING = {"InvalidLabels": set(ALLOCATION.odd)}
"""Clauses that cannot be kept either: whoever tells invalid labels does so on odd shapes, too."""

ALSO_MEANT_FOR = {
    "ignores_evaluations": "evaluation-budget",
    "scores_by_itself": "evaluations-counted",
    "draws_nothing": "seed-obeyed",
    "rewinds": "progress-monotone",
    "writes_to_problem": "problem-unmodified",
    "cheapens": "problem-unmodified",
    "floods": "evaluation-budget",
}


@pytest.mark.parametrize("name", MEANT_FOR)
def test_each_fault_is_caught_by_the_clause_meant_for_it(name: str, checked: Any) -> None:
    """That clause is broken where it is checked alone."""
    assert checked(BROKEN + name, MEANT_FOR[name])[MEANT_FOR[name]].status == "broken"


@pytest.mark.parametrize(
    "name", [name if name == "FalseBound" else pytest.param(name, marks=pytest.mark.slow) for name in MEANT_FOR]
)
def test_each_fault_breaks_the_clause_meant_for_it_alone(name: str, checked: Any) -> None:
    """That clause is broken, and no other but those that follow from it."""
    verdicts = checked(BROKEN + name)
    broken = {clause for clause, verdict in verdicts.items() if verdict.status == "broken"}
    assert broken == {MEANT_FOR[name]} | FOLLOWING.get(name, set())


def test_a_broken_clause_says_what_was_expected_what_happened_and_how_to_see_it_again(checked: Any) -> None:
    """In words, with the command to type."""
    target = f"{BROKEN}FalseBound"
    verdict = checked(target, "bounds-true")["bounds-true"]
    assert "no bound above the optimum" in verdict.expected
    assert "from seed 0" in verdict.found
    assert verdict.rerun_command == f"tasklet-bench check {target} --only bounds-true"
    for part in (verdict.expected, verdict.found, verdict.rerun_command):
        assert part in verdict.text()


@pytest.mark.parametrize("name", ALSO_MEANT_FOR)
def test_other_faults_are_caught(name: str, checked: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each by the clause meant for it; a hang ends with patience."""
    monkeypatch.setattr(trials, "PATIENCE_S", 2.0)
    clause = ALSO_MEANT_FOR[name]
    assert checked(BROKEN + name, clause)[clause].status == "broken"


def test_nothing_is_said_to_be_kept_in_runs_that_fail(checked: Any) -> None:
    """What a crash leaves open is remarked, not passed."""
    verdicts = checked(f"{BROKEN}raises")
    assert [name for name, verdict in verdicts.items() if verdict.status == "kept"] == ["well-described"]
    assert "ZeroDivisionError: one over nothing" in verdicts["valid-allocations"].text(brief=True)
