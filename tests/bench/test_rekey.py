"""Published results take over the identity of the present code if this finds the same, and only then."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from tasklet_bench.bench.campaigns import rekey
from tasklet_bench.bench.campaigns.campaign import Campaign, missing
from tasklet_bench.bench.campaigns.runner import conduct
from tasklet_bench.bench.plugins import entrant, problem_ref
from tasklet_bench.bench.results.export import export
from tasklet_bench.bench.results.merge import results_at
from tasklet_bench.bench.results.store import Store
from tasklet_bench.bench.runs.budget import Budget
from tasklet_bench.problems.instances import catalogue

NAMES = ("aligned", "random-partition")


@pytest.fixture(scope="module")
def campaign() -> Campaign:
    """Two strategies, a few runs."""
    problem = catalogue.load("paper/regional")
    return Campaign(
        suite="rekeyed",
        suite_digest="d" * 64,
        problems=((problem_ref(problem), problem.family),),
        entrants=tuple(map(entrant, NAMES)),
        budgets=(Budget(evaluations=20),),
        seeds=(0, 1),
    )


@pytest.fixture(scope="module")
def stored(campaign: Campaign, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Their export, as if older code had made it."""
    folder = tmp_path_factory.mktemp("published")
    with Store(folder / "store", writing=True) as store:
        conduct(campaign, store, workers=2)
        export(store, folder / "export", "parquet")
    for name in ("runs", "trajectories", "suites"):
        path = folder / "export" / f"{name}.parquet"
        table = pd.read_parquet(path)
        table["key"] = "old-" + table["key"]
        if name == "runs":
            table["code_hash"] = "old"
        table.to_parquet(path, index=False)
    (folder / "export" / "chain.csv").unlink()  # older code wrote none
    return folder / "export"


def test_results_that_come_out_again_are_found_done(campaign: Campaign, stored: Path) -> None:
    """After checking, each run has the key that the present code gives it, and everything else as it was."""
    before = {name: pd.read_parquet(stored / f"{name}.parquet") for name in ("runs", "trajectories", "suites")}
    assert rekey.main([str(stored), "--sample", "2"]) == 0
    with results_at(stored) as store:
        assert missing(list(campaign.specs()), store.done()) == []
    for name, table in before.items():
        after = pd.read_parquet(stored / f"{name}.parquet")
        kept = [column for column in table.columns if column not in ("key", "code_hash")]
        pd.testing.assert_frame_equal(after[kept], table[kept])
    assert rekey.main([str(stored), "--sample", "1"]) == 0


def test_results_that_do_not_keep_their_identity(
    stored: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One digit is enough; the entrant is reported with the run, and the others are not held up."""
    with results_at(stored) as store:
        export(store, tmp_path, "parquet")
    runs = pd.read_parquet(tmp_path / "runs.parquet").assign(code_hash="older")
    drawn = runs["strategy"] == "random-partition"
    runs.loc[drawn, "cost_s"] += 2e-15 * runs.loc[drawn, "cost_s"]
    runs.to_parquet(tmp_path / "runs.parquet", index=False)
    (tmp_path / "chain.csv").unlink()
    assert rekey.main([str(tmp_path), "--sample", "1"]) == 1
    assert "random-partition on paper/regional" in capsys.readouterr().out
    after = pd.read_parquet(tmp_path / "runs.parquet").groupby("strategy")["code_hash"].first()
    assert after["random-partition"] == "older"
    assert after["aligned"] == entrant("aligned").code_hash
