"""Opening a store's file: for one writer, for readers that never write, and in memory for what is read from exports.

A reader opens the file read-only. A store that nobody writes to is one file in SQLite's rollback mode, and reading it
makes no other. Beside a running campaign the log of that is read with it. Where the folder cannot be written to either,
SQLite is instructed that nothing changes, or is given a copy if the log of a campaign that was killed is there.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

from tasklet_bench.problems.bad_input import BadInput

LONGEST_VALUE_BYTES = 2**26
"""Of a text or a trajectory in a file that is read; a candidate of 8,000 devices takes a thousandth of that."""
LARGEST_IN_MEMORY_BYTES = 2**28
_PATIENCE_S = 30.0
_MODE = 18
"""Place in the file's header of the two bytes that say how it is written: 1 rollback, 2 write-ahead log."""
_ROLLBACK, _LOGGED = b"\x01\x01", b"\x02\x02"
Row = tuple[Any, ...]


class Database:
    """A connection to a store's tables. What SQLite cannot do is raised as `BadInput` that names `source`."""

    def __init__(self, connection: sqlite3.Connection, source: str) -> None:
        self.source = source
        self._connection = connection

    def rows(self, query: str, values: Sequence[Any] = ()) -> Iterator[Row]:
        """The rows of a query, one by one."""
        with report_unreadable(self.source):
            yield from map(tuple, self._connection.execute(query, values))  # a cursor left half-read is not closed late

    def all(self, query: str, values: Sequence[Any] = ()) -> list[Row]:
        """All rows of a query."""
        return list(self.rows(query, values))

    def value(self, query: str, values: Sequence[Any] = ()) -> Any:
        """The first value of the first row of a query; raises `BadInput` where a damaged store has none to give."""
        for row in self.rows(query, values):
            return row[0]
        raise BadInput(f"{self.source}: damaged, or no store of results: a row that it lists cannot be read")

    def columns(self, table: str) -> list[str]:
        """The names of a table's columns."""
        with report_unreadable(self.source):
            return [column[0] for column in self._connection.execute(f"SELECT * FROM {table} LIMIT 0").description]  # noqa: S608

    def write(self, statement: str, values: Sequence[Any] = ()) -> None:
        """Execute one statement; a row that is there already raises `sqlite3.IntegrityError`."""
        with report_unreadable(self.source):
            self._connection.execute(statement, values)

    def write_all(self, statement: str, rows: Iterable[Sequence[Any]]) -> None:
        """Execute one statement for each row."""
        with report_unreadable(self.source):
            self._connection.executemany(statement, rows)

    def script(self, text: str) -> None:
        """Execute several statements."""
        with report_unreadable(self.source):
            self._connection.executescript(text)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All that is written within, or nothing of it; one within another is part of that."""
        if self._connection.in_transaction:
            yield
            return
        self.write("BEGIN IMMEDIATE")
        try:
            yield
            self.write("COMMIT")
        except BaseException:
            with suppress(sqlite3.Error):  # a full disk has rolled it back already
                self._connection.rollback()
            raise

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """All that is read within is of one moment, also while somebody writes; one within another is part of that."""
        if self._connection.in_transaction:
            yield
            return
        self.write("BEGIN")
        try:
            self.all("SELECT count(*) FROM sqlite_master")
            yield
        finally:
            self._connection.rollback()

    def copy_to(self, path: Path) -> None:
        """Write all that is committed, now, to a file of its own, also while somebody writes here."""
        with report_unreadable(str(path)):
            target = sqlite3.connect(path, isolation_level=None)
            try:
                self._connection.backup(target)
                target.execute("PRAGMA journal_mode = DELETE")
            finally:
                target.close()

    def settle(self) -> None:
        """Bring everything into the one file; where a reader is at it, its log stays beside, empty."""
        with suppress(sqlite3.Error):
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            self._connection.execute("PRAGMA busy_timeout = 500")
            self._connection.execute("PRAGMA journal_mode = DELETE")

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


@contextmanager
def report_unreadable(source: str) -> Iterator[None]:
    """Raise what SQLite says as `BadInput` that names `source`; a row that is there already stays what it is."""
    try:
        yield
    except sqlite3.IntegrityError:
        raise
    except sqlite3.OperationalError as error:
        raise BadInput(f"{source}: {error}") from None
    except (sqlite3.Error, UnicodeDecodeError) as error:
        raise BadInput(f"{source}: damaged, or no store of results: {error}") from None
    except OverflowError as error:
        raise BadInput(f"{source}: holds a number that is too large: {error}") from None
    except MemoryError:
        raise BadInput(f"{source}: needs more memory than there is") from None


def open_to_write(path: Path) -> Database:
    """The file, for its one writer: each commit is on disk before the next."""
    with report_unreadable(str(path)):
        connection = sqlite3.connect(path, isolation_level=None, timeout=_PATIENCE_S)
        try:
            connection.execute("PRAGMA trusted_schema = OFF")
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
        except BaseException:
            connection.close()
            raise
    return Database(connection, str(path))


def open_to_read(path: Path) -> Database:
    """The file, for a reader, which changes nothing and makes no file beside it."""
    connection = None
    with report_unreadable(str(path)):
        try:
            connection = _reading(path)
            connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LONGEST_VALUE_BYTES)
            connection.execute("PRAGMA trusted_schema = OFF")
            connection.execute("PRAGMA cell_size_check = ON")
            connection.execute("PRAGMA query_only = ON")
            connection.execute("SELECT count(*) FROM sqlite_master").fetchall()
        except BaseException:
            if connection is not None:
                connection.close()
            raise
    return Database(connection, str(path))


def open_in_memory(source: str) -> Database:
    """Empty tables in memory, of which nothing is left if the process is killed."""
    return Database(sqlite3.connect(":memory:", isolation_level=None), source)


def _reading(path: Path) -> sqlite3.Connection:
    log, shared, journal = (path.with_name(f"{path.name}-{kind}") for kind in ("wal", "shm", "journal"))
    writable = os.access(path.parent, os.W_OK)
    if journal.exists() and journal.stat().st_size:  # killed while it brought everything into one file
        return _of_copy(path, journal)
    if log.exists():
        return _connected(path, "mode=ro") if writable or shared.exists() else _of_copy(path, log)
    if not writable:
        return _connected(path, "mode=ro&immutable=1")
    return _at_rest(path) or _connected(path, "mode=ro")


def _connected(path: Path, how: str) -> sqlite3.Connection:
    address = f"file:{quote(os.fsencode(path.absolute()))}?{how}"
    return sqlite3.connect(address, uri=True, isolation_level=None, timeout=_PATIENCE_S)


def _at_rest(path: Path) -> sqlite3.Connection | None:
    """A store in log mode without its log, in memory: to read the file itself would make a log beside it.

    Earlier versions left their stores so. None where the file is in rollback mode, or a writer came meanwhile.
    """
    with path.open("rb") as file:
        if file.read(_MODE + 2)[_MODE:] != _LOGGED:
            return None
        before = os.fstat(file.fileno())
        if before.st_size > LARGEST_IN_MEMORY_BYTES:
            return None
        file.seek(0)
        image = bytearray(file.read())
    after = path.stat()
    if (before.st_mtime_ns, before.st_size) != (after.st_mtime_ns, after.st_size) or path.with_name(
        f"{path.name}-wal"
    ).exists():
        return None
    image[_MODE : _MODE + 2] = _ROLLBACK
    connection = sqlite3.connect(":memory:", isolation_level=None)
    try:
        connection.deserialize(bytes(image))
    except BaseException:
        connection.close()
        raise
    return connection


def _of_copy(path: Path, log: Path) -> sqlite3.Connection:
    """A copy of a store and its log where neither can be read in place; the copy is gone as soon as it is open."""
    with tempfile.TemporaryDirectory(prefix="tasklet-bench-store-") as scratch:
        for file in (path, log):
            shutil.copyfile(file, Path(scratch, file.name))
        connection = sqlite3.connect(Path(scratch, path.name), isolation_level=None)
        try:
            connection.execute("SELECT count(*) FROM sqlite_master").fetchall()
        except BaseException:
            connection.close()
            raise
    return connection
