"""The tutorial, as a new user would try it: an empty home, an empty folder, an environment of its own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LONGEST_S = 590.0
"""On an idle machine it takes about one minute."""
Typed = list[tuple[str, str]]

pytestmark = [pytest.mark.slow, pytest.mark.timeout(int(LONGEST_S) + 10)]


@pytest.fixture(scope="module")
def typed(
    follow: Callable[..., Typed],
    bare_environment: Callable[[Path], dict[str, str]],
    offline_python: Callable[[Path], Path],
    tmp_path_factory: pytest.TempPathFactory,
) -> Typed:
    """Every command of the page, with what it prints; the page's own commands make the environment."""
    home, folder = tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("mine")
    (home / "tasklet-bench").symlink_to(ROOT)
    environment = bare_environment(home)
    environment["PATH"] = f"{offline_python(home / 'bin')}:{environment['PATH']}"
    done = follow(ROOT / "docs" / "tutorial.md", folder, environment, LONGEST_S)
    assert (folder / "results" / "local" / "report.html").stat().st_size > 100_000
    return done


def said(typed: Typed, beginning: str) -> str:
    """What the only command with this beginning has printed."""
    (printed,) = [printed for command, printed in typed if command.startswith(beginning)]
    return printed


def test_the_strategy_of_the_page_keeps_to_the_contract(typed: Typed) -> None:
    """`check` finds every clause kept."""
    assert "all kept" in said(typed, "tasklet-bench check")


def test_it_gets_a_row_on_the_leaderboard(typed: Typed) -> None:
    """Beside those that it was run with, after thirty runs without a failure."""
    board = said(typed, "tasklet-bench run -s restless.py")
    for name in ("restless", "random-partition", "megatron"):
        assert f"  {name}" in board
    assert "30 runs made, 0 were done already" in board
    assert "0 of 30 runs failed" in board
    assert "restless against random-partition" in said(typed, "tasklet-bench compare restless")


def test_tuning_says_what_it_is_worth_elsewhere(typed: Typed) -> None:
    """Trials on one half, a verdict on the other, and a campaign that has been made already."""
    assert "3 trials on on (2 instances, 300-evaluations, 2 seeds)" in said(typed, "tasklet-bench tune")
    again = said(typed, "tasklet-bench run results/tune")
    assert "nothing to do" in again


def test_imported_results_stand_beside_them(typed: Typed) -> None:
    """Verified where there are allocations, called unverified where not."""
    assert "9 verified by their allocations, 0 unverified" in said(typed, "tasklet-bench import other.csv")
    assert "0 verified by their allocations, 3 unverified" in said(typed, "tasklet-bench import claims.csv")
    board = said(typed, "tasklet-bench run -s unhurried")
    assert "other-tool (imported)" in board
    assert "rumour (unverified)" in board


def test_the_package_is_installed_and_runs(typed: Typed) -> None:
    """It is listed by its name and version, and has a row of its own."""
    assert "unhurried==0.1.0" in said(typed, "tasklet-bench list")
    board = said(typed, "tasklet-bench run -s unhurried")
    assert "  unhurried  " in board
    assert "9 runs made, 9 were done already" in board
