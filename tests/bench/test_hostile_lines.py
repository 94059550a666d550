"""Nothing that a strategy writes or does ends the campaign: each becomes a row, and honest rows stay what they are."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tasklet_bench.bench.campaigns.campaign import Campaign
from tasklet_bench.bench.campaigns.runner import conduct
from tasklet_bench.bench.engines.local import run_all
from tasklet_bench.bench.execution.slot import OVERDUE_S
from tasklet_bench.bench.plugins import entrant, problem_ref
from tasklet_bench.bench.results.store import Store
from tasklet_bench.bench.runs.budget import PREPARE_LIMIT_S, Budget
from tasklet_bench.bench.runs.record import RunRecord
from tasklet_bench.bench.runs.spec import RunSpec
from tasklet_bench.problems.instances import catalogue

pytestmark = [pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Linux only"), pytest.mark.slow]

HOSTILE = f"{Path(__file__).parent / 'hostile_lines.py'}:"
PROBLEM = catalogue.load("generated/uniform?n=16&dp=4&seed=1")
BUDGET = Budget(evaluations=50)
WALL = Budget(wall_s=1.0)

LINES = (
    "evaluations_text", "evaluations_negative", "evaluations_back", "bound_null", "bound_nan", "cost_nan", "cost_rises",
    "wall_null", "exact_list", "grid_text", "labels_text", "candidate_other", "candidate_list", "status_number",
    "status_interrupted", "status_word", "error_list", "evaluations_huge", "evaluations_fraction", "evaluations_over",
    "cpu_text", "cpu_forward", "grid_ragged", "grid_huge", "nested", "prepare_nan", "notice_unknown", "digits",
    "not_utf8", "unmarked_line", "endless_line", "many_lines", "float_labels", "huge_labels", "negative_labels",
)  # fmt: skip
"""What ends as `invalid`."""
OTHERS = {
    "bound_minus_infinity": {"ok"},
    "surrogate_error": {"error"},
    "undecodable_error": {"error"},
    "nul_error": {"error"},
    "escapes_error": {"error"},
    "closes_all": {"crashed"},
    "thread_goes_on": {"ok", "invalid"},
    "many_daemons": {"ok"},
    "raises_limit": {"ok", "error", "oom"},
    "huge_file": {"error"},
    "object_labels": {"ok", "invalid", "error"},
    "interrupts_itself": {"error"},
    "recurses": {"error", "crashed", "oom"},
    "kills_coordinator": {"error"},
}
"""What ends otherwise, with what is right for it."""
STUCK = ("phase_lies", "stops_supervisor", "stops_itself", "kills_server")
"""What would stay for ever."""


def _campaign(names: list[str]) -> Campaign:
    between = [entrant("random-partition"), *(entrant(HOSTILE + name) for name in names), entrant("annealing")]
    return Campaign(
        suite="hostile",
        suite_digest="hostile",
        problems=((problem_ref(PROBLEM), PROBLEM.family),),
        entrants=tuple(between),
        budgets=(BUDGET,),
        seeds=(0,),
        memory_bytes=2**30,
    )


def _conducted(folder: Path, names: list[str]) -> pd.DataFrame:
    with Store(folder, writing=True) as store:
        assert conduct(_campaign(names), store, workers=2).finished
        return store.runs().set_index("strategy")


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory, marked: Any) -> pd.DataFrame:
    """All of them in one campaign, between two honest strategies."""
    with marked():
        return _conducted(tmp_path_factory.mktemp("hostile"), [*LINES, *OTHERS])


@pytest.mark.parametrize("name", [*LINES, *OTHERS])
def test_each_becomes_a_row(name: str, runs: pd.DataFrame) -> None:
    """An `invalid` one where the messages cannot be trusted, with a reason that can be printed."""
    row = runs.loc[name.replace("_", "-")]
    assert row["status"] in OTHERS.get(name, {"invalid"}), row["error"]
    if row["status"] != "ok":
        text = row["error"].replace("\n", "").replace("\t", "")
        assert text.isprintable()
        assert text.encode()


def test_honest_rows_stay_what_they_are(runs: pd.DataFrame, tmp_path: Path) -> None:
    """To the last bit what they are in a campaign of their own."""
    alone = _conducted(tmp_path, [])
    columns = ["key", "status", "cost_s", "bound_s", "evaluations", "candidate"]
    pd.testing.assert_frame_equal(runs.loc[alone.index, columns], alone[columns], check_exact=True)
    assert (alone["status"] == "ok").all()


def _made(names: list[str], marked: Any) -> tuple[dict[str, RunRecord], float]:
    specs = [RunSpec(problem_ref(PROBLEM), entrant(HOSTILE + name), 0, WALL, 2**30) for name in names]
    specs.append(RunSpec(problem_ref(PROBLEM), entrant("random-partition"), 0, BUDGET))
    records: list[RunRecord] = []
    with marked():  # fails if anything is left 5 s after the end
        began = time.monotonic()
        assert run_all(specs, records.append, workers=1)
        elapsed_s = time.monotonic() - began
    return {record.spec.entrant.name.replace("-", "_"): record for record in records}, elapsed_s


def test_what_would_stay_for_ever_is_ended(marked: Any) -> None:
    """A stopped supervisor, a lying phase, a stopped worker: ended after the limit and the grace, with nothing left."""
    records, _ = _made(list(STUCK), marked)
    for name in STUCK:
        assert records[name].status in {"timeout", "crashed"}, records[name].error
        assert records[name].cost_s is not None
        assert records[name].wall_s < WALL.wall_limit_s + OVERDUE_S
    assert records["random_partition"].status == "ok"


def test_a_stopped_fork_server_is_replaced(marked: Any) -> None:
    """The next run that needs a new supervisor gets one from another fork server."""
    records, elapsed_s = _made(["stops_server", "kills_server"], marked)
    assert records["stops_server"].status == "ok"
    assert records["random_partition"].status == "ok"
    assert elapsed_s < PREPARE_LIMIT_S
