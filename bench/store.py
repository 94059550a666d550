"""The store: every record of every run, in one SQLite file that only ever grows.

One writer at a time (a lock file sees to it), any number of readers, also while a campaign runs. A record is committed
to disk before the next is taken. Rows are never changed or deleted: a run that is made again is another attempt, and
the last attempt counts.
"""

from __future__ import annotations

import fcntl
import sqlite3
import sys
import zlib
from array import array
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import astuple, fields
from pathlib import Path
from types import TracebackType
from typing import IO, TYPE_CHECKING, Any, Self

from bench.keys import canonical_json
from bench.record import Improvement, ProblemRef, RunRecord, RunSpec
from problems.bad_input import BadInput

if TYPE_CHECKING:
    import pandas as pd

SCHEMA_VERSION = 1
FILE_NAME = "store.sqlite"
OWN_FILES = (FILE_NAME, f"{FILE_NAME}-wal", f"{FILE_NAME}-shm", f"{FILE_NAME}.lock")

_COLUMNS: dict[str, str] = {
    "key": "TEXT NOT NULL",
    "attempt": "INTEGER NOT NULL",
    "suite": "TEXT NOT NULL",
    "suite_digest": "TEXT NOT NULL",
    "problem": "TEXT NOT NULL",
    "problem_digest": "TEXT NOT NULL",
    "strategy": "TEXT NOT NULL",
    "strategy_name": "TEXT NOT NULL",
    "strategy_version": "TEXT NOT NULL",
    "code_hash": "TEXT NOT NULL",
    "target": "TEXT NOT NULL",
    "parameters": "TEXT NOT NULL",
    "seed": "INTEGER NOT NULL",
    "budget": "TEXT NOT NULL",
    "budget_evaluations": "INTEGER",
    "budget_cpu_s": "REAL",
    "budget_wall_s": "REAL",
    "memory_bytes": "INTEGER NOT NULL",
    "status": "TEXT NOT NULL",
    "error": "TEXT",
    "cost_s": "REAL",
    "data_parallel_s": "REAL",
    "pipeline_s": "REAL",
    "exact": "INTEGER",
    "bound_s": "REAL NOT NULL",
    "gap": "REAL",
    "proven": "INTEGER NOT NULL",
    "evaluations": "INTEGER NOT NULL",
    "self_counted": "INTEGER NOT NULL",
    "cpu_s": "REAL NOT NULL",
    "wall_s": "REAL NOT NULL",
    "prepare_s": "REAL",
    "meter_s": "REAL NOT NULL",
    "peak_memory_bytes": "INTEGER",
    "timing_mode": "TEXT NOT NULL",
    "machine": "TEXT NOT NULL",
    "versions": "TEXT NOT NULL",
    "started_at": "TEXT NOT NULL",
    "allocation": "TEXT",
}
"""Columns of `runs`, the same in the table and in the data frame; the frame has `penalty_s` as well."""

_SCHEMA = f"""
CREATE TABLE runs ({", ".join(f"{name} {kind}" for name, kind in _COLUMNS.items())}, PRIMARY KEY (key, attempt));
CREATE TABLE trajectories (key TEXT NOT NULL, attempt INTEGER NOT NULL, rows BLOB NOT NULL, PRIMARY KEY (key, attempt));
CREATE TABLE instances (digest TEXT PRIMARY KEY, name TEXT NOT NULL, content TEXT, penalty_s REAL NOT NULL);
CREATE TABLE suites (suite TEXT NOT NULL, suite_digest TEXT NOT NULL, key TEXT NOT NULL,
    PRIMARY KEY (suite_digest, key));
{
    "".join(
        f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
        "BEGIN SELECT RAISE(ABORT, 'the store only grows'); END;"
        for table in ("runs", "trajectories", "instances", "suites")
        for verb in ("UPDATE", "DELETE")
    )
}
PRAGMA user_version = {SCHEMA_VERSION};
"""


class Store:
    """An open store in a folder. Raises `BadInput` if it cannot be read, or if another campaign is writing to it."""

    def __init__(self, folder: Path, *, writing: bool = False) -> None:
        self.folder = folder
        self.path = folder / FILE_NAME
        self._lock: IO[str] | None = None
        if writing:
            folder.mkdir(parents=True, exist_ok=True)
            self._lock = _locked(folder / f"{FILE_NAME}.lock")
        elif not self.path.is_file():
            raise BadInput(f"{folder}: no results there (no {FILE_NAME})")
        self._db = sqlite3.connect(self.path, isolation_level=None, timeout=30.0)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = FULL")
        self._check_schema(create=writing)

    def append(self, record: RunRecord) -> None:
        """Commit one record to disk."""
        row = _row(record)
        marks = ", ".join("?" * len(row))
        trajectory = (record.spec.key, record.spec.attempt, _packed(record.trajectory))
        with self._transaction():
            self._db.execute(f"INSERT INTO runs ({', '.join(row)}) VALUES ({marks})", list(row.values()))  # noqa: S608
            self._db.execute("INSERT INTO trajectories VALUES (?, ?, ?)", trajectory)

    def add_instance(self, problem: ProblemRef, penalty_s: float) -> None:
        """Keep an instance with its penalty; one that is known already stays as it is."""
        values = (problem.digest, problem.name, problem.content, penalty_s)
        with self._transaction():
            self._db.execute("INSERT OR IGNORE INTO instances VALUES (?, ?, ?, ?)", values)

    def add_to_suite(self, specs: Iterable[RunSpec]) -> None:
        """Note which suite runs belong to; one run may belong to several."""
        values = [(spec.suite, spec.suite_digest, spec.key) for spec in specs]
        with self._transaction():
            self._db.executemany("INSERT OR IGNORE INTO suites VALUES (?, ?, ?)", values)

    def penalties(self) -> dict[str, float]:
        """Penalty of each known instance (in seconds), by digest."""
        return dict(self._db.execute("SELECT digest, penalty_s FROM instances"))

    def instances(self) -> dict[str, ProblemRef]:
        """The instances with enough to load them, by digest."""
        rows = self._db.execute("SELECT name, digest, content FROM instances")
        return {row[1]: ProblemRef(*row) for row in rows}

    def done(self) -> dict[str, tuple[int, str]]:
        """Last attempt and its status, of each key that has a record."""
        rows = self._db.execute("SELECT key, max(attempt), status FROM runs GROUP BY key")
        return {key: (attempt, status) for key, attempt, status in rows}

    def runs(self, suite_digest: str | None = None) -> pd.DataFrame:
        """One row per key with its last attempt: all of them, or those of one suite, under its name."""
        import pandas as pd

        last = "SELECT runs.*, max(attempt) FROM runs GROUP BY key"
        chosen = ["runs." + name for name in _COLUMNS]
        source, values = f"({last}) AS runs", []
        if suite_digest is not None:
            source += " JOIN suites ON suites.key = runs.key AND suites.suite_digest = ?"
            values = [suite_digest]
            chosen = [name.replace("runs.suite", "suites.suite") for name in chosen]
        query = f"SELECT {', '.join(chosen)}, penalty_s FROM {source} LEFT JOIN instances ON digest = problem_digest"  # noqa: S608
        frame = pd.DataFrame(self._db.execute(query, values).fetchall(), columns=[*_COLUMNS, "penalty_s"])
        for name in ("proven", "self_counted"):
            frame[name] = frame[name].astype(bool)
        frame["exact"] = frame["exact"].astype("boolean")
        return frame.sort_values(["started_at", "key"], ignore_index=True)

    def trajectories(self, keys: Iterable[str] | None = None) -> pd.DataFrame:
        """Every improvement of the last attempt of each key: key, attempt, and the fields of `Improvement`."""
        import numpy as np
        import pandas as pd

        wanted = None if keys is None else set(keys)
        rows = self._db.execute("SELECT key, max(attempt), rows FROM trajectories GROUP BY key")
        picked = [(key, attempt, _unpacked(blob)) for key, attempt, blob in rows if wanted is None or key in wanted]
        lengths = [len(table) // len(_FIELDS) for _, _, table in picked]
        values = np.concatenate([np.array(table) for _, _, table in picked]) if picked else np.empty(0)
        frame = pd.DataFrame(values.reshape(-1, len(_FIELDS)), columns=list(_FIELDS)).astype({"evaluations": "int64"})
        frame.insert(0, "key", np.repeat(np.array([key for key, _, _ in picked], dtype=object), lengths))
        frame.insert(1, "attempt", np.repeat(np.array([attempt for _, attempt, _ in picked], dtype="int64"), lengths))
        return frame

    def is_whole(self) -> bool:
        """Whether SQLite finds the file intact."""
        return self._db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]

    def close(self) -> None:
        """Close the file and let another writer in."""
        self._db.close()
        if self._lock is not None:
            self._lock.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def _check_schema(self, *, create: bool) -> None:
        version = self._db.execute("PRAGMA user_version").fetchone()[0]
        if version == 0 and create:
            self._db.executescript(f"BEGIN; {_SCHEMA} COMMIT;")
        elif version != SCHEMA_VERSION:
            raise BadInput.at(str(self.path), "schema version", version, str(SCHEMA_VERSION))


_FIELDS = tuple(field.name for field in fields(Improvement))


def _row(record: RunRecord) -> dict[str, Any]:
    """A record as a row of `runs`, in the order of its columns."""
    spec = record.spec
    entrant, budget = spec.entrant, spec.budget
    named = {
        **{name: getattr(record, name) for name in _COLUMNS if hasattr(record, name)},
        "key": spec.key,
        "attempt": spec.attempt,
        "suite": spec.suite,
        "suite_digest": spec.suite_digest,
        "problem": spec.problem.name,
        "problem_digest": spec.problem.digest,
        "strategy": entrant.name,
        "strategy_name": entrant.strategy_name,
        "strategy_version": entrant.strategy_version,
        "code_hash": entrant.code_hash,
        "target": entrant.target,
        "parameters": canonical_json(entrant.parameters),
        "seed": spec.seed,
        "budget": budget.name,
        "budget_evaluations": budget.evaluations,
        "budget_cpu_s": budget.cpu_s,
        "budget_wall_s": budget.wall_s,
        "memory_bytes": spec.memory_bytes,
        "timing_mode": "alone" if spec.timing else "shared",
        "versions": canonical_json(record.versions),
        "allocation": None if record.allocation is None else canonical_json(record.allocation),
    }
    return {name: named[name] for name in _COLUMNS}


def _packed(trajectory: Iterable[Improvement]) -> bytes:
    """A trajectory as compressed little-endian float64, row after row in the order of `Improvement`'s fields."""
    values = array("d", (value for row in trajectory for value in astuple(row)))
    if sys.byteorder == "big":
        values.byteswap()
    return zlib.compress(values.tobytes())


def _unpacked(blob: bytes) -> array[float]:
    values = array("d", zlib.decompress(blob))
    if sys.byteorder == "big":
        values.byteswap()
    return values


def _locked(path: Path) -> IO[str]:
    file = path.open("w")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        raise BadInput(
            f"{path.parent}: another campaign is writing there; wait for it, or choose another --out"
        ) from None
    return file
