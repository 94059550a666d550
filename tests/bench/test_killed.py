"""A campaign that is killed at any moment loses no committed run, repeats none, and leaves no process behind.

`TASKLET_BENCH_KILLS=50` kills it that often, and stretches the campaign accordingly.
"""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tasklet_bench.bench.results.store import FILE_NAME, Store
from tasklet_bench.problems.bad_input import BadInput

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="nothing outlives on Linux only")

CAMPAIGN = Path(__file__).parent / "long_campaign.py"
KILLS = int(os.environ.get("TASKLET_BENCH_KILLS", "4"))
RUNS_PER_KILL = 20
"""Enough for the campaign to be still on at the last kill."""
LATEST_KILL_S = 0.6
STARTING_S = 2.0
PATIENCE_S = 60


@pytest.fixture(autouse=True)
def hangup_counts() -> Iterator[None]:
    """Let SIGHUP end what a test starts, also where the tests themselves were started to outlive a terminal."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


def _started(folder: Path, runs: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, str(CAMPAIGN), str(folder), str(runs)])


def _stored(folder: Path) -> pd.DataFrame:
    """What is committed, in a store that must be whole; empty where there is none yet."""
    try:
        with Store(folder) as store:
            assert store.is_whole()
            return store.runs()
    except BadInput:
        return pd.DataFrame(columns=["key", "attempt", "started_at"])


def _wait_for_more_than(count: int, folder: Path) -> None:
    """Return when so many records are committed and one more."""
    until = time.monotonic() + PATIENCE_S
    result = 0
    while result <= count and time.monotonic() < until:
        time.sleep(0.02)
        if (folder / FILE_NAME).exists():
            with sqlite3.connect(folder / FILE_NAME) as db:
                tables = db.execute("SELECT count(*) FROM sqlite_master WHERE name = 'runs'").fetchone()[0]
                result = db.execute("SELECT count(*) FROM runs").fetchone()[0] if tables else 0
    assert result > count


@pytest.mark.slow
@pytest.mark.timeout(60 + 2 * PATIENCE_S * KILLS)
def test_a_coordinator_killed_at_random_moments_loses_and_repeats_nothing(tmp_path: Path, marked: Any) -> None:
    """Every run stands in the store exactly once, and no child outlives its coordinator by 5 s.

    Every fourth kill hits the campaign while it starts, the others while runs are on.
    """
    runs = RUNS_PER_KILL * KILLS
    moments = random.Random(0)  # noqa: S311 - moments, not secrets
    before = _stored(tmp_path)
    for kill in range(KILLS):
        with marked():  # fails if anything is left 5 s after the kill
            process = _started(tmp_path, runs)
            if kill % 4 == 3:
                time.sleep(moments.uniform(0.0, STARTING_S))
            else:
                _wait_for_more_than(len(before), tmp_path)
                time.sleep(moments.uniform(0.0, LATEST_KILL_S))
            assert process.poll() is None, "the campaign was over before it was killed"
            process.kill()
            process.wait()
        after = _stored(tmp_path)
        assert after["key"].is_unique
        assert len(before.merge(after, on=["key", "attempt", "started_at"])) == len(before)
        before = after
    with marked():
        assert _started(tmp_path, runs).wait(PATIENCE_S * KILLS) == 0
    table = _stored(tmp_path)
    assert len(table) == runs
    assert (table["attempt"] == 1).all()
    assert (table["status"] == "ok").all()
    assert len(before.merge(table, on=["key", "attempt", "started_at"])) == len(before)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_each_signal_stops_cleanly(number: signal.Signals, tmp_path: Path, marked: Any) -> None:
    """The campaign ends by itself and at once, with everything stored that was done, and nothing else."""
    with marked():
        process = _started(tmp_path, 400)
        _wait_for_more_than(0, tmp_path)
        process.send_signal(number)
        assert process.wait(20) == 0
    table = _stored(tmp_path)
    assert 0 < len(table) < 400
    assert (table["status"] == "ok").all()
