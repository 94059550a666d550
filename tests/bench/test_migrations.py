"""What earlier versions stored opens, holds, and is reported as it was; what later ones stored is refused by name."""

from __future__ import annotations

import json
import shutil
import sqlite3
from pathlib import Path

import pandas as pd
import pytest

from tasklet_bench.bench.results.export import export
from tasklet_bench.bench.results.merge import merge, results_at
from tasklet_bench.bench.results.schema import COLUMNS, SCHEMA_VERSION
from tasklet_bench.bench.results.store import Store
from tasklet_bench.bench.results.verify import verify
from tasklet_bench.problems.bad_input import BadInput

FIRST = Path(__file__).parent / "schema_1"
"""A store of schema 1, and the tables that its own version made of it."""


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A folder with a store of schema 1."""
    shutil.copy(FIRST / "store.sqlite", tmp_path)
    return tmp_path


def _schema(folder: Path) -> int:
    db = sqlite3.connect(folder / "store.sqlite")
    try:
        version: int = db.execute("PRAGMA user_version").fetchone()[0]
    finally:
        db.close()
    return version


def test_a_reader_sees_the_present_schema_and_leaves_the_file_as_it_is(old: Path) -> None:
    """Parts and candidates stand where they stand today; every candidate costs what was stored."""
    before = (old / "store.sqlite").read_bytes()
    with Store(old) as store:
        runs = store.runs()
        verified = verify(store)
    assert (verified.checked, verified.mismatches) == (10, ())
    assert set(COLUMNS) <= set(runs.columns)
    for run in runs.to_dict("records"):
        assert set(json.loads(run["parts_s"])) == {"data_parallel_s", "pipeline_s"}
        assert set(json.loads(run["candidate"])) == {"grid"}
    assert _schema(old) == 1
    assert (old / "store.sqlite").read_bytes() == before


def test_a_writer_brings_it_up_to_date_and_loses_no_row(old: Path) -> None:
    """Rows keep their keys, and the file is of the present schema afterwards."""
    db = sqlite3.connect(old / "store.sqlite")
    keys = {row[0] for row in db.execute("SELECT key FROM runs")}
    db.close()
    with Store(old, writing=True) as store:
        assert set(store.runs()["key"]) == keys
        assert len(store.trajectories()["key"].unique()) == len(keys)
    assert _schema(old) == SCHEMA_VERSION
    with Store(old) as store:
        assert verify(store).mismatches == ()


def test_it_is_reported_as_its_own_version_did(old: Path) -> None:
    """The same ranks, excesses, verdicts and scope, to the letter and in their order, among what is said today."""
    from tasklet_bench.bench.commands.boards.results import results_of
    from tasklet_bench.bench.report.markdown import render

    with Store(old) as store:
        text = render(results_of(store))
    before = [line for line in (FIRST / "report.md").read_text("utf-8").splitlines() if line]
    heading, leader, *rest = before
    assert heading.removeprefix("### ") in text
    assert text.startswith(f"## Take {leader.split()[0]}")
    assert len(rest) == 9
    now = iter(text.splitlines())
    assert [line for line in rest if line not in now] == []


def test_an_export_of_schema_1_is_read_and_merged(old: Path, tmp_path: Path) -> None:
    """An export written by the version before makes a store of today."""
    folder = tmp_path / "export"
    folder.mkdir()
    db = sqlite3.connect(old / "store.sqlite")
    with Store(old) as store:
        export(store, folder, "parquet")  # the trajectories, which have not changed
    for name in ("runs", "instances", "suites"):
        pd.read_sql_query(f"SELECT * FROM {name}", db).to_parquet(folder / f"{name}.parquet")
    db.close()
    with results_at(folder) as read:
        assert (verify(read).checked, verify(read).mismatches) == (10, ())
    with Store(tmp_path / "new", writing=True) as store:
        assert merge(store, folder).added == 10


def test_a_newer_schema_is_refused_by_name(old: Path) -> None:
    """With the file, its version, and what this version reads."""
    db = sqlite3.connect(old / "store.sqlite")
    db.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    db.close()
    with pytest.raises(BadInput, match=rf"store\.sqlite: schema version: found {SCHEMA_VERSION + 1}, expected at most"):
        Store(old)
