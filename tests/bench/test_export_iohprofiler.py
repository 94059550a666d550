"""The export for IOHanalyzer holds what its readers ask for, and the curves as they were."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tasklet_bench.bench.campaigns.campaign import Campaign
from tasklet_bench.bench.campaigns.runner import conduct
from tasklet_bench.bench.plugins import entrant, problem_ref
from tasklet_bench.bench.results.export import export
from tasklet_bench.bench.results.store import Store
from tasklet_bench.bench.runs.budget import Budget
from tasklet_bench.problems.instances import catalogue

REQUIRED = {"version", "suite", "function_id", "function_name", "maximization", "algorithm", "attributes", "scenarios"}


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory):
    """A small campaign: its exported files and its table of runs."""
    folder = tmp_path_factory.mktemp("ioh")
    problems = [catalogue.load(name) for name in ("paper/worldwide", "measured/gcp4-hivemind-32")]
    campaign = Campaign(
        suite="s",
        suite_digest="d",
        problems=tuple((problem_ref(problem), problem.family) for problem in problems),
        entrants=(entrant("random-grid"), entrant("megatron[hosts=shuffled]")),
        budgets=(Budget(evaluations=60),),
        seeds=(0, 1, 2),
    )
    with Store(folder / "store", writing=True) as store:
        conduct(campaign, store)
        files = export(store, folder / "ioh", "iohprofiler")
        return files, store.runs()


def _blocks(path: Path) -> list[list[tuple[int, float]]]:
    """Runs of a data file, as readers find them: a new one begins with a header, and with evaluation 1."""
    runs: list[list[tuple[int, float]]] = []
    for line in path.read_text().splitlines():
        first, second = line.split(" ")
        if first == "evaluations":
            assert second == "raw_y"
            runs.append([])
        else:
            runs[-1].append((int(first), float(second)))
    assert all(run[0][0] == 1 for run in runs)
    return runs


def test_one_meta_file_per_algorithm_and_function(exported) -> None:
    """With all the keys that readers want, and the data file that it names beside it."""
    files, _ = exported
    metas = [path for path in files if path.suffix == ".json"]
    assert len(metas) == 4
    numbers: dict[Any, Any] = {}
    for path in metas:
        meta = json.loads(path.read_text())
        assert set(meta) >= REQUIRED
        assert set(meta["algorithm"]) == {"name", "info"}
        assert meta["maximization"] is False
        (scenario,) = meta["scenarios"]
        assert (path.parent / scenario["path"]).is_file()
        assert len(scenario["runs"]) == len(_blocks(path.parent / scenario["path"])) == 3
        assert numbers.setdefault(meta["function_id"], meta["function_name"]) == meta["function_name"]
        for run in scenario["runs"]:
            assert len(run["best"]["x"]) == scenario["dimension"]
            assert run["best"]["evals"] <= run["evals"]
    assert len(set(numbers.values())) == 2


def test_the_curves_are_those_of_the_store(exported) -> None:
    """Improvement by improvement, to the ten decimals of the format; then a row where the run ended."""
    files, runs = exported
    result = sorted(block[-1][1] for path in files if path.suffix == ".dat" for block in _blocks(path))
    assert result == pytest.approx(sorted(runs["cost_s"]), abs=1e-9)
    for path in files:
        if path.suffix != ".dat":
            continue
        for block in _blocks(path):
            costs_s = [cost_s for _, cost_s in block]
            assert costs_s == sorted(costs_s, reverse=True)
            assert [n for n, _ in block] == sorted({n for n, _ in block})
            assert block[-1][0] in set(runs["evaluations"])
