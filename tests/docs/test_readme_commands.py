"""Every command of the README, typed from top to bottom in a fresh checkout, by somebody who has just logged in."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LONGEST_S = 1400.0
"""On two busy cores it takes six minutes."""
CHANGED = {
    ".venv/bin/pip install -e '.[test]' && .venv/bin/pytest": (
        ".venv/bin/pip install -e '.[test]' && .venv/bin/python -m pytest tests/test_words.py",
        "one file of the tests for all, of which this is one, by a pytest that no network gave; CI runs the whole line",
    ),
    ".venv/bin/tasklet-bench verify results/reference": (
        ".venv/bin/tasklet-bench verify results/reference/gossip",
        "one part for all, which takes minutes; `test_published.py` verifies all of them",
    ),
}
"""Lines that are run with one change, and why; every other line is run as it stands."""
Typed = dict[str, str]

pytestmark = [pytest.mark.slow, pytest.mark.timeout(int(LONGEST_S) + 60)]


@pytest.fixture(scope="module")
def typed(
    follow: Callable[..., list[tuple[str, str]]],
    bare_environment: Callable[[Path], dict[str, str]],
    offline_python: Callable[[Path], Path],
    tmp_path_factory: pytest.TempPathFactory,
) -> Typed:
    """What each line of the README has printed, in a copy of the checkout without what git does not keep."""
    home = tmp_path_factory.mktemp("home")
    checkout = tmp_path_factory.mktemp("there") / "tasklet-bench"
    unkept = shutil.ignore_patterns(".git", ".venv", ".*_cache", "__pycache__", "local", "new", "build", "dist")
    shutil.copytree(ROOT, checkout, symlinks=True, ignore=unkept)
    environment = bare_environment(home)
    environment["PATH"] = f"{offline_python(home / 'bin')}:{environment['PATH']}"
    changed = {line: instead for line, (instead, _) in CHANGED.items()}
    done = follow(ROOT / "README.md", checkout, environment, LONGEST_S, changed)
    assert (checkout / "results" / "local" / "report.html").stat().st_size > 100_000
    return dict(done)


def printed(typed: Typed, part: str) -> str:
    """What the only line with this part has printed."""
    (text,) = [text for line, text in typed.items() if part in line]
    return text


def test_every_line_is_run(typed: Typed) -> None:
    """None is left out, none fails, and those that are changed are there."""
    assert len(typed) >= 9
    assert set(CHANGED) <= set(typed)


def test_the_first_command_installs_and_scores_everybody(typed: Typed) -> None:
    """It ends with a leaderboard without a failure, and with where the page is."""
    text = printed(typed, "python3 -m venv")
    assert "  annealing" in text
    assert "0 of " in text
    assert "page: results/local/report.html" in text


def test_the_tests_run(typed: Typed) -> None:
    """In the environment that the commands have made."""
    assert " passed" in printed(typed, "bin/pytest")


def test_the_strategy_keeps_to_the_contract_and_gets_rows(typed: Typed) -> None:
    """On `quick` with those that it is run with, and among the published ones."""
    assert "all kept" in printed(typed, " check ")
    assert "  restless" in printed(typed, "-s random-partition")
    published = printed(typed, "--with reference")
    assert "restless is number" in published
    assert "  annealing" in published


def test_published_results_hold_and_come_out_again(typed: Typed) -> None:
    """No allocation costs something else than published, and no run of the strategy ends elsewhere."""
    assert "0 mismatches" in printed(typed, " verify ")
    assert re.search(r"^(\d\d+) of \1 runs came out the same to the last digit", printed(typed, " reproduce "), re.M)
