"""An export is the old one or the new one, names rows that were edited, and is taken in whole or not at all."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pandas as pd
import pytest

from tasklet_bench.bench.results.chain import head_of
from tasklet_bench.bench.results.export import export
from tasklet_bench.bench.results.merge import chains_at, merge, results_at
from tasklet_bench.bench.results.store import Store
from tasklet_bench.problems.bad_input import BadInput

KILLS = int(os.environ.get("TASKLET_BENCH_KILLS", "4"))
EXPORT = """
import sys; from pathlib import Path
from tasklet_bench.bench.results.export import export
from tasklet_bench.bench.results.store import Store
with Store(Path(sys.argv[1])) as store:
    store.runs(); print(flush=True)
    while True: export(store, Path(sys.argv[2]), "parquet")
"""


@pytest.mark.slow
@pytest.mark.timeout(120 + 60 * KILLS)
def test_an_export_that_is_killed_is_the_old_one_or_the_new_one(making: ModuleType, made: Path, tmp_path: Path) -> None:
    """At whatever moment; `TASKLET_BENCH_KILLS=50` tries so many. The next export leaves no draft of the killed one."""
    making.make_store(tmp_path / "other", (("aligned", making.PROBLEMS[0]),))
    heads = set()
    for name in (made / "store", tmp_path / "other"):
        with Store(name) as store:
            export(store, tmp_path / "heads", "parquet")
        heads.add(head_of(tmp_path / "heads"))
    folder = tmp_path / "export"
    shutil.copytree(made / "export", folder)
    moments = random.Random(0)  # noqa: S311 - moments, not secrets
    for kill in range(KILLS):
        store_path = (tmp_path / "other", made / "store")[kill % 2]
        process = subprocess.Popen(
            [sys.executable, "-c", EXPORT, str(store_path), str(folder)], stdout=subprocess.PIPE, start_new_session=True
        )
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(moments.uniform(0, 0.5))
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        (chain,) = chains_at(folder)
        assert chain.head in heads
        assert chain.faults == ()
    with Store(made / "store") as store:
        export(store, folder, "parquet")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["export", "heads", "other"]


def test_what_else_is_in_a_folder_stays(made: Path, tmp_path: Path) -> None:
    """A note, and a folder of somebody's own; the files of the export are replaced."""
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "mine.txt").write_text("mine")
    with Store(made / "store") as store:
        for _ in range(2):
            export(store, tmp_path, "parquet")
            export(store, tmp_path, "csv")
    assert (tmp_path / "notes" / "mine.txt").read_text() == "mine"
    (chain,) = chains_at(tmp_path)
    assert (chain.head, chain.faults) == (head_of(made / "export"), ())


@pytest.mark.parametrize(
    ("table", "column", "said"),
    [
        ("runs", "cpu_s", "random-partition on generated/uniform?n=8&dp=2&seed=1, seed 0, 10-evaluations: was edited"),
        ("trajectories", "wall_s", "seed 0, 10-evaluations: was edited"),
        ("instances", "penalty_s", "instances"),
        ("suites", "suite", "suites"),
    ],
)
def test_an_edited_row_is_named_and_not_taken_in(
    table: str, column: str, said: str, copied: Callable[[str], Path], tried: Callable[..., Any], tmp_path: Path
) -> None:
    """By `verify` with status 1, and by `merge`, which takes nothing in then."""
    folder = copied("export")
    path = folder / f"{table}.parquet"
    rows = pd.read_parquet(path)
    rows.loc[0, column] = "other" if column == "suite" else rows.loc[0, column] * 1.01  # type: ignore[assignment]
    rows.to_parquet(path)
    status, reported = tried("verify", folder)
    assert status == 1
    assert said in reported
    assert "1 rows do not hold" in reported
    with Store(tmp_path / "into", writing=True) as store:
        with pytest.raises(BadInput, match="nothing is taken in"):
            merge(store, folder, trusted=[])
        assert len(store.runs()) == 0
        assert len(store.table("instances")) == 0


def test_added_and_dropped_rows_are_named(copied: Callable[[str], Path]) -> None:
    """Each as what it is; a whole chain, another order of rows too."""
    folder = copied("export")
    path = folder / "runs.parquet"
    rows = pd.read_parquet(path)
    rows.iloc[1:].to_parquet(path)
    (chain,) = _chains_without_strays(folder)
    assert [fault.rpartition(": ")[2] for fault in chain.faults] == ["was dropped since the export was written"]
    twice = pd.concat([rows, rows.iloc[:1].assign(attempt=2)], ignore_index=True)
    twice.to_parquet(path)
    (chain,) = chains_at(folder)
    assert ["was added" in fault for fault in chain.faults] == [True]
    rows.iloc[::-1].to_parquet(path)
    (chain,) = chains_at(folder)
    assert ["another order" in fault for fault in chain.faults] == [True]


def _chains_without_strays(folder: Path) -> Any:
    """The chains after the trajectories of dropped runs are dropped as well, without which the export is refused."""
    with pytest.raises(BadInput, match=r"trajectories\.parquet"):
        chains_at(folder)
    keys = pd.read_parquet(folder / "runs.parquet")["key"]
    curves = pd.read_parquet(folder / "trajectories.parquet")
    whole = curves.copy()
    curves[curves["key"].isin(keys)].to_parquet(folder / "trajectories.parquet")
    result = chains_at(folder)
    whole.to_parquet(folder / "trajectories.parquet")
    return result


def test_a_head_that_was_published_vouches_for_the_rows(
    made: Path, copied: Callable[[str], Path], tried: Callable[..., Any]
) -> None:
    """Whoever edits a row and makes a new chain has another head."""
    folder, head = copied("export"), head_of(made / "export")
    words = ("verify", folder, "--trust", made / "mine.py", "--head")
    assert tried(*words, head)[0] == 0
    assert tried(*words, "0" * 64)[0] == 1
    assert tried("verify", made / "store", "--head", head)[0] == 2


def test_an_export_of_earlier_versions_has_no_chain_and_is_read(
    made: Path, copied: Callable[[str], Path], tried: Callable[..., Any]
) -> None:
    """Which is said; it is verified and merged all the same."""
    folder = copied("export")
    (folder / "chain.csv").unlink()
    status, said = tried("verify", folder, "--trust", made / "mine.py")
    assert (status, "no chain" in said) == (0, True)
    assert tried("merge", folder, "into", "--trust", made / "mine.py") == (0, "8 runs added, 0 clashes\n")


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("cost_s", 1.0, "the cost was reported as 1.0"),
        ("cost_s", float("inf"), "inf"),
        ("status", "excellent", "status: found 'excellent'"),
        ("seed", "x", "seed: found 'x', expected a whole number"),
        ("evaluations", 11, "11 evaluations of a budget of 10"),
        ("evaluations", -5, "evaluations: found -5, expected at least 0"),
        ("cpu_s", -1.0, "cpu_s is -1.0"),
        ("wall_s", 1e-9, "its trajectory goes on to"),
        ("proven", 1, "called proven"),
        ("strategy", "a\x1b[2Jb", "printable"),
    ],
)
def test_an_export_that_does_not_hold_is_taken_in_not_at_all(
    column: str, value: object, said: str, copied: Callable[[str], Path], made: Path, tmp_path: Path
) -> None:
    """One false row of eight, without a chain to say so: a refusal, and the store stays as it was."""
    folder = copied("export")
    (folder / "chain.csv").unlink()
    rows = pd.read_parquet(folder / "runs.parquet")
    cells = rows[column].tolist()
    rows[column] = [*cells[:-1], value] if not isinstance(value, str) else [*map(str, cells[:-1]), value]
    rows.to_parquet(folder / "runs.parquet")
    with Store(tmp_path / "into", writing=True) as store:
        with pytest.raises(BadInput) as refusal:
            merge(store, folder, trusted=[made / "mine.py"])
        assert said in str(refusal.value)
        assert [len(store.table(name)) for name in ("runs", "trajectories", "instances", "suites")] == [0, 0, 0, 0]


def test_an_export_without_a_column_or_with_another_is_refused_by_name(copied: Callable[[str], Path]) -> None:
    """No name of a column reaches SQLite."""
    folder = copied("export")
    rows = pd.read_parquet(folder / "runs.parquet")
    rows.drop(columns="cost_s").to_parquet(folder / "runs.parquet")
    with pytest.raises(BadInput, match="columns of runs: found no cost_s"), results_at(folder):
        pass
    rows.rename(columns={"suite": "suite, suite_digest, key) SELECT 1 --"}).to_parquet(folder / "runs.parquet")
    with pytest.raises(BadInput, match="SELECT 1 -- beyond and no suite"), results_at(folder):
        pass
