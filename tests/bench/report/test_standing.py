"""A page that would come out as it is stays; whatever it is made from, an edit makes it again."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(sys.executable).parent / "tasklet-bench"
COMMAND = ("run", "quick", "-s", "megatron", "-s", "aligned", "-p", "*64*", "--evaluations", "20", "--seeds", "1")
KEPT = "as it was"
MODULES = """
import sys
from tasklet_bench.bench import cli
sys.argv = ["tasklet-bench", *{arguments!r}]
try:
    cli.main()
except SystemExit:
    pass
print(*sorted(sys.modules), file=sys.stderr)
"""
NOT_NEEDED = (
    "altair", "moocore", "numba", "optuna", "ortools", "pandas", "scipy",
    "tasklet_bench.bench.report.figures", "tasklet_bench.bench.report.page",
)  # fmt: skip


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a store and the page that `run` wrote of it."""
    folder = tmp_path_factory.mktemp("standing")
    assert KEPT not in again(folder)
    return folder


def again(folder: Path) -> str:
    """What `run` prints in that folder."""
    done = subprocess.run([SCRIPT, *COMMAND], cwd=folder, capture_output=True, text=True, timeout=120, check=True)
    return done.stdout


@pytest.mark.slow
def test_a_page_stands_until_something_that_it_shows_changes(made: Path) -> None:
    """A second run keeps the page and prints the leaderboard; an edited page or a new row makes it again."""
    page = made / "results" / "local" / "report.html"
    first = page.read_bytes()
    said = again(made)
    assert KEPT in said
    assert "megatron" in said
    assert page.read_bytes() == first

    page.write_bytes(first.replace(b"<title>", b"<title>My ", 1))
    assert KEPT not in again(made)
    assert page.read_bytes() == first

    page.write_bytes(first[: len(first) // 2])
    assert KEPT not in again(made)
    assert page.read_bytes() == first

    store = made / "results" / "local" / "store.sqlite"
    with sqlite3.connect(store) as connection:
        connection.execute("INSERT INTO suites SELECT 'other', 'another digest', key FROM suites")
    connection.close()
    assert KEPT not in again(made)
    assert KEPT in again(made)


@pytest.mark.slow
def test_nothing_to_do_imports_nothing_that_draws(made: Path) -> None:
    """Where the page stands, what makes pages or tables, compiles or solves is not even imported."""
    again(made)
    program = MODULES.format(arguments=COMMAND)
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=made, capture_output=True, text=True, timeout=120, check=True
    )
    assert KEPT in done.stdout
    imported = set(done.stderr.splitlines()[-1].split())
    assert "tasklet_bench.bench.report.standing" in imported
    assert not imported.intersection(NOT_NEEDED)
