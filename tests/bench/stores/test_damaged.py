"""Damaged stores are refused in a sentence by every command, cost no memory, and what failed can be reported."""

from __future__ import annotations

import json
import sqlite3
import time
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tasklet_bench.bench.campaigns.progress import _Standing
from tasklet_bench.bench.results.store import FILE_NAME, Store
from tasklet_bench.bench.runs.record import relative_gap
from tasklet_bench.bench.stats.metrics import excess
from tasklet_bench.problems.bad_input import BadInput
from tests.peak_memory import forget_peak, peak_bytes

COMMANDS = (("verify",), ("report",), ("export",), ("best-known", "--update"))
ENDLESS = (
    "DROP TABLE suites; CREATE VIEW suites AS WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n)"
    " SELECT 's' AS suite, 'd' AS suite_digest, x AS key FROM n"
)
FILES: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda _: b"",
    "text": lambda _: b"not a database\n" * 100,
    "zeros": lambda content: bytes(len(content)),
    "half": lambda content: content[: len(content) // 2],
    "a hundred bytes": lambda content: content[:100],
    "header only": lambda content: content[:16],
    "pages of noise": lambda content: content[:4096] + b"\xa5" * (len(content) - 4096),
    "noise in the first page": lambda content: content[:100] + b"\xa5" * 400 + content[500:],
    "twice": lambda content: content[:5000] + content,
}
EDITS: dict[str, tuple[str, tuple[object, ...]]] = {
    "no table of runs": ("DROP TABLE runs", ()),
    "no table of instances": ("DROP TABLE instances", ()),
    "no table of suites": ("DROP TABLE suites", ()),
    "an endless view": (ENDLESS, ()),
    "another view": ("CREATE VIEW more AS SELECT 1", ()),
    "a trigger": ("CREATE TRIGGER t BEFORE INSERT ON runs BEGIN SELECT RAISE(ABORT, 'no'); END", ()),
    "a column more": ("ALTER TABLE runs ADD COLUMN more TEXT", ()),
    "a column less": ("ALTER TABLE runs DROP COLUMN flags", ()),
    "a renamed column": ("ALTER TABLE runs RENAME COLUMN seed TO grain", ()),
    "a newer schema": ("PRAGMA user_version = 99", ()),
    "a text as seed": ("UPDATE runs SET seed = ?", ("x",)),
    "an unknown status": ("UPDATE runs SET status = ?", ("excellent",)),
    "a text as cost": ("UPDATE runs SET cost_s = ?", ("cheap",)),
    "no bound": ("UPDATE OR IGNORE runs SET bound_s = ?", (b"\x00",)),
    "undecodable text": ("UPDATE runs SET error = CAST(? AS TEXT)", (b"caf\xe9",)),
    "an escape in a name": ("UPDATE runs SET strategy = ?", ("a\x1b[2Jb",)),
    "a name of a million letters": ("UPDATE runs SET problem = ?", ("a" * 1_000_000,)),
    "parts that are no JSON": ("UPDATE runs SET parts_s = ?", ("{",)),
    "parts that are a list": ("UPDATE runs SET parts_s = ?", ("[]",)),
    "parts that are texts": ("UPDATE runs SET parts_s = ?", ('{"a": "b"}',)),
    "a nested candidate": ("UPDATE runs SET candidate = ?", ('{"a":' + "[" * 800 + "]" * 800 + "}",)),
    "a junk trajectory": ("UPDATE trajectories SET rows = ?", (b"junk",)),
    "a half trajectory": ("UPDATE trajectories SET rows = ?", (zlib.compress(bytes(4000))[:-4],)),
    "a trajectory of odd length": ("UPDATE trajectories SET rows = ?", (zlib.compress(bytes(39)),)),
    "a trajectory that unpacks to 400 MB": ("UPDATE trajectories SET rows = ?", (zlib.compress(bytes(400_000_000)),)),
}


@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: words[0])
@pytest.mark.parametrize("kind", [*FILES, *EDITS])
def test_a_damaged_store_is_refused_in_a_sentence(
    kind: str,
    words: tuple[str, ...],
    copied: Callable[[str], Path],
    edited: Callable[..., None],
    tried: Callable[..., Any],
) -> None:
    """Status 2 and a message that names the file, whatever reads it; within seconds and without its memory."""
    folder = copied("store")
    if kind in FILES:
        path = folder / FILE_NAME
        path.write_bytes(FILES[kind](path.read_bytes()))
    else:
        statement, values = EDITS[kind]
        edited(folder, statement, values=values)
    start_s, before = time.process_time(), forget_peak()
    status, said = tried(*words, folder)
    if kind.endswith(("trajectory", "length", "MB")) and words[0] == "best-known":
        return  # which reads none
    assert status == 2, said
    assert str(folder) in said
    assert len(said) < 3000
    assert time.process_time() - start_s < 10
    assert peak_bytes() - before < 300e6


@pytest.mark.parametrize("value", [9e999, -9e999])
def test_a_cost_that_is_not_finite_is_named(
    value: float, copied: Callable[[str], Path], edited: Callable[..., None], tried: Callable[..., Any], made: Path
) -> None:
    """`verify` names every row; nothing is ranked with it."""
    folder = copied("store")
    edited(folder, "UPDATE runs SET cost_s = ?", values=(value,))
    status, said = tried("verify", folder, "--trust", made / "mine.py")
    assert (status, "8 mismatches" in said) == (1, True)
    status, said = tried("report", folder)
    assert (status, "expected a finite number" in said) == (2, True)


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("status", "timeout", "called"),
        ("evaluations", 1000, "evaluations of a budget"),
        ("cpu_s", 0.0, "its trajectory goes on to"),
        ("budget_evaluations", 5, "budget_evaluations is 5"),
        ("gap", 0.5, "its gap is stored as 0.5"),
        ("candidate", None, "without a candidate"),
        ("cost_s", None, "no cost"),
    ],
)
def test_verify_looks_at_more_than_costs(
    column: str,
    value: object,
    said: str,
    copied: Callable[[str], Path],
    edited: Callable[..., None],
    tried: Callable[..., Any],
) -> None:
    """Status, evaluations, clocks, budget and gap of a record have to agree with each other."""
    folder = copied("store")
    if column == "status":
        edited(folder, "UPDATE runs SET proven = 1, status = 'timeout' WHERE seed = 0")
    else:
        edited(
            folder, f"UPDATE runs SET {column} = ? WHERE seed = 0 AND strategy = 'random-partition'", values=(value,)
        )
    status, reported = tried("verify", folder)
    assert status == 1
    assert said in reported


def test_a_false_penalty_is_found(
    copied: Callable[[str], Path], edited: Callable[..., None], tried: Callable[..., Any], made: Path
) -> None:
    """It is what failures are scored by."""
    folder = copied("store")
    edited(folder, "UPDATE instances SET penalty_s = penalty_s / 2 WHERE family = 'ringed'")
    status, said = tried("verify", folder, "--trust", made / "mine.py")
    assert (status, said.count("the penalty of its instance")) == (1, 4)


def _failed(making: ModuleType, folder: Path, *, heal: bool) -> Path:
    """A store in which every run failed without a candidate; `heal` adds one that did not."""
    record = making.make_record("random-partition", making.PROBLEMS[0], 0)
    failed = replace(
        record, status="error", error="it broke", cost_s=None, parts_s={}, exact=None, candidate=None, trajectory=()
    )
    with Store(folder, writing=True) as store:
        store.add_instance(record.spec.problem, making.resolve(making.PROBLEMS[0]).problem)
        store.append(failed)
        store.add_to_suite([record.spec])
        if heal:
            store.append(replace(record, spec=replace(record.spec, attempt=2)))
    return folder


def test_a_store_in_which_every_run_failed_is_reported_and_heals(
    making: ModuleType, tmp_path: Path, tried: Callable[..., Any]
) -> None:
    """With the failure in table and page; a later attempt takes its place."""
    folder = _failed(making, tmp_path / "failed", heal=False)
    status, said = tried("report", folder, "--format", "md")
    assert (status, "1 of 1" in said) == (0, True)
    for words in (("report", folder), ("verify", folder), ("export", folder)):
        assert tried(*words)[0] == 0
    assert tried("verify", tmp_path / "export")[0] == 0
    status, said = tried("report", _failed(making, tmp_path / "healed", heal=True), "--format", "md")
    assert (status, "0 of 1" in said) == (0, True)


def test_an_empty_store_is_reported_as_such(tmp_path: Path, tried: Callable[..., Any]) -> None:
    """By every reader, and its export is one of nothing."""
    Store(tmp_path / "empty", writing=True).close()
    status, said = tried("report", tmp_path / "empty", "--format", "md")
    assert (status, said.strip()) == (0, "No results yet.")
    for words in (("report",), ("verify",), ("export",), ("best-known", "--update")):
        assert tried(*words, tmp_path / "empty")[0] == 0
    assert tried("verify", tmp_path / "export")[0] == 0
    status, said = tried("compare", "a", "b", "--results", tmp_path / "empty")
    assert status == 2


def test_costs_of_0_and_below_have_a_gap_and_an_excess() -> None:
    """A better cost is never a larger gap or excess, and nothing is proven that is not."""
    import numpy as np

    assert relative_gap(-5.0, -10.0) == 0.5
    assert relative_gap(0.0, -1.0) == 1.0
    assert relative_gap(0.0, 0.0) == relative_gap(-3.0, -3.0) == 0.0
    result = excess(np.array([-10.0, -5.0, 0.0, 1.0, 0.0]), np.array([-10.0, -10.0, -10.0, 0.0, 0.0]))
    assert result.tolist() == [0.0, 0.5, 1.0, float("inf"), 0.0]


@pytest.mark.parametrize("cost_s", [-5.0, 0.0, None])
def test_progress_names_a_leader_whatever_the_costs(cost_s: float | None, making: ModuleType) -> None:
    """Below 0, at 0, and where everybody failed."""
    standing = _Standing()
    for strategy in ("aligned", "random-partition"):
        standing.add(replace(making.make_record(strategy, making.PROBLEMS[0], 0), cost_s=cost_s))
    assert "leads on 1 of 1" in standing.leader()


def test_a_commit_that_the_disk_refuses_is_said(copied: Callable[[str], Path]) -> None:
    """As bad input that names the file, with what was there before still there."""
    folder = copied("store")
    with Store(folder, writing=True) as store:
        store._db._connection.execute("PRAGMA max_page_count = 1")
        rows = [("s", "s", f"{number}" * 100) for number in range(1000)]
        with pytest.raises(BadInput, match=r"store\.sqlite: database or disk is full"):
            _write_together(store, rows)
    with Store(folder) as store:
        assert len(store.table("suites")) == 8


def _write_together(store: Store, rows: list[tuple[str, str, str]]) -> None:
    with store.transaction():
        store._db.write_all("INSERT INTO suites VALUES (?, ?, ?)", rows)


def test_a_table_is_taken_in_whole_or_not_at_all(copied: Callable[[str], Path], tried: Callable[..., Any]) -> None:
    """An `import` that fails in its last row leaves the store as it was."""
    folder = copied("store")
    lines = [f"x,generated/uniform?n=6&dp=2&seed=1,{seed},5,100" for seed in range(5)]
    Path("r.csv").write_text("\n".join(["strategy,problem,seed,evaluations,cost", *lines, "x,nowhere,0,5,1"]))
    before = (folder / FILE_NAME).read_bytes()
    assert tried("import", "r.csv", folder)[0] == 2
    with sqlite3.connect(folder / FILE_NAME) as db:
        assert db.execute("SELECT count(*) FROM runs").fetchone() == (8,)
    assert json.dumps(len(before)) == json.dumps((folder / FILE_NAME).stat().st_size)


SHIFTED = """
from ringed import Ringed
from tasklet_bench import Cost

class Shifted(Ringed):
    name = "shifted"
    family = "shifted"
    digest = "{digest}"
    def cost(self, candidate):
        value = super().cost(candidate).total_s {change}
        return Cost(value, {{"all_s": value}})
    judge = cost
    def bound(self):
        return {bound}
"""


def _shifted(folder: Path, change: str, bound: float) -> str:
    """A problem in a file whose costs are others."""
    (folder / "ringed.py").write_bytes((Path(__file__).parents[1] / "ringed.py").read_bytes())
    (folder / "shifted.py").write_text(SHIFTED.format(digest="ab" * 32, change=change, bound=bound))
    return f"{folder / 'shifted.py'}:Shifted"


@pytest.mark.parametrize(("change", "bound"), [("- 100", -200.0), ("* 0", 0.0), ("* 0", -1.0), ("- 1.0", -5.0)])
def test_costs_of_any_sign_are_stored_verified_and_reported(
    change: str, bound: float, making: ModuleType, tmp_path: Path, tried: Callable[..., Any]
) -> None:
    """Negative, zero, and of both signs: in table, page and export, and nothing is called proven that is not."""
    problem = _shifted(tmp_path, change, bound)
    making.make_store(tmp_path / "s", (("random", problem), ("local-search", problem)))
    trust = ("--trust", tmp_path / "shifted.py")
    assert tried("verify", tmp_path / "s", *trust)[0] == 0
    for form in ("html", "md"):
        assert tried("report", tmp_path / "s", "--format", form, *trust)[0] == 0
    assert tried("compare", "random", "local-search", "--results", tmp_path / "s", *trust)[0] == 0
    with Store(tmp_path / "s") as store:
        runs = store.runs()
    assert (runs["proven"] == (runs["cost_s"] <= runs["bound_s"])).all()


@pytest.mark.parametrize("value", ["nan", "inf", "-inf"])
def test_a_cost_that_is_no_number_is_invalid(value: str, tmp_path: Path) -> None:
    """The judge's say is a mismatch, which makes the run `invalid`."""
    from tasklet_bench.bench.execution.rescore import rescore
    from tasklet_bench.bench.plugins import resolve

    problem = resolve(_shifted(tmp_path, f"* float('{value}')", 0.0)).problem
    rescored = rescore(problem, problem.candidate_to_json(problem.decision.check(list(range(12)))), None)
    assert rescored.cost is None
    assert "expected a finite number" in str(rescored.mismatch)


@pytest.mark.slow
def test_files_are_written_before_anything_is_printed(tmp_path: Path) -> None:
    """A reader of the first line alone loses neither the allocation nor the rank map, nor the page."""
    import subprocess
    import sys

    script = Path(sys.executable).parent / "tasklet-bench"
    solve = (
        f"{script} solve paper/regional -s random-partition --evaluations 20 --out a.json --rank-map r.csv | head -1"
    )
    run = f"{script} run -s aligned -p paper/regional --evaluations 20 --seeds 1 --out s | head -1"
    for command in (solve, run):
        subprocess.run(["/bin/sh", "-c", command], cwd=tmp_path, timeout=250, check=False, capture_output=True)
    assert json.loads((tmp_path / "a.json").read_text())["grid"]
    assert (tmp_path / "r.csv").read_text().count("\n") == 65
    assert (tmp_path / "s" / "report.html").stat().st_size > 10_000
    assert sorted(path.name for path in (tmp_path / "s").iterdir()) == ["report.html", FILE_NAME]
