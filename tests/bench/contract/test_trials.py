"""Trials: what a strategy does under watch is what it does in a campaign."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tasklet_bench.bench.contract.instances import ALLOCATION
from tasklet_bench.bench.contract.trial import Watch
from tasklet_bench.bench.contract.trials import Trials
from tasklet_bench.bench.execution import run
from tasklet_bench.bench.plugins import entrant, problem_named, problem_ref
from tasklet_bench.bench.runs.budget import Budget
from tasklet_bench.bench.runs.spec import RunSpec

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="limits hold on Linux only")

FAULTY = f"{Path(__file__).parents[1] / 'faulty.py'}:"


def test_watching_changes_nothing() -> None:
    """A watched run has the record of one that nobody watches, and equal trials are made once."""
    budget = Budget(evaluations=300)
    spec = RunSpec(problem_ref(problem_named(ALLOCATION.plain)), entrant("annealing"), 0, budget)
    record = run(spec)
    with Trials(entrant("annealing")) as trials:
        watched = trials.make(ALLOCATION.plain, 0, budget, Watch())
        assert trials.make(ALLOCATION.plain, 0, budget, Watch()) is watched
    assert watched.record.spec == spec
    assert watched.record.candidate == record.candidate
    assert watched.curve == [(row.evaluations, row.cost_s, row.bound_s) for row in record.trajectory]
    scored = watched.saw("scored")[-1]
    assert scored["declared"] > 0
    assert scored["by_run"] + scored["declared"] == record.evaluations
    assert watched.saw("drew")


def test_a_run_that_takes_its_supervisor_along_is_a_failed_trial_like_any_other(marked: object) -> None:
    """The next trial finds another supervisor, and nothing is left alive at the end."""
    with marked(), Trials(entrant(f"{FAULTY}kills_supervisor")) as trials:  # type: ignore[operator]
        assert [trials.make(ALLOCATION.plain, seed).record.status for seed in (0, 1)] == ["crashed", "crashed"]
        assert trials.of_another("random-partition", ALLOCATION.plain, 0, Budget(evaluations=5)).status == "ok"
