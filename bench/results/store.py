"""The store: every record of every run, in one SQLite file that only ever grows.

One writer at a time (a lock file sees to it), any number of readers, also while a campaign runs. A record is committed
to disk before the next is taken. Rows are never changed or deleted: a run that is made again is another attempt, and
the last attempt counts.
"""

from __future__ import annotations

import fcntl
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import IO, TYPE_CHECKING, Self

from tasklet_bench.bench.results.migrations import migrate
from tasklet_bench.bench.results.schema import COLUMNS, FIELDS, SCHEMA, SCHEMA_VERSION, TABLES, packed, row_of, unpacked
from tasklet_bench.bench.runs.canonical import canonical_json
from tasklet_bench.bench.runs.record import RunRecord
from tasklet_bench.bench.runs.spec import ProblemRef, RunSpec
from tasklet_bench.problems.bad_input import BadInput

if TYPE_CHECKING:
    import pandas as pd

    from tasklet_bench.problems.problem import Problem

FILE_NAME = "store.sqlite"
OWN_FILES = (FILE_NAME, f"{FILE_NAME}-wal", f"{FILE_NAME}-shm", f"{FILE_NAME}.lock")


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
        self._db = _connect(self.path)
        self._check_schema(create=writing)

    def append(self, record: RunRecord) -> None:
        """Commit one record to disk."""
        row = row_of(record)
        marks = ", ".join("?" * len(row))
        trajectory = (record.spec.key, record.spec.attempt, packed(record.trajectory))
        with self._transaction():
            self._db.execute(f"INSERT INTO runs ({', '.join(row)}) VALUES ({marks})", list(row.values()))  # noqa: S608
            self._db.execute("INSERT INTO trajectories VALUES (?, ?, ?)", trajectory)

    def add_instance(self, ref: ProblemRef, problem: Problem) -> None:
        """Keep an instance with its penalty, facts and kinds; one that is known already stays as it is."""
        values = (
            ref.digest,
            ref.name,
            ref.content,
            problem.penalty(),
            problem.family,
            canonical_json(dict(problem.facts())),
            canonical_json(dict(problem.kinds())),
        )
        with self._transaction():
            self._db.execute("INSERT OR IGNORE INTO instances VALUES (?, ?, ?, ?, ?, ?, ?)", values)

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
        """One row per key with its last attempt, as they were stored: all, or those of one suite, under its name."""
        import pandas as pd

        last = "SELECT runs.*, max(attempt), rowid AS place FROM runs GROUP BY key"
        chosen = ["runs." + name for name in COLUMNS]
        source, values = f"({last}) AS runs", []
        if suite_digest is not None:
            source += " JOIN suites ON suites.key = runs.key AND suites.suite_digest = ?"
            values = [suite_digest]
            chosen = [name.replace("runs.suite", "suites.suite") for name in chosen]
        query = f"SELECT {', '.join(chosen)}, penalty_s FROM {source} LEFT JOIN instances ON digest = problem_digest"  # noqa: S608
        query += " ORDER BY place"
        frame = pd.DataFrame(self._db.execute(query, values).fetchall(), columns=[*COLUMNS, "penalty_s"])
        for name in ("proven", "self_counted"):
            frame[name] = frame[name].astype(bool)
        frame["exact"] = frame["exact"].astype("boolean")
        return frame

    def trajectories(self, keys: Iterable[str] | None = None) -> pd.DataFrame:
        """Every improvement of the last attempt of each key: key, attempt, and the fields of `Improvement`."""
        import numpy as np
        import pandas as pd

        wanted = None if keys is None else set(keys)
        rows = self._db.execute("SELECT key, max(attempt), rows FROM trajectories GROUP BY key")
        picked = [(key, attempt, unpacked(blob)) for key, attempt, blob in rows if wanted is None or key in wanted]
        lengths = [len(table) // len(FIELDS) for _, _, table in picked]
        values = np.concatenate([np.array(table) for _, _, table in picked]) if picked else np.empty(0)
        frame = pd.DataFrame(values.reshape(-1, len(FIELDS)), columns=list(FIELDS)).astype({"evaluations": "int64"})
        frame.insert(0, "key", np.repeat(np.array([key for key, _, _ in picked], dtype=object), lengths))
        frame.insert(1, "attempt", np.repeat(np.array([attempt for _, attempt, _ in picked], dtype="int64"), lengths))
        return frame

    def durations(self) -> Iterator[tuple[str, str, str, float]]:
        """Problem digest, entrant, budget, and seconds of preparing and searching, of each record."""
        seconds = "wall_s + coalesce(prepare_s, 0)"
        yield from self._db.execute(f"SELECT problem_digest, strategy, budget, {seconds} FROM runs")  # noqa: S608

    def table(self, name: str) -> pd.DataFrame:
        """A table of the file as it is, all attempts included: `runs`, `trajectories`, `instances` or `suites`."""
        import pandas as pd

        if name not in TABLES:
            raise BadInput.unknown("table of the store", name, TABLES)
        found = self._db.execute(f"SELECT * FROM {name}")  # noqa: S608 - one of four names
        return pd.DataFrame(found.fetchall(), columns=[column[0] for column in found.description])

    def fill(self, name: str, rows: pd.DataFrame) -> None:
        """Append rows to a table; the inverse of `table`."""
        if name not in TABLES:
            raise BadInput.unknown("table of the store", name, TABLES)
        columns, marks = ", ".join(rows.columns), ", ".join("?" * len(rows.columns))
        values = rows.astype(object).where(rows.notna(), None).to_numpy().tolist()
        with self._transaction():
            self._db.executemany(f"INSERT INTO {name} ({columns}) VALUES ({marks})", values)  # noqa: S608

    def take_in(self, other: Path) -> tuple[int, list[str]]:
        """Append what another store's file has and this one has not.

        Returns the number of new records, and in words the runs that both have with another result: this one's stays.
        """
        self._db.execute("ATTACH DATABASE ? AS other", (str(other),))
        try:
            with self._transaction():
                before = self._db.execute("SELECT count(*) FROM main.runs").fetchone()[0]
                clashes = [_CLASH.format(*row) for row in self._db.execute(_CLASHES)]
                for name in TABLES:
                    columns = ", ".join(row[1] for row in self._db.execute(f"PRAGMA main.table_info({name})"))
                    query = f"INSERT OR IGNORE INTO main.{name} ({columns}) SELECT {columns} FROM other.{name}"  # noqa: S608
                    self._db.execute(query)
                after = self._db.execute("SELECT count(*) FROM main.runs").fetchone()[0]
        finally:
            self._db.execute("DETACH DATABASE other")
        return after - before, clashes

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
            self._db.executescript(f"BEGIN; {SCHEMA} COMMIT;")
        elif version == 0:
            raise BadInput(f"{self.folder}: no results there yet")
        elif version < SCHEMA_VERSION:
            self._upgrade(writing=create)
        elif version > SCHEMA_VERSION:
            expected = f"at most {SCHEMA_VERSION}: it was written by a newer tasklet-bench, which can read it"
            raise BadInput.at(str(self.path), "schema version", version, expected)

    def _upgrade(self, *, writing: bool) -> None:
        """Go on with a store of an earlier schema as one of this: a reader in memory, a writer with a new file."""
        if not writing:
            old, self._db = self._db, migrate(self._db, None)
            old.close()
            return
        draft = self.path.with_suffix(".draft")
        draft.unlink(missing_ok=True)
        self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        migrate(self._db, draft).close()
        self._db.close()
        draft.replace(self.path)
        for leftover in (f"{FILE_NAME}-wal", f"{FILE_NAME}-shm"):
            (self.folder / leftover).unlink(missing_ok=True)
        self._db = _connect(self.path)


_CLASHES = """
SELECT ours.strategy, ours.problem, ours.seed, ours.budget, ours.attempt, ours.status, ours.cost_s,
    theirs.status, theirs.cost_s
FROM main.runs AS ours JOIN other.runs AS theirs ON ours.key = theirs.key AND ours.attempt = theirs.attempt
WHERE ours.status IS NOT theirs.status OR ours.cost_s IS NOT theirs.cost_s OR ours.evaluations IS NOT theirs.evaluations
ORDER BY ours.started_at
"""
_CLASH = "{} on {}, seed {}, {}, attempt {}: {} with {} s here, {} with {} s there"


def _connect(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, isolation_level=None, timeout=30.0)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = FULL")
    return db


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
