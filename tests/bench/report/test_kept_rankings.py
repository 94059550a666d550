"""What `run` prints of results is read again as it was, and only while nothing has changed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tasklet_bench.bench.report import kept_rankings
from tasklet_bench.bench.report.kept_rankings import Summary
from tasklet_bench.bench.report.ranking import Ranking
from tasklet_bench.bench.report.results import Results
from tasklet_bench.bench.stats.leaderboard import leaderboard


@pytest.fixture(scope="module")
def summary(make_results: Callable[..., Results]) -> Summary:
    """The rankings of six entrants on six instances, two of which stand out, and a sentence."""
    results = make_results()
    rankings = (Ranking.of(leaderboard(s, "annealing"), s, ("megatron", "annealing")) for s in results.samples)
    return Summary(tuple(rankings), ("a cost is below the best known",))


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., Path]:
    """The file of a folder, suite and budgets, in a cache of the test's own."""
    monkeypatch.setattr(kept_rankings, "private_folder", lambda _: tmp_path)
    return lambda folder, *budgets: kept_rankings.place_of(Path(folder), "digest", budgets)


def test_the_same_rankings_come_back_to_the_last_bit(summary: Summary, place: Callable[..., Path]) -> None:
    """Rows, figures and words; other folders and budgets have places of their own."""
    assert len(summary.rankings[0].places) == 2
    kept_rankings.keep(place("there", "a"), "origin", summary)
    back = kept_rankings.read(place("there", "a"), "origin")
    assert repr(back) == repr(summary)  # nan is no number that equals itself
    for other in (place("elsewhere", "a"), place("there", "b"), place("there", "a", "b")):
        assert kept_rankings.read(other, "origin") is None


def test_nothing_is_read_after_any_change(summary: Summary, place: Callable[..., Path]) -> None:
    """Of the origin or of the file; nor where the origin cannot be said."""
    file = place("there", "a")
    kept_rankings.keep(file, None, summary)
    assert not file.exists()
    kept_rankings.keep(file, "origin", summary)
    assert kept_rankings.read(file, "another") is None
    assert kept_rankings.read(file, None) is None
    file.write_bytes(file.read_bytes().replace(b"megatron", b"megalith", 1))
    assert kept_rankings.read(file, "origin") is None
