"""A leaderboard that is read again is the one that was worked out, and only while nothing has changed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from tasklet_bench.bench.report import kept_leaderboards
from tasklet_bench.bench.report.kept_leaderboards import kept_leaderboard
from tasklet_bench.bench.report.results import Results
from tasklet_bench.bench.stats.leaderboard import leaderboard


@pytest.fixture(scope="module")
def results(make_results: Callable[..., Results]) -> Results:
    """Six entrants on six instances."""
    return make_results()


@pytest.fixture
def worked_out(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    """The budgets of the samples whose leaderboards were worked out, in a cache of the test's own."""
    budgets: list[str] = []

    def counted(sample, champion):
        budgets.append(sample.budget)
        return leaderboard(sample, champion)

    monkeypatch.setattr(kept_leaderboards, "leaderboard", counted)
    monkeypatch.setattr(kept_leaderboards, "private_folder", lambda _: tmp_path)
    return budgets


def test_the_same_table_comes_back_to_the_last_bit(results: Results, worked_out: list[str]) -> None:
    """Values, columns and types, for each budget its own; worked out once."""
    for _ in range(2):
        for sample in results.samples:
            table = kept_leaderboard(Path("there"), "origin", sample, "annealing")
            pd.testing.assert_frame_equal(table, leaderboard(sample, "annealing"), check_exact=True)
    assert worked_out == [sample.budget for sample in results.samples]


def test_it_is_worked_out_again_after_any_change(results: Results, worked_out: list[str], tmp_path: Path) -> None:
    """Of the origin, of the folder, of the file; and always where the origin cannot be said."""
    sample = results.samples[0]
    for folder, origin in (("there", "one"), ("there", "two"), ("elsewhere", "two"), ("there", None), ("there", None)):
        kept_leaderboard(Path(folder), origin, sample, None)
    assert len(worked_out) == 5
    for file in tmp_path.glob("*.json"):
        file.write_bytes(file.read_bytes().replace(b"megatron", b"megalith", 1))
    again = kept_leaderboard(Path("there"), "two", sample, None)
    assert len(worked_out) == 6
    pd.testing.assert_frame_equal(again, leaderboard(sample), check_exact=True)
