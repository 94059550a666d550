"""`run`: a leaderboard from one command, resumed from wherever it was cut off."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tasklet_bench.problems.instances import catalogue

SCRIPT = Path(sys.executable).parent / "tasklet-bench"
SMALL = ("-s", "random-partition", "-s", "megatron", "-s", "aligned", "--evaluations", "50", "--seeds", "2")


def stored(folder: Path) -> dict[tuple[str, int], str]:
    """Committed runs of a store: key and attempt, with when they were started."""
    path = folder / "store.sqlite"
    if not path.exists():
        return {}
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=20) as store:
        try:
            rows = store.execute("SELECT key, attempt, started_at FROM runs").fetchall()
        except sqlite3.OperationalError:  # the table is not there yet
            return {}
    return {(key, attempt): started_at for key, attempt, started_at in rows}


def test_a_suite_gives_a_leaderboard_and_is_not_run_twice(
    answered: Callable[..., Any], typed: Callable[..., Any]
) -> None:
    """The first run makes everything and ranks it; the second makes nothing and says so."""
    first = answered("run", "quick", *SMALL)
    rows = first["leaderboards"][0]["rows"]
    drawn, fixed = ("random-partition", "megatron[hosts=shuffled]"), ("megatron", "aligned")
    assert {row["strategy"] for row in rows} == {*drawn, *fixed}
    n_problems = len(catalogue.suite("quick").problems)
    assert first["runs"] == first["made"] == n_problems * (2 * len(drawn) + len(fixed))  # what is fixed runs once
    assert first["failed"] == 0
    assert [row["mean_rank"] for row in rows] == sorted(row["mean_rank"] for row in rows)
    again = typed("run", "quick", *SMALL)
    assert again.returncode == 0
    assert f"nothing to do: all {first['runs']} runs were done already" in again.stdout
    assert "results/local" in again.stdout


def test_a_dry_run_makes_nothing(answered: Callable[..., Any], tmp_path: Path) -> None:
    """`--dry-run` says how many runs there are and leaves no store."""
    plan = answered("run", "quick", *SMALL, "--dry-run")
    assert plan["to_make"] == plan["runs"] > 0
    assert plan["done"] == 0
    assert not (tmp_path / "results").exists()


def test_problems_are_filtered_by_pattern(answered: Callable[..., Any]) -> None:
    """`-p` narrows the suite to what matches."""
    plan = answered("run", "paper", "-s", "aligned", "-p", "*world*", "--dry-run")
    assert plan["problems"] == plan["runs"] == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["quik"], "unknown suite 'quik'; did you mean 'quick'?"),
        (["none.toml"], "none.toml: no such file"),
        (["quick", "-p", "paper/regionl"], "did you mean"),
        (["quick", "-s", "megatorn"], "did you mean 'megatron'?"),
    ],
)
def test_what_is_mistyped_is_reported(refused: Callable[..., str], arguments: list[str], said: str) -> None:
    """An unknown suite, file, problem or strategy ends with status 2 and the nearest name."""
    assert said in refused("run", *arguments)


def test_kill_9_loses_no_committed_run(tmp_path: Path) -> None:
    """Killed half-way and started again, `run` completes the rest and repeats nothing that was stored."""
    command = [
        SCRIPT, "run", "quick", "-p", "paper/regional", "-s", "random-partition",
        "--evaluations", "10000", "--seeds", "12", "--json",
    ]  # fmt: skip
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, cwd=tmp_path, start_new_session=True, **quiet) as process:
        until = time.monotonic() + 60
        while len(stored(tmp_path / "results/local")) < 3 and time.monotonic() < until and process.poll() is None:
            time.sleep(0.02)
        os.kill(process.pid, signal.SIGKILL)
    before = stored(tmp_path / "results/local")
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=True)
    answer = json.loads(done.stdout)
    after = stored(tmp_path / "results/local")
    assert 3 <= len(before) < answer["runs"]
    assert len(after) == answer["runs"]
    assert answer["made"] == answer["runs"] - len(before)
    assert {key: after[key] for key in before} == before
