"""A campaign that is killed at any moment loses no committed run, repeats none, and leaves no process behind.

`TASKLET_BENCH_KILLS=50` kills it that often, and stretches the campaign accordingly.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from bench.store import Store
from problems.bad_input import BadInput

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="nothing outlives on Linux only")

CAMPAIGN = Path(__file__).parent / "long_campaign.py"
KILLS = int(os.environ.get("TASKLET_BENCH_KILLS", "4"))
RUNS_PER_KILL = 8
"""So that the campaign is still on at the last kill."""
LATEST_KILL_S = 2.5
FINISH_S = 240


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


@pytest.mark.slow
@pytest.mark.timeout(60 + 10 * KILLS)
def test_a_coordinator_killed_at_random_moments_loses_and_repeats_nothing(tmp_path: Path, marked: Any) -> None:
    """Every run stands in the store exactly once, and no child outlives its coordinator by 5 s."""
    runs = RUNS_PER_KILL * KILLS
    moments = random.Random(0)  # noqa: S311 - moments, not secrets
    before = _stored(tmp_path)
    while_on = 0
    for _ in range(KILLS):
        with marked():  # fails if anything is left 5 s after the kill
            process = _started(tmp_path, runs)
            time.sleep(moments.uniform(0.0, LATEST_KILL_S))
            while_on += process.poll() is None
            process.kill()
            process.wait()
        after = _stored(tmp_path)
        assert after["key"].is_unique
        assert before.merge(after, on=["key", "attempt", "started_at"]).shape[0] == len(before)
        before = after
    assert while_on >= KILLS - 1
    with marked():
        assert _started(tmp_path, runs).wait(FINISH_S) == 0
    table = _stored(tmp_path)
    assert len(table) == runs
    assert (table["attempt"] == 1).all()
    assert (table["status"] == "ok").all()
    assert before.merge(table, on=["key", "attempt", "started_at"]).shape[0] == len(before)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_and_sigterm_stop_cleanly(number: signal.Signals, tmp_path: Path, marked: Any) -> None:
    """The campaign ends by itself and at once, with everything stored that was done, and nothing else."""
    with marked():
        process = _started(tmp_path, 400)
        while _stored(tmp_path).empty:
            time.sleep(0.1)
        process.send_signal(number)
        assert process.wait(10) == 0
    table = _stored(tmp_path)
    assert 0 < len(table) < 400
    assert (table["status"] == "ok").all()
