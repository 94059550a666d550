"""No cheat gains a rank unseen, and honest runs beside cheats keep theirs to the last bit."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tasklet_bench.bench.campaigns.campaign import Campaign
from tasklet_bench.bench.campaigns.runner import Outcome, conduct
from tasklet_bench.bench.engines.local import run_all
from tasklet_bench.bench.execution import sandbox, side_effects
from tasklet_bench.bench.plugins import entrant, problem_ref
from tasklet_bench.bench.results import best_known
from tasklet_bench.bench.results.store import FILE_NAME, Store
from tasklet_bench.bench.runs import flags
from tasklet_bench.bench.runs.budget import Budget
from tasklet_bench.bench.runs.spec import Entrant
from tasklet_bench.bench.stats.doubts import doubts
from tasklet_bench.bench.stats.leaderboard import leaderboard
from tasklet_bench.bench.stats.sample import samples
from tasklet_bench.problems.instances import catalogue

pytestmark = [pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Linux only"), pytest.mark.slow]

CHEATS = f"{Path(__file__).parent / 'cheats.py'}:"
PROBLEM = catalogue.load("generated/planted?n=24&dp=4&seed=1")
BUDGET = Budget(evaluations=20)
HONEST = ("random-partition", "annealing", "genetic")

SEEN = {
    "reads-table": flags.READS_TABLE,
    "reads-table-by-program": flags.TABLE_AT_ONCE,
    "asks-for-planted-optimum": flags.PLANTED_AT_ONCE,
    "sets-counter": "error",
    "resets-counter": "invalid",
    "raises-counter": "invalid",
    "resets-meter-seconds": "invalid",
    "forges-last-line": "invalid",
    "searches-in-prepare": flags.UNMETERED,
    "scores-unmetered": flags.UNMETERED,
    "keeps-best": flags.WRITES_OUTSIDE,
    "backdates": "invalid",
    "backdates-rows": "invalid",
    "bounds-by-own-cost": "invalid",
    "kills-rivals": flags.SIGNALS_OTHERS,
    "updates-store": flags.TOUCHES_STORE,
    "changes-between-reads": "invalid",
}
"""What each cheat ends with: a status that is a failure, or a flag."""


def _cheat(name: str, folder: Path) -> Entrant:
    parameters = {"KeepsBest": {"folder": str(folder)}, "UpdatesStore": {"store": str(folder / FILE_NAME)}}
    names = {"keeps-best": "KeepsBest", "updates-store": "UpdatesStore", "searches-in-prepare": "SearchesInPrepare"}
    result = names.get(name, name.replace("-", "_"))
    return entrant(CHEATS + result, parameters.get(result, {}))


def _conducted(
    folder: Path, entrants: Sequence[Entrant], seeds: tuple[int, ...] = (0, 1), **separately: Any
) -> tuple[Outcome, pd.DataFrame, pd.DataFrame]:
    """The outcome of a campaign, its runs, and their trajectories."""
    campaign = Campaign(
        suite="cheats",
        suite_digest="cheats",
        problems=((problem_ref(PROBLEM), PROBLEM.family),),
        entrants=tuple(entrants),
        budgets=(BUDGET,),
        seeds=seeds,
        memory_bytes=2**30,
    )
    with Store(folder, writing=True) as store:
        outcome = conduct(campaign, store, workers=2, engine=partial(run_all, **separately))
        return outcome, store.runs(), store.trajectories()


@pytest.fixture(scope="module")
def beside_cheats(tmp_path_factory: pytest.TempPathFactory) -> tuple[Outcome, pd.DataFrame, pd.DataFrame]:
    """All cheats in one campaign, with honest strategies between them."""
    folder = tmp_path_factory.mktemp("cheats")
    cheats = [_cheat(name, folder) for name in SEEN]
    return _conducted(folder, [*map(entrant, HONEST[:2]), *cheats, entrant(HONEST[2])])


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> tuple[Outcome, pd.DataFrame, pd.DataFrame]:
    """The honest strategies among themselves."""
    return _conducted(tmp_path_factory.mktemp("honest"), list(map(entrant, HONEST)))


@pytest.mark.parametrize("name", SEEN)
def test_each_cheat_fails_or_is_flagged(name: str, beside_cheats: tuple[Outcome, pd.DataFrame, pd.DataFrame]) -> None:
    """A failure comes after every honest run in ranks, and a flag stands beside the rank."""
    rows = beside_cheats[1][beside_cheats[1]["strategy"].str.partition("[")[0] == name]
    assert len(rows) == 2
    for row in rows.itertuples():
        assert SEEN[name] in (row.status, *doubts(row.flags)), (row.status, row.error, row.flags)


def test_no_cheat_has_a_rank_unseen(beside_cheats: tuple[Outcome, pd.DataFrame, pd.DataFrame]) -> None:
    """On the leaderboard each cheat's row says how many runs failed or are flagged, and honest rows say none."""
    (sample,) = samples(beside_cheats[1], {})
    board = leaderboard(sample, draws=20)
    for row in board.to_dict("records"):
        honest = row["strategy"] in HONEST
        assert (row["failed"] + row["flagged"] == 0) == honest, row


def test_honest_runs_keep_theirs_to_the_last_bit(
    beside_cheats: tuple[Outcome, pd.DataFrame, pd.DataFrame], alone: tuple[Outcome, pd.DataFrame, pd.DataFrame]
) -> None:
    """Costs, candidates, evaluations and curves are what they are without cheats beside them."""
    tables = []
    for _, runs, trajectories in (beside_cheats, alone):
        own = runs[runs["strategy"].isin(HONEST)].sort_values("key", ignore_index=True)
        curves = trajectories[trajectories["key"].isin(own["key"])].sort_values(["key", "evaluations"], kind="stable")
        own["flags"] = own["flags"].map(doubts)
        columns = ["key", "status", "cost_s", "bound_s", "evaluations", "candidate", "flags"]
        tables.append((own[columns], curves[["key", "evaluations", "cost_s", "bound_s"]].reset_index(drop=True)))
    assert (tables[0][0]["status"] == "ok").all()
    for beside, by_themselves in zip(*tables, strict=True):
        pd.testing.assert_frame_equal(beside, by_themselves, check_exact=True)


def test_the_store_is_as_it_was_written(beside_cheats: tuple[Outcome, pd.DataFrame, pd.DataFrame]) -> None:
    """No record was changed by anybody, and a campaign would say so."""
    assert beside_cheats[0].changed == ()


def test_files_are_known_by_their_names() -> None:
    """What runs must not open is looked for by the names that tables and stores have."""
    assert side_effects._TABLE_FILE == best_known.FILE_NAME
    assert side_effects._STORE_FILE == FILE_NAME


@pytest.fixture(scope="module")
def separated(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, pd.DataFrame]:
    """An untrusted campaign: cheats that name and program files, and an honest strategy."""
    if (reason := sandbox.refusal()) is not None:
        pytest.skip(f"this system refuses {reason}")
    folder = tmp_path_factory.mktemp("untrusted")
    outside = tmp_path_factory.mktemp("outside")
    looks = entrant(f"{CHEATS}LooksAround", {"store": str(folder), "outside": str(outside / "written")})
    cheats = [_cheat(name, outside) for name in ("reads-table-by-program", "keeps-best")]
    hidden = [str(folder), str(best_known.default_path().parents[1])]
    os.environ["TOKEN_OF_TEST"] = "secret"  # noqa: S105 - to be looked for
    try:
        _, runs, _ = _conducted(folder, [entrant("random-partition"), looks, *cheats], (0, 1), hidden=hidden)
    finally:
        del os.environ["TOKEN_OF_TEST"]
    return outside, runs


def test_untrusted_runs_see_and_reach_nothing(separated: tuple[Path, pd.DataFrame]) -> None:
    """No table, store, other process, network, secret, nor a file of another run; nothing is written outside."""
    outside, runs = separated
    rows = runs[runs["strategy"].str.startswith("looks-around")]
    assert len(rows) == 2
    for error in rows["error"]:
        seen = json.loads(error.strip().rpartition("RuntimeError: ")[2])
        assert (seen["table"], seen["store"]) == ("", "")
        assert not any(seen[way] for way in ("wrote", "mounts", "secret"))
        assert seen["parent"] == 0
        assert 1 in seen["others"]
        assert len(seen["others"]) <= 2
        assert seen["interfaces"] in ([], ["lo"])
        assert "left-by-a-run" not in seen["left"]
    assert list(outside.iterdir()) == []


def test_untrusted_cheats_gain_nothing(separated: tuple[Path, pd.DataFrame]) -> None:
    """Without a table to read or a file to keep, a cheat has what its own evaluations found."""
    _, runs = separated
    known_s = best_known.read()[PROBLEM.digest].cost_s
    cheats = runs[runs["strategy"].str.startswith(("reads-table", "keeps-best"))]
    assert len(cheats) == 4
    assert (cheats["cost_s"] > 1.01 * known_s).all()


def test_untrusted_honest_runs_are_as_any(
    separated: tuple[Path, pd.DataFrame], alone: tuple[Outcome, pd.DataFrame, pd.DataFrame]
) -> None:
    """To the last bit what they are without separation."""
    columns = ["seed", "status", "cost_s", "evaluations", "candidate", "key"]
    tables = [runs[runs["strategy"] == "random-partition"] for runs in (separated[1], alone[1])]
    first, second = (table.sort_values("seed")[columns].reset_index(drop=True) for table in tables)
    pd.testing.assert_frame_equal(first, second, check_exact=True)
