"""What is not the same has not one name: entrants of two files, problems of two files, folders, outputs."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tasklet_bench.bench.results.export import export
from tasklet_bench.bench.results.store import Store
from tasklet_bench.bench.stats.sample import samples

SOURCE = '''
class Mine:
    """Draws at random."""
    name = "mine"
    LENGTH = {length}
    def search(self, problem, run, rng):
        for _ in range(self.LENGTH):
            run.evaluate(problem.random(rng))
'''


def mine(folder: Path, length: int) -> str:
    """A strategy called `mine` in a folder of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "mine.py").write_text(SOURCE.format(length=length))
    return f"{folder}/mine.py:Mine"


def stored(making: ModuleType, folder: Path, *targets: str, **changed: str) -> Store:
    """A store with a run of each target, one after the other, on one problem; entrants changed as given."""
    store = Store(folder, writing=True)
    for target in targets:
        record = making.make_record(target, making.PROBLEMS[0], 0)
        spec = replace(record.spec, entrant=replace(record.spec.entrant, **changed))
        store.add_instance(spec.problem, making.resolve(making.PROBLEMS[0]).problem)
        store.append(replace(record, spec=spec))
        store.add_to_suite([spec])
    return store


def test_two_files_with_one_class_name_are_two_entrants(making: ModuleType, tmp_path: Path) -> None:
    """Named by where they come from, each with its own runs, in the store and in the ranks."""
    with stored(making, tmp_path / "s", mine(tmp_path / "a", 1), mine(tmp_path / "b", 2)) as store:
        runs = store.runs("d")
        assert runs["strategy"].tolist() == ["mine (a/mine.py)", "mine (b/mine.py)"]
        (sample,) = samples(runs)
        assert sample.entrants == ("mine (a/mine.py)", "mine (b/mine.py)")


def test_one_file_that_was_edited_or_moved_is_one_entrant(making: ModuleType, tmp_path: Path) -> None:
    """Of its codes the one stored last counts, whatever a clock said; the same code elsewhere is the same entrant."""
    first = making.make_record(mine(tmp_path / "a", 1), making.PROBLEMS[0], 0)
    second = making.make_record(mine(tmp_path / "a", 2), making.PROBLEMS[0], 0)
    moved = making.make_record(mine(tmp_path / "c", 2), making.PROBLEMS[0], 1)
    with Store(tmp_path / "s", writing=True) as store:
        store.add_instance(first.spec.problem, making.resolve(making.PROBLEMS[0]).problem)
        for record, clock in (
            (first, "2099-01-01T00:00:00.000+00:00"),
            (second, "2026-01-01T00:00:00.000+00:00"),
            (moved, ""),
        ):
            store.append(replace(record, started_at=clock or record.started_at))
            store.add_to_suite([record.spec])
        runs = store.runs("d")
        assert set(runs["strategy"]) == {"mine"}
        (sample,) = samples(runs)
        assert set(sample.runs["code_hash"]) == {second.spec.entrant.code_hash}
        export(store, tmp_path / "export", "parquet")
    from tasklet_bench.bench.results.merge import results_at

    with results_at(tmp_path / "export") as store:
        (sample,) = samples(store.runs("d"))
        assert set(sample.runs["code_hash"]) == {second.spec.entrant.code_hash}


@pytest.mark.parametrize("claims_the_code", [False, True])
def test_nobody_takes_the_name_of_a_strategy_of_the_project(
    claims_the_code: bool, making: ModuleType, tmp_path: Path
) -> None:
    """Not by merged results either: a file's runs are shown with their file, even if they claim the project's code."""
    own = making.make_record("aligned", making.PROBLEMS[0], 0)
    target = mine(tmp_path / "a", 1)
    code = own.spec.entrant.code_hash if claims_the_code else "0" * 64
    with stored(making, tmp_path / "s", target, name="aligned", strategy_name="aligned", code_hash=code) as store:
        assert store.runs()["strategy"].tolist() == ["aligned (mine.py)"]
        store.append(own)
        assert store.runs()["strategy"].tolist() == ["aligned (mine.py)", "aligned"]


def test_two_problems_of_one_name_are_two_instances(
    making: ModuleType, tmp_path: Path, tried: Callable[..., Any]
) -> None:
    """A copied file with a changed link: in tables and pages with its digest, and `import` asks which is meant."""
    from tasklet_bench.bench.commands.boards.results import results_of
    from tasklet_bench.bench.report.page_data import page_data

    content = {"name": "net", "sites": [{"name": "a", "devices": 2}, {"name": "b", "devices": 2}],
               "delay_ms": [[1, 5], [5, 1]], "bandwidth_gbps": [[10, 1], [1, 10]],
               "grid": {"data_parallel": 2, "pipeline_parallel": 2},
               "workload": {"gradient_bytes": 1e9, "activation_bytes": 1e7}}  # fmt: skip
    for name, delay_ms in (("one", 5), ("two", 9)):
        content["delay_ms"] = [[1, delay_ms], [5, 1]]
        Path(f"{name}.json").write_text(json.dumps(content))
    making.make_store(tmp_path / "s", (("aligned", "one.json"), ("aligned", "two.json")), seeds=1)
    with Store(tmp_path / "s") as store:
        runs = store.runs()
        names = [f"net ({digest[:8]})" for digest in runs["problem_digest"]]
        assert runs["problem"].tolist() == names
        assert len(set(names)) == 2
        data = page_data(results_of(store))
        assert sorted(instance["name"] for instance in data["instances"]) == sorted(names)
        assert all("topology" in instance for instance in data["instances"])
    Path("r.csv").write_text("strategy,problem,seed,evaluations,cost\nx,net,0,5,1000\n")
    status, said = tried("import", "r.csv", tmp_path / "s")
    assert (status, all(name in said for name in names)) == (2, True)


def test_folders_of_names_that_differ_in_punctuation_only_are_two(making: ModuleType, tmp_path: Path) -> None:
    """An export for IOHanalyzer keeps both algorithms."""
    stored(making, tmp_path / "s", "random-partition", name="a[b=1]").close()
    store = stored(making, tmp_path / "s", "random-partition", name="a(b=1)", code_hash="0" * 64)
    with store:
        files = export(store, tmp_path / "ioh", "iohprofiler")
    assert len({file.relative_to(tmp_path / "ioh").parts[0] for file in files}) == 2
    assert all(file.is_file() for file in files)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--rank-map", "r.hosts"), "another ending than .hosts"),
        (("--rank-map", "r.csv", "--out", "r.csv"), "which it would overwrite"),
        (("--rank-map", "r.csv", "--out", "r.hosts"), "which it would overwrite"),
        (("--out", "net.json"), "another than that of the problem"),
        (("--start", "s.json", "--out", "./s.json"), "another than that of --start"),
    ],
)
def test_outputs_that_would_overwrite_each_other_are_refused(
    words: tuple[str, ...], said: str, tried: Callable[..., Any], tmp_path: Path
) -> None:
    """Before anything is searched, and with every file as it was."""
    (tmp_path / "net.json").write_text("the problem")
    (tmp_path / "s.json").write_text("the start")
    status, reported = tried("solve", "net.json", *words)
    assert (status, said in reported) == (2, True), reported
    assert sorted(path.name for path in tmp_path.iterdir()) == ["net.json", "s.json"]
    shutil.rmtree(tmp_path)
    tmp_path.mkdir()


@pytest.mark.parametrize("name", ["annealing", "Annealing", "annealing[start=known]", " annealing", "ａnnealing"])
def test_no_plugin_takes_the_name_of_a_strategy_of_the_project(name: str, tmp_path: Path) -> None:
    """In whatever spelling, and with whatever parameters written into it."""
    from tasklet_bench.bench.plugins import entrant
    from tasklet_bench.problems.bad_input import BadInput

    target = mine(tmp_path, 1)
    file = tmp_path / "mine.py"
    file.write_text(file.read_text().replace('"mine"', repr(name)), encoding="utf-8")
    with pytest.raises(BadInput, match="a name of its own"):
        entrant(target)
