"""`demo` shows a leaderboard within seconds of installing: real runs, and next to nothing to compile for them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tasklet_bench.bench.commands.boards.demo import SEEDS, STRATEGIES

DEMO = """
import sys
from tasklet_bench.bench import cli
from tasklet_bench.problems import compiled

own = []
compiled.on_compiling.append(own.append)
sys.argv = ["tasklet-bench", "demo"]
try:
    cli.main()
finally:
    print("compiled by the coordinator:", own, file=sys.stderr)
"""


@pytest.mark.slow
def test_a_leaderboard_from_an_empty_cache(tmp_path: Path) -> None:
    """All entrants have a row, no run fails, and only what scores the instance was compiled: not the strategies.

    That is said while it goes on, and none of it is left to the process that the user waits for.
    """
    cache = tmp_path / "cache"
    cache.mkdir(mode=0o700)
    done = subprocess.run(
        [sys.executable, "-c", DEMO],
        env={**os.environ, "NUMBA_CACHE_DIR": str(cache)},
        capture_output=True,
        text=True,
        timeout=280,
    )
    assert done.returncode == 0, done.stderr
    for name in STRATEGIES:
        assert re.search(rf"^\d+ +{name} ", done.stdout, re.M)
    assert re.search(rf"× {SEEDS} seeds · 0 of \d+ runs failed", done.stdout)
    assert "compiling once for this machine, about" in done.stderr
    assert "compiled by the coordinator: []" in done.stderr
    assert {path.name.partition("-")[0] for path in cache.rglob("*.nbi")} == {"evaluate.score", "evaluate.score_all"}
