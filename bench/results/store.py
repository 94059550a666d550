"""The store: every record of every run, in one SQLite file that only ever grows.

One writer at a time (a lock file sees to it), any number of readers, also while a campaign runs. A record is committed
to disk before the next is taken. Rows are never changed or deleted: a run that is made again is another attempt, and
the last attempt counts. While nobody writes, the store is one file.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import IO, TYPE_CHECKING, Self

from tasklet_bench.bench.results import contents
from tasklet_bench.bench.results.database import open_in_memory, open_to_read, open_to_write
from tasklet_bench.bench.results.migrations import migrate
from tasklet_bench.bench.results.names import problem_names, qualified
from tasklet_bench.bench.results.schema import (
    COLUMNS,
    SCHEMA,
    SCHEMA_VERSION,
    TABLE_COLUMNS,
    TABLES,
    packed,
    row_of,
)
from tasklet_bench.bench.results.trajectories import Trajectory, frame_of, unpack
from tasklet_bench.bench.runs.canonical import canonical_json
from tasklet_bench.bench.runs.record import RunRecord
from tasklet_bench.bench.runs.spec import ProblemRef, RunSpec
from tasklet_bench.problems.bad_input import BadInput

if TYPE_CHECKING:
    import pandas as pd

    from tasklet_bench.problems.problem import Problem

FILE_NAME = "store.sqlite"
OWN_FILES = (*(f"{FILE_NAME}{end}" for end in ("", "-wal", "-shm", "-journal", ".lock", ".draft")), "store.draft")


class Store:
    """An open store in a folder. Raises `BadInput` if it cannot be read, or if another campaign is writing to it."""

    def __init__(self, folder: Path, *, writing: bool = False) -> None:
        self.folder = folder
        self.path = folder / FILE_NAME
        self._lock: IO[str] | None = None
        if writing:
            try:
                folder.mkdir(parents=True, exist_ok=True)
                self._lock = _locked(folder / f"{FILE_NAME}.lock")
            except OSError as error:
                raise BadInput(f"{folder}: cannot be written to: {error.strerror}") from None
        elif not self.path.is_file():
            raise BadInput(f"{folder}: no results there (no {FILE_NAME})")
        try:
            self._db = open_to_write(self.path) if writing else open_to_read(self.path)
            try:
                self._check(create=writing)
            except BaseException:
                self._db.close()
                raise
        except BaseException:
            self._unlock()
            raise

    @classmethod
    def in_memory(cls, folder: Path) -> Self:
        """An empty store that is read from elsewhere, such as the exports of `folder`, and is never on a disk."""
        store = cls.__new__(cls)
        store.folder, store.path, store._lock = folder, folder, None
        store._db = open_in_memory(str(folder))
        store._db.script(f"BEGIN; {SCHEMA} COMMIT;")
        return store

    def append(self, record: RunRecord) -> None:
        """Commit one record to disk."""
        row = row_of(record)
        marks = ", ".join("?" * len(row))
        trajectory = (record.spec.key, record.spec.attempt, packed(record.trajectory))
        with self.transaction():
            self._db.write(f"INSERT INTO runs ({', '.join(row)}) VALUES ({marks})", list(row.values()))  # noqa: S608
            self._db.write("INSERT INTO trajectories VALUES (?, ?, ?)", trajectory)

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
        with self.transaction():
            self._db.write("INSERT OR IGNORE INTO instances VALUES (?, ?, ?, ?, ?, ?, ?)", values)

    def add_to_suite(self, specs: Iterable[RunSpec]) -> None:
        """Note which suite runs belong to; one run may belong to several."""
        values = [(spec.suite, spec.suite_digest, spec.key) for spec in specs]
        with self.transaction():
            self._db.write_all("INSERT OR IGNORE INTO suites VALUES (?, ?, ?)", values)

    def penalties(self) -> dict[str, float]:
        """Penalty of each known instance (in seconds), by digest."""
        return dict(self._db.all("SELECT digest, penalty_s FROM instances"))

    def instances(self) -> dict[str, ProblemRef]:
        """The instances with enough to load them, by digest."""
        rows = self._db.rows("SELECT name, digest, content FROM instances")
        return {row[1]: ProblemRef(*row) for row in rows}

    def problem_names(self) -> dict[str, str]:
        """What the problems that share their name with another are called in tables, by digest."""
        return problem_names(self._db)

    def done(self) -> dict[str, tuple[int, str]]:
        """Last attempt and its status, of each key that has a record."""
        rows = self._db.rows("SELECT key, max(attempt), status FROM runs GROUP BY key")
        return {key: (attempt, status) for key, attempt, status in rows}

    def runs(self, suite_digest: str | None = None) -> pd.DataFrame:
        """One row per key with its last attempt, in order of storing: all, or those of one suite, under its name.

        Problems of one name, and entrants of one name from several sources, have names that tell them apart.
        """
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
        frame = pd.DataFrame(self._db.all(query, values), columns=[*COLUMNS, "penalty_s"])
        for name, kind in (*COLUMNS.items(), ("penalty_s", "REAL")):
            if not kind.startswith("TEXT") and frame[name].dtype == object:  # nothing but nulls
                frame[name] = frame[name].astype("int64" if kind == "INTEGER NOT NULL" else "float64")
        for name in ("proven", "self_counted"):
            frame[name] = frame[name].astype(bool)
        frame["exact"] = frame["exact"].astype("boolean")
        return qualified(frame, self._db)

    def superseded(self) -> pd.DataFrame:
        """Attempts that another attempt at the same run came after: `key`, `attempt`, `status`, `error`."""
        import pandas as pd

        columns = ["key", "attempt", "status", "error"]
        last = "SELECT key, max(attempt) AS last FROM runs GROUP BY key"
        query = f"SELECT runs.key, attempt, status, error FROM runs JOIN ({last}) AS done ON runs.key = done.key"  # noqa: S608
        return pd.DataFrame(self._db.all(f"{query} WHERE attempt < last ORDER BY runs.rowid"), columns=columns)

    def trajectories(self, keys: Iterable[str] | None = None) -> pd.DataFrame:
        """Every improvement of the last attempt of each key: key, attempt, and the fields of `Improvement`."""
        wanted = None if keys is None else set(keys)
        rows = self._db.rows("SELECT key, max(attempt), rows FROM trajectories GROUP BY key")
        return frame_of(unpack((row for row in rows if wanted is None or row[0] in wanted), self._db.source))

    def unpacked_trajectories(self) -> Iterator[Trajectory]:
        """The trajectory of every attempt, in order of storing."""
        return unpack(self._db.rows("SELECT key, attempt, rows FROM trajectories ORDER BY rowid"), self._db.source)

    def durations(self) -> Iterator[tuple[str, str, str, float]]:
        """Problem digest, entrant, budget, and seconds of preparing and searching, of each record."""
        seconds = "wall_s + coalesce(prepare_s, 0)"
        yield from self._db.all(f"SELECT problem_digest, strategy, budget, {seconds} FROM runs")  # noqa: S608

    def table(self, name: str) -> pd.DataFrame:
        """A table of the file as it is, all attempts included: `runs`, `trajectories`, `instances` or `suites`."""
        import pandas as pd

        if name not in TABLES:
            raise BadInput.unknown("table of the store", name, TABLES)
        columns = list(TABLE_COLUMNS[name])
        result = self._db.all(f"SELECT {', '.join(columns)} FROM {name} ORDER BY rowid")  # noqa: S608 - one of four
        return pd.DataFrame(result, columns=columns)

    def all_rows(self) -> Iterator[tuple[object, ...]]:
        """Everything that the store holds, as SQLite gives it: table by table, in order of storing."""
        for name, columns in TABLE_COLUMNS.items():
            yield from self._db.rows(f"SELECT {', '.join(columns)} FROM {name} ORDER BY rowid")  # noqa: S608

    def fill(self, name: str, rows: pd.DataFrame) -> None:
        """Append rows to a table; the inverse of `table`. Raises `BadInput` for other columns than the table's."""
        if name not in TABLES:
            raise BadInput.unknown("table of the store", name, TABLES)
        contents.check_columns(self._db.source, name, map(str, rows.columns), TABLE_COLUMNS[name])
        columns, marks = ", ".join(rows.columns), ", ".join("?" * len(rows.columns))
        values = rows.astype(object).where(rows.notna(), None).to_numpy().tolist()
        try:
            with self.transaction():
                self._db.write_all(f"INSERT INTO {name} ({columns}) VALUES ({marks})", values)  # noqa: S608
        except sqlite3.IntegrityError as error:
            raise BadInput(f"{self._db.source}: {name}: a row twice, or without its name: {error}") from None

    def check_values(self) -> None:
        """Raise `BadInput` for the first value of a kind that no store holds; files are looked at when opened."""
        contents.check_values(self._db)

    def require_finite(self) -> None:
        """Raise `BadInput` if a run has a number that is not finite, with which nothing can be ranked."""
        contents.require_finite(self._db)

    def lacking(self, other: Store) -> set[tuple[str, int]]:
        """Key and attempt of the records that another store has and this one has not."""
        pairs = "SELECT key, attempt FROM runs"
        return set(other._db.rows(pairs)) - set(self._db.rows(pairs))

    def clashes(self, other: Store) -> list[str]:
        """In words, the runs that both stores have with another status, cost or number of evaluations."""
        columns = "key, attempt, strategy, problem, seed, budget, status, cost_s, evaluations"
        theirs = {row[:2]: row[6:] for row in other._db.rows(f"SELECT {columns} FROM runs")}  # noqa: S608
        ours = self._db.rows(f"SELECT {columns} FROM runs ORDER BY started_at")  # noqa: S608
        return [
            _CLASH.format(*row[2:6], row[1], row[6], row[7], *theirs[row[:2]][:2])
            for row in ours
            if theirs.get(row[:2], row[6:]) != row[6:]
        ]

    def take_in(self, other: Store) -> int:
        """Append what another store has and this one has not, all or nothing; returns the number of new records."""
        count = "SELECT count(*) FROM runs"
        with self.transaction():
            before = self._db.value(count)
            for name, columns in TABLE_COLUMNS.items():
                listed, marks = ", ".join(columns), ", ".join("?" * len(columns))
                rows = other._db.rows(f"SELECT {listed} FROM {name} ORDER BY rowid")  # noqa: S608
                self._db.write_all(f"INSERT OR IGNORE INTO {name} ({listed}) VALUES ({marks})", rows)  # noqa: S608
            return int(self._db.value(count) - before)

    def copy_to(self, folder: Path) -> Path:
        """Copy all that is committed to a store of its own in `folder`, also while somebody writes here."""
        folder.mkdir(parents=True, exist_ok=True)
        if (folder / FILE_NAME).exists():
            raise BadInput(f"{folder}: has a {FILE_NAME} already, expected a folder without one")
        draft = folder / f"{FILE_NAME}.draft"
        draft.unlink(missing_ok=True)
        self._db.copy_to(draft)
        return draft.replace(folder / FILE_NAME)

    def transaction(self) -> AbstractContextManager[None]:
        """All that is stored within, or nothing of it."""
        return self._db.transaction()

    def snapshot(self) -> AbstractContextManager[None]:
        """All that is read within is of one moment, whatever is written meanwhile."""
        return self._db.snapshot()

    def is_whole(self) -> bool:
        """Whether SQLite finds the file intact."""
        return self._db.all("PRAGMA integrity_check") == [("ok",)]

    def close(self) -> None:
        """Close the file, which then is all there is of the store, and let another writer in."""
        if self._lock is not None:
            self._db.settle()
        self._db.close()
        self._unlock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _unlock(self) -> None:
        if self._lock is not None:
            (self.folder / f"{FILE_NAME}.lock").unlink(missing_ok=True)
            self._lock.close()
            self._lock = None

    def _check(self, *, create: bool) -> None:
        version = self._db.value("PRAGMA user_version")
        if version == 0 and self._db.value("SELECT count(*) FROM sqlite_master") == 0:
            if not create:
                raise BadInput(f"{self.folder}: no results there yet")
            self._db.script(f"BEGIN; {SCHEMA} COMMIT;")
        elif not 1 <= version <= SCHEMA_VERSION:
            expected = f"at most {SCHEMA_VERSION}: it was written by a newer tasklet-bench, which can read it"
            raise BadInput.at(str(self.path), "schema version", version, expected)
        elif version < SCHEMA_VERSION:
            contents.check_objects(self._db)
            self._upgrade(writing=create)
        contents.check_schema(self._db)
        contents.check_values(self._db)

    def _upgrade(self, *, writing: bool) -> None:
        """Go on with a store of an earlier schema as one of this: a reader in memory, a writer with a new file."""
        if not writing:
            new = open_in_memory(str(self.path))
            migrate(self._db, new)
            self._db.close()
            self._db = new
            return
        draft = self.path.with_suffix(".draft")
        draft.unlink(missing_ok=True)
        new = open_to_write(draft)
        try:
            migrate(self._db, new)
            contents.check_values(new)
        finally:
            new.settle()
            new.close()
        self._db.settle()
        self._db.close()
        draft.replace(self.path)
        for leftover in (f"{FILE_NAME}-wal", f"{FILE_NAME}-shm"):
            (self.folder / leftover).unlink(missing_ok=True)
        self._db = open_to_write(self.path)


_CLASH = "{} on {}, seed {}, {}, attempt {}: {} with {} s here, {} with {} s there"


def _locked(path: Path) -> IO[str]:
    """The lock of a store's one writer; its file is there only as long as it is held."""
    while True:
        file = path.open("w")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.path.samestat(os.fstat(file.fileno()), path.stat()):
                return file
            file.close()  # removed by the writer before, who had it when it was opened
        except FileNotFoundError:
            file.close()
        except BlockingIOError:
            file.close()
            raise BadInput(
                f"{path.parent}: another campaign is writing there; wait for it, or choose another --out"
            ) from None
