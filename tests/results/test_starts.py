"""What a known start adds: the page's tables are those of the runs that are published with it."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

from tasklet_bench.bench.commands.boards.results import results_of
from tasklet_bench.bench.results.merge import chains_at, results_at

ROOT = Path(__file__).parents[2]
RUNS = ROOT / "results" / "starts"
PAGE = ROOT / "docs" / "starts.md"


@pytest.fixture(scope="module")
def script() -> ModuleType:
    """The script that writes the tables."""
    spec = importlib.util.spec_from_file_location("starts_table", ROOT / "docs" / "starts_table.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.slow
def test_every_figure_is_recomputed_from_the_export(script: ModuleType) -> None:
    """The tables, written again from the runs, are what stands on the page; and there is one for each budget."""
    text = PAGE.read_text(encoding="utf-8")
    assert script.written(text) == text
    assert len(re.findall(r"^\d+-[a-z-]+, \d+ instances", text, re.M)) == 2


@pytest.mark.slow
def test_the_export_is_whole(script: ModuleType) -> None:
    """Its chain holds, and the runs of both budgets are on all 56 instances of core."""
    [chain] = chains_at(RUNS)
    assert chain.head is not None
    assert chain.faults == ()
    with results_at(RUNS) as store:
        samples = results_of(store).samples
    assert {sample.budget for sample in samples} == {"1000-evaluations", "2-cpu-seconds"}
    assert {len(sample.instances) for sample in samples} == {56}
