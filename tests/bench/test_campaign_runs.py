"""A small campaign from plan to table, with real processes."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.budget import Budget
from bench.campaign import Campaign
from bench.conduct import conduct, plan
from bench.plugins import entrant, problem_ref
from bench.store import Store
from problems.instances import catalogue


@pytest.fixture
def campaign() -> Campaign:
    """Two instances, two entrants, two seeds."""
    problems = [catalogue.load(name) for name in ("paper/regional", "paper/worldwide")]
    return Campaign(
        suite="two",
        suite_digest="d",
        problems=tuple((problem_ref(problem), problem.family) for problem in problems),
        entrants=tuple(entrant(name) for name in ("random-grid", "megatron")),
        budgets=(Budget(evaluations=20),),
        seeds=(0, 1),
    )


def test_a_campaign_is_made_once_and_then_finds_nothing_missing(campaign: Campaign, tmp_path: Path) -> None:
    """All runs are made, deterministic entrants once; a second call makes none."""
    with Store(tmp_path, writing=True) as store:
        first = conduct(campaign, store, workers=2)
        assert (first.total, first.made, first.failed, first.finished) == (6, 6, 0, True)
        assert conduct(campaign, store).made == 0
        runs = store.runs("d")
        assert (runs["status"] == "ok").all()
        assert len(store.trajectories()) >= len(runs)
        assert store.is_whole()
    with Store(tmp_path) as reader:
        assert plan(campaign, reader)[1] == []


def test_a_run_with_the_same_seed_is_the_same_run(campaign: Campaign, tmp_path: Path) -> None:
    """Costs, allocations and trajectories by evaluations do not depend on when or beside whom a run is made."""
    columns = ["key", "cost_s", "allocation", "evaluations"]
    tables = []
    for workers in (1, 2):
        with Store(tmp_path / str(workers), writing=True) as store:
            conduct(campaign, store, workers=workers)
            rows = store.trajectories()[["key", "evaluations", "cost_s"]]
            tables.append((store.runs()[columns].sort_values("key", ignore_index=True), rows))
    assert tables[0][0].equals(tables[1][0])
    assert tables[0][1].equals(tables[1][1])
