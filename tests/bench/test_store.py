"""The store keeps what it is given, gives it back as it was, and takes no for an answer to changes."""

from __future__ import annotations

import gc
import os
import sqlite3
import threading
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from tasklet_bench.bench.plugins import entrant, problem_ref
from tasklet_bench.bench.results.database import open_in_memory
from tasklet_bench.bench.results.export import export, read_export
from tasklet_bench.bench.results.merge import merge, results_at
from tasklet_bench.bench.results.store import FILE_NAME, Store
from tasklet_bench.bench.results.verify import verify
from tasklet_bench.bench.runs.budget import Budget
from tasklet_bench.bench.runs.record import Improvement, RunRecord
from tasklet_bench.bench.runs.spec import ProblemRef, RunSpec
from tasklet_bench.problems.allocation import cost_model
from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.instances import catalogue
from tests.records import build_record

PROBLEM = catalogue.load("paper/regional")


def record(seed: int = 0, *, attempt: int = 1, strategy: str = "random-grid", status: str = "ok") -> RunRecord:
    """A record as a run would give it, of one random grid."""
    problem: ProblemRef = problem_ref(PROBLEM)
    spec = RunSpec(
        problem, entrant(strategy), seed, Budget(evaluations=7), suite="s", suite_digest="d", attempt=attempt
    )
    grid = [[column * 8 + row for column in range(8)] for row in range(8)]
    cost = cost_model.grid_cost(PROBLEM.dp_pair_s, PROBLEM.pp_pair_s, PROBLEM.checked_grid(_allocation(grid)))
    bound_s = PROBLEM.bound()
    rows = [Improvement(1, 0.1, 0.2, cost.total_s + 1, bound_s), Improvement(5, 0.3, 0.4, cost.total_s, bound_s)]
    error = None if status == "ok" else "it broke"
    return build_record(spec, cost.parts_s, {"grid": grid}, rows, status=status, error=error)


def _allocation(grid: list[list[int]]):
    from tasklet_bench.problems.allocation import Allocation

    return Allocation(grid)


@pytest.fixture
def store(tmp_path: Path):
    """A store with three runs of one suite; one of them failed."""
    with Store(tmp_path / "store", writing=True) as opened:
        opened.add_instance(problem_ref(PROBLEM), PROBLEM)
        records = [record(0), record(1), record(2, status="error")]
        for each in records:
            opened.append(each)
        opened.add_to_suite([each.spec for each in records])
        yield opened


def test_a_record_comes_back_as_it_was(store: Store) -> None:
    """Every number to the last bit, in columns of the expected kinds, with the penalty of its instance."""
    given = record(0)
    row = store.runs().set_index("key").loc[given.spec.key]
    for name in ("status", "cost_s", "bound_s", "evaluations", "cpu_s", "gap"):
        assert row[name] == getattr(given, name), name
    assert row["strategy"] == "random-grid"
    assert row["budget"] == "7-evaluations"
    assert row["penalty_s"] == PROBLEM.penalty()
    assert row["proven"] is False or not row["proven"]
    rows = store.trajectories([given.spec.key])
    assert [tuple(values) for values in rows.iloc[:, 2:].itertuples(index=False)] == [
        (r.evaluations, r.cpu_s, r.wall_s, r.cost_s, r.bound_s) for r in given.trajectory
    ]


def test_the_last_attempt_counts(store: Store) -> None:
    """A failed run that was made again shows its new result, and the old row is still there."""
    again = record(2, attempt=2)
    store.append(again)
    assert store.done()[again.spec.key] == (2, "ok")
    assert len(store.runs()) == 3
    assert (store.runs()["status"] == "ok").all()
    assert len(store.table("runs")) == 4
    assert (store.trajectories([again.spec.key])["attempt"] == 2).all()


def test_the_same_attempt_is_not_taken_twice(store: Store) -> None:
    """Key and attempt identify a record."""
    with pytest.raises(sqlite3.IntegrityError):
        store.append(record(0))
    assert len(store.table("runs")) == len(store.table("trajectories")) == 3


@pytest.mark.parametrize("table", ["runs", "trajectories", "instances", "suites"])
def test_nothing_is_ever_changed_or_deleted(table: str, store: Store) -> None:
    """The file itself refuses it, whoever asks."""
    with sqlite3.connect(store.path) as other:
        for statement in (f"DELETE FROM {table}", f"UPDATE {table} SET rowid = rowid"):
            with pytest.raises(sqlite3.IntegrityError, match="only grows"):
                other.execute(statement)


def test_one_writer_many_readers(store: Store) -> None:
    """A second campaign is refused with a message; reading goes on meanwhile."""
    with pytest.raises(BadInput, match="another campaign is writing"):
        Store(store.folder, writing=True)
    with Store(store.folder) as reader:
        assert len(reader.runs()) == 3


def test_what_is_read_is_of_one_moment(store: Store, tmp_path: Path) -> None:
    """What a campaign writes meanwhile is seen by the next reader: rows, their curves and their suite stay together."""
    with results_at(tmp_path / "store") as read:
        runs = read.table("runs")
        store.append(record(7))
        assert set(read.table("trajectories")["key"]) <= set(runs["key"])
        assert len(read.table("runs")) == len(runs)
    with results_at(tmp_path / "store") as read:
        assert len(read.table("runs")) == len(runs) + 1


def test_a_store_is_exported_while_a_campaign_writes_to_it(tmp_path: Path) -> None:
    """Each export can be read again, however many runs come in between one of its tables and the next."""
    ended = threading.Event()

    def campaign() -> None:
        with Store(tmp_path / "store", writing=True) as growing:
            for seed in range(300):
                growing.append(record(seed))
        ended.set()

    with Store(tmp_path / "store", writing=True) as first:
        first.append(record(1000))
    writer = threading.Thread(target=campaign)
    writer.start()
    sizes = []
    while not ended.is_set():
        with Store(tmp_path / "store") as read:
            export(read, tmp_path / "export", "parquet")
        with read_export(tmp_path / "export") as copy:
            sizes.append(len(copy.table("runs")))
    writer.join()
    assert sizes == sorted(sizes)
    assert sizes[-1] > 1


def test_a_run_belongs_to_every_suite_that_has_it(store: Store) -> None:
    """Asked for a suite, the store gives the runs of that suite under its name, whoever made them first."""
    specs = [replace(record(seed).spec, suite="other", suite_digest="o") for seed in (0, 2)]
    store.add_to_suite(specs)
    runs = store.runs("o")
    assert set(runs["key"]) == {spec.key for spec in specs}
    assert set(runs["suite"]) == {"other"}
    assert set(runs["suite_digest"]) == {"o"}
    assert len(store.runs("d")) == 3


@pytest.mark.filterwarnings("error")
def test_rows_left_half_read_end_with_the_store_without_a_word() -> None:
    """An iterator over rows that outlives its database is over: nothing is raised where nobody could catch it."""
    database = open_in_memory("memory")
    rows = database.rows("VALUES (1), (2)")
    assert next(rows) == (1,)
    database.close()
    del rows
    gc.collect()


def test_no_store_and_a_foreign_file_are_said(tmp_path: Path) -> None:
    """A folder without results, and a file of another version, are bad input."""
    with pytest.raises(BadInput, match="no results there"):
        Store(tmp_path)
    with sqlite3.connect(tmp_path / FILE_NAME) as other:
        other.execute("PRAGMA user_version = 99")
    with pytest.raises(BadInput, match="schema version"):
        Store(tmp_path)


def test_an_export_in_parquet_makes_the_same_store_again(store: Store, tmp_path: Path) -> None:
    """Every table, every attempt, every bit; and merging it a second time adds nothing."""
    store.append(record(2, attempt=2))
    store.append(replace(record(3, status="crashed"), cost_s=None, candidate=None, exact=None, trajectory=()))
    export(store, tmp_path / "export", "parquet")
    with Store(tmp_path / "again", writing=True) as again:
        assert merge(again, tmp_path / "export").added == 5
        for name in ("runs", "trajectories", "instances", "suites"):
            pd.testing.assert_frame_equal(again.table(name), store.table(name))
        assert merge(again, tmp_path / "export").added == 0


def test_a_value_that_is_not_there_is_damage() -> None:
    """What a store lists and cannot give is refused in a sentence that names it."""
    with pytest.raises(BadInput, match=r"memory: damaged.*cannot be read"):
        open_in_memory("memory").value("SELECT 1 WHERE 0")


def test_a_store_without_runs_adds_none(store: Store, tmp_path: Path) -> None:
    """Merging what is empty, instances and suites aside, is no fault and no change."""
    with Store(tmp_path / "other", writing=True) as other:
        other.add_instance(problem_ref(PROBLEM), PROBLEM)
    assert merge(store, tmp_path / "other").added == 0


def test_a_folder_of_odd_bytes_holds_a_store(tmp_path: Path) -> None:
    """A name that is no text in any encoding is a place like others, to write and to read."""
    folder = Path(os.fsdecode(bytes(tmp_path) + b"/\xff"))
    with Store(folder, writing=True) as writing:
        writing.append(record())
    with Store(folder) as reading:
        assert len(reading.runs()) == 1


def test_merging_keeps_the_first_and_lists_the_clash(store: Store, tmp_path: Path) -> None:
    """What both have with another result is listed and stays; what only the other has is added."""
    changed = record(1)
    with Store(tmp_path / "other", writing=True) as other:
        other.append(replace(changed, cost_s=changed.cost_s + 1))
        other.append(replace(record(0), cpu_s=9.0))
        other.append(record(4))
    merged = merge(store, tmp_path / "other")
    assert merged.added == 1
    assert len(merged.clashes) == 1
    assert "seed 1" in merged.clashes[0]
    assert store.runs().set_index("key").loc[changed.spec.key, "cost_s"] == changed.cost_s
    assert len(store.runs()) == 4


def test_csv_holds_every_run(store: Store, tmp_path: Path) -> None:
    """The table can be read without this project."""
    export(store, tmp_path, "csv")
    assert len(pd.read_csv(tmp_path / "runs.csv")) == 3
    assert len(pd.read_csv(tmp_path / "trajectories.csv")) == 6


def test_an_unknown_format_is_refused(store: Store, tmp_path: Path) -> None:
    """The nearest known format is named."""
    with pytest.raises(BadInput, match="parquet"):
        export(store, tmp_path, "parket")


def test_verify_agrees_with_what_runs_say(store: Store) -> None:
    """Records as they come hold."""
    result = verify(store)
    assert (result.checked, result.mismatches, result.without_allocation, result.whole) == (3, (), 0, True)
    assert verify(store, sample=2).checked == 2


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("cost_s", 1.0, "the cost was reported as 1.0"),
        ("parts_s", {"data_parallel_s": 4.62, "pipeline_s": 1.0}, "pipeline_s is stored as"),
        ("bound_s", 1e9, "above its cost"),
        ("candidate", {"grid": [[0] * 8] * 8}, "no solution"),
        ("candidate", {"grid": [[0, 1], [2, 3]]}, "no solution"),
        ("trajectory", (), "no trajectory"),
        ("trajectory", (Improvement(1, 0.0, 0.0, 1.0, 0.0), Improvement(2, 0.0, 0.0, 2.0, 0.0)), "rises"),
        ("trajectory", (Improvement(1, 0.0, 0.0, 1.0, 0.0),), "trajectory ends at 1.0"),
    ],
)
def test_verify_finds_each_kind_of_untruth(field: str, value: object, said: str, store: Store) -> None:
    """A record that does not hold is named, with what is wrong."""
    store.append(replace(record(9), **{field: value}))
    result = verify(store)
    assert result.checked == 4
    assert len(result.mismatches) == 1
    assert "seed 9" in result.mismatches[0]
    assert said in result.mismatches[0]


def test_verify_finds_a_false_proof(store: Store) -> None:
    """Proven means a gap of at most 1e-6, whatever the record says."""

    class Boastful(RunRecord):
        """Says that it is proven."""

        proven = True

    store.append(Boastful(**record(9).__dict__))
    (said,) = verify(store).mismatches
    assert "called proven" in said


def test_verify_finds_an_instance_that_has_changed(tmp_path: Path) -> None:
    """A problem file that no longer gives the digest of its records is said."""
    with Store(tmp_path, writing=True) as store:
        other = record(0)
        ref = ProblemRef("paper/worldwide", other.spec.problem.digest)
        store.add_instance(ref, PROBLEM)
        store.append(other)
        (said,) = verify(store).mismatches
    assert "cannot be had" in said
