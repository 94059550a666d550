"""Whatever a strategy does, it gets its status, all others keep their results, and nothing of it is left running."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tasklet_bench.bench.campaigns.campaign import Campaign
from tasklet_bench.bench.campaigns.runner import Outcome, conduct
from tasklet_bench.bench.execution import run
from tasklet_bench.bench.execution.supervisor import TERM_TO_KILL_S
from tasklet_bench.bench.plugins import entrant, problem_ref
from tasklet_bench.bench.results.store import Store
from tasklet_bench.bench.runs.budget import Budget
from tasklet_bench.bench.runs.spec import RunSpec
from tasklet_bench.problems.instances import catalogue

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="limits hold on Linux only")

FAULTY = f"{Path(__file__).parent / 'faulty.py'}:"
EVALUATIONS = Budget(evaluations=20)
CPU = Budget(cpu_s=0.2)
WALL = Budget(wall_s=0.2)

EXPECTED = {
    "raises": (EVALUATIONS, "error"),
    "exits": (EVALUATIONS, "crashed"),
    "exits_politely": (EVALUATIONS, "error"),
    "segfaults": (EVALUATIONS, "crashed"),
    "loops": (CPU, "timeout"),
    "loops_deaf": (CPU, "timeout"),
    "sleeps": (WALL, "timeout"),
    "leaks": (EVALUATIONS, "oom"),
    "leaks_small_blocks": (EVALUATIONS, "oom"),
    "aborts_for_memory": (EVALUATIONS, "oom"),
    "leaves_grandchildren": (EVALUATIONS, "ok"),
    "burns_in_daemon": (CPU, "timeout"),
    "works_in_child": (CPU, "ok"),
    "invalid": (EVALUATIONS, "invalid"),
    "silent": (EVALUATIONS, "invalid"),
    "false_bound": (EVALUATIONS, "invalid"),
    "greedy": (EVALUATIONS, "ok"),
    "greedy_and_deaf": (WALL, "timeout"),
    "over_declares": (EVALUATIONS, "ok"),
    "cheapens_problem": (EVALUATIONS, "ok"),
    "kills_supervisor": (EVALUATIONS, "crashed"),
    "writes_junk": (EVALUATIONS, "invalid"),
    "forks_and_returns": (EVALUATIONS, "ok"),
    "meddles": (EVALUATIONS, "ok"),
}
"""Budget and due status of each faulty strategy."""

MEMORY_BYTES = 2**30
SLACK_S = 1.0
"""For a machine that is busy with other things."""


@pytest.fixture(scope="module")
def campaign(tmp_path_factory: pytest.TempPathFactory, marked: Any) -> tuple[Outcome, pd.DataFrame]:
    """All faulty strategies in one campaign per budget, among innocents: its outcome and its table."""
    folder = tmp_path_factory.mktemp("store")
    problem = catalogue.load("paper/worldwide")
    with marked(), Store(folder, writing=True) as store:
        for budget in (CPU, WALL, EVALUATIONS):
            names = [name for name, (due, _) in EXPECTED.items() if due == budget]
            faulty = [entrant(FAULTY + name) for name in names]
            if budget == EVALUATIONS:
                faulty.append(entrant(f"{FAULTY}WritesToStore", {"folder": str(folder)}))
            outcome = conduct(
                Campaign(
                    suite="faults",
                    suite_digest="faults",
                    problems=((problem_ref(problem), problem.family),),
                    entrants=(entrant("random-partition"), *faulty, entrant("random-grid")),
                    budgets=(budget,),
                    seeds=(0,),
                    memory_bytes=MEMORY_BYTES,
                ),
                store,
                workers=2,
            )
        runs = store.runs().set_index(["strategy", "budget"])
    return outcome, runs


@pytest.mark.parametrize("name", EXPECTED)
def test_each_fault_gets_its_status(name: str, campaign: tuple[Outcome, pd.DataFrame]) -> None:
    """The status is the one that the design gives to this kind of fault."""
    budget, status = EXPECTED[name]
    row = campaign[1].loc[(name.replace("_", "-"), budget.name)]
    assert row["status"] == status, row["error"]
    assert pd.notna(row["error"]) == (status != "ok")


def test_a_killed_run_keeps_its_curve(campaign: tuple[Outcome, pd.DataFrame]) -> None:
    """What was reported before a crash or a kill is in the record, scored again and written out as a grid."""
    reported = campaign[1].drop(index="silent", level="strategy")
    assert reported["cost_s"].notna().all()
    assert reported["candidate"].notna().all()


def test_innocents_are_not_harmed(campaign: tuple[Outcome, pd.DataFrame]) -> None:
    """The runs beside the faulty ones are as good as ever."""
    innocents = campaign[1].loc[["random-partition", "random-grid"]]
    assert len(innocents) == 6
    assert (innocents["status"] == "ok").all()


def test_descendants_count_as_the_runs_own_cpu(campaign: tuple[Outcome, pd.DataFrame]) -> None:
    """CPU seconds of a daemon in a session of its own, and of a child, are the run's."""
    cpu_s = campaign[1]["cpu_s"].droplevel("budget")
    assert cpu_s["burns-in-daemon"] > CPU.cpu_s
    assert CPU.cpu_s <= cpu_s["works-in-child"] < CPU.cpu_limit_s


def test_stray_files_in_the_stores_folder_are_listed(campaign: tuple[Outcome, pd.DataFrame]) -> None:
    """A strategy that writes beside the store is `ok`, and its file is named."""
    assert campaign[0].strays == ("stray.txt",)
    named = campaign[1].index.get_level_values("strategy").str.startswith("writes-to-store")
    assert list(campaign[1].loc[named, "status"]) == ["ok"]


def test_the_campaign_ends_in_the_time_of_its_limits(campaign: tuple[Outcome, pd.DataFrame]) -> None:
    """No run outlasts its limit by more than a kill takes, and all together take no longer than one after the other."""
    runs = campaign[1].reset_index()
    for budget, limit_s in ((CPU, CPU.cpu_limit_s), (WALL, WALL.wall_limit_s)):
        killed = runs[(runs["budget"] == budget.name) & (runs["status"] == "timeout")]
        assert len(killed) >= 2
        spent_s = killed["cpu_s"] if budget == CPU else killed["wall_s"]
        assert (spent_s < limit_s + TERM_TO_KILL_S + SLACK_S).all()
    began = pd.to_datetime(runs["started_at"])
    ended = began + pd.to_timedelta(runs["wall_s"], unit="s")
    for _, at_a_time in runs.assign(began=began, ended=ended).groupby("budget"):
        elapsed_s = (at_a_time["ended"].max() - at_a_time["began"].min()).total_seconds()
        assert elapsed_s < (at_a_time["wall_s"] + at_a_time["prepare_s"].fillna(0) + SLACK_S).sum()


def test_preparing_for_ever_is_a_timeout(marked: Any) -> None:
    """The limit for loading and preparing holds before any clock runs."""
    problem = catalogue.load("paper/worldwide")
    spec = RunSpec(problem_ref(problem), entrant(f"{FAULTY}PreparesForever"), 0, EVALUATIONS, prepare_limit_s=0.5)
    with marked():
        record = run(spec)
    assert record.status == "timeout"
    assert record.cost_s is None
    assert "prepare" in record.error
