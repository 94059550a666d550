"""A small campaign from plan to table, with real processes."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tasklet_bench.bench.campaigns.campaign import Campaign
from tasklet_bench.bench.campaigns.runner import conduct, plan
from tasklet_bench.bench.engines.local import run_all
from tasklet_bench.bench.execution import limits
from tasklet_bench.bench.execution.limits import Core, cores
from tasklet_bench.bench.plugins import entrant, problem_ref
from tasklet_bench.bench.results.store import Store
from tasklet_bench.bench.runs.budget import Budget
from tasklet_bench.bench.runs.record import RunRecord
from tasklet_bench.bench.runs.spec import RunSpec
from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.instances import catalogue


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


@pytest.fixture
def other_campaigns_do_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    """Claim cores under names of our own: what else goes on here is no part of the test."""
    monkeypatch.setattr(limits, "CLAIM", f"test-{os.getpid()}-core")


@pytest.mark.parametrize("when", ["meanwhile", "first"])
def test_a_stop_before_the_runs_makes_none(campaign: Campaign, when: str) -> None:
    """Steps are taken one by one, while workers start and when they have: a signal ends them and what follows."""
    added: list[str] = []

    def add(problems: Any) -> Iterator[str]:
        for ref, _ in problems:
            added.append(ref.name)
            os.kill(os.getpid(), signal.SIGTERM)
            yield ref.name

    records: list[RunRecord] = []
    steps = {"meanwhile": (), "first": add(campaign.problems)} | {when: add(campaign.problems)}
    assert not run_all(list(campaign.specs()), records.append, workers=1, **steps)
    assert added == [campaign.problems[0][0].name]
    assert records == []


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


def test_runs_that_a_stop_leaves_are_not_called_done(campaign: Campaign, tmp_path: Path) -> None:
    """Stopped after two of six runs, four are left and none was done before; the next call finds the two."""

    def stopped_early(specs: Sequence[RunSpec], *how: Any, **more: Any) -> bool:
        run_all(specs[:2], *how, **more)
        return False

    with Store(tmp_path, writing=True) as store:
        first = conduct(campaign, store, workers=1, engine=stopped_early)
        assert (first.already, first.made, first.left, first.finished) == (0, 2, 4, False)
        second = conduct(campaign, store, workers=2)
        assert (second.already, second.made, second.left, second.finished) == (2, 4, 0, True)


def test_a_run_with_the_same_seed_is_the_same_run(campaign: Campaign, tmp_path: Path) -> None:
    """Costs, allocations and trajectories by evaluations do not depend on when or beside whom a run is made."""
    columns = ["key", "cost_s", "candidate", "evaluations"]
    tables = []
    for workers in (1, 2):
        with Store(tmp_path / str(workers), writing=True) as store:
            conduct(campaign, store, workers=workers)
            rows = store.trajectories()[["key", "evaluations", "cost_s"]]
            tables.append((store.runs()[columns].sort_values("key", ignore_index=True), rows))
    assert tables[0][0].equals(tables[1][0])
    assert tables[0][1].equals(tables[1][1])


@pytest.mark.usefixtures("other_campaigns_do_not_count")
def test_timed_runs_are_made_one_at_a_time_and_say_so(campaign: Campaign, tmp_path: Path) -> None:
    """No run starts before the one before has ended, and the records are distinguished from others."""
    with Store(tmp_path, writing=True) as store:
        conduct(replace(campaign, timing=True), store, workers=2)
        runs = store.runs()
    assert set(runs["timing_mode"]) == {"alone"}
    ended = pd.to_datetime(runs["started_at"]) + pd.to_timedelta(runs["wall_s"], unit="s")
    assert (pd.to_datetime(runs["started_at"])[1:].to_numpy() >= ended[:-1].to_numpy()).all()


@pytest.mark.usefixtures("other_campaigns_do_not_count")
def test_timing_needs_a_core_of_its_own(campaign: Campaign, tmp_path: Path) -> None:
    """Where other campaigns have claimed all of them, it is refused."""
    claims = [Core() for _ in cores()]
    try:
        with Store(tmp_path, writing=True) as store, pytest.raises(BadInput, match="another campaign is on"):
            conduct(replace(campaign, timing=True), store)
    finally:
        for claim in claims:
            claim.release()


def test_a_failed_run_is_done_unless_it_is_asked_for_again(campaign: Campaign, tmp_path: Path) -> None:
    """`retry_failed` makes it as another attempt, which then counts."""
    plugin = tmp_path / "plugin.py"
    flag = tmp_path / "flag"
    plugin.write_text(
        "from pathlib import Path\n"
        "def fails_at_first(problem, run, rng):\n"
        "    run.evaluate(problem.random(rng))\n"
        f"    assert Path({str(flag)!r}).exists()\n"
    )
    campaign = replace(campaign, entrants=(entrant(f"{plugin}:fails_at_first"),), seeds=(0,))
    with Store(tmp_path / "store", writing=True) as store:
        assert conduct(campaign, store).failed == 2
        assert conduct(campaign, store).made == 0
        flag.touch()
        again = conduct(campaign, store, retry_failed=True)
        assert (again.made, again.failed) == (2, 0)
        runs = store.runs()
        assert (runs["attempt"] == 2).all()
        assert (runs["status"] == "ok").all()
