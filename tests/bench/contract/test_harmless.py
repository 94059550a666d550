"""Plug-ins that print, fork, change the working directory or seed global generators harm no run but their own."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tasklet_bench.bench.results.store import Store

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="limits hold on Linux only")

MEDDLING = Path(__file__).parent / "meddling.py"
MEDDLERS = ("prints", "forks", "changes_folder", "seeds_global_random")
INNOCENTS = ("random-partition", "neighbourhood-search", "evolution-strategy", "innocent.py:Drawn")
CAMPAIGN = ("run", "paper", "-p", "*/worldwide", "--evaluations", 30, "--seeds", 2, "--json")
RESULT = ["status", "cost_s", "bound_s", "evaluations", "candidate", "curve", "key"]
"""What of a record depends on nothing but the run itself."""

INNOCENT = """
class Drawn:
    \"\"\"Random partitions, the working directory left as it was.\"\"\"

    name = "drawn"

    def search(self, problem, run, rng):
        while not run.exhausted:
            run.evaluate(problem.random(rng))
"""


@pytest.fixture
def innocent_runs(typed: Any, tmp_path: Path) -> Callable[..., tuple[pd.DataFrame, pd.DataFrame]]:
    """Run a campaign of the innocents with others among them; returns the runs of both, in order."""
    (tmp_path / "innocent.py").write_text(INNOCENT)

    def run(out: str, *others: str) -> tuple[pd.DataFrame, pd.DataFrame]:
        entrants = [word for name in (*others, *INNOCENTS) for word in ("-s", name)]
        done = typed(*CAMPAIGN, *entrants, "--out", out)
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)["finished"]
        with Store(tmp_path / out) as store:
            runs = store.runs().set_index(["strategy", "problem", "seed"]).sort_index()
            rows = store.trajectories().groupby("key")[["evaluations", "cost_s", "bound_s"]]
        runs["curve"] = runs["key"].map({key: str(curve.values.tolist()) for key, curve in rows})
        meddling = runs.index.get_level_values("strategy").isin([name.replace("_", "-") for name in MEDDLERS])
        return runs[~meddling], runs[meddling]

    return run


@pytest.mark.slow
def test_runs_beside_meddlers_are_what_they_are_alone(innocent_runs: Any, marked: Any) -> None:
    """Same status, cost, bound, evaluations and candidate, and same trajectory, to the last bit; nothing is left."""
    with marked():
        alone, nobody = innocent_runs("alone")
        beside, meddlers = innocent_runs("beside", *(f"{MEDDLING}:{name}" for name in MEDDLERS))
    assert len(nobody) == 0
    assert len(alone) == 2 * len(INNOCENTS)
    assert len(meddlers) == 2 * len(MEDDLERS)
    assert (meddlers["status"] == "ok").all()
    pd.testing.assert_frame_equal(alone[RESULT], beside[RESULT], check_exact=True)
