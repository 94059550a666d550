"""Mutate stores and exports of results at random, and read them: each is read, or refused in a sentence.

`python tests/fuzz/stores.py 100000` makes so many mutations; a second number is the seed. A mutation changes bytes,
cells, columns, tables or files. Nothing but `BadInput` may come of it, in at most 2 CPU seconds and a gigabyte.
"""

from __future__ import annotations

import json
import random
import shutil
import signal
import sqlite3
import struct
import sys
import tempfile
import time
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).parents[1]))
from peak_memory import peak_bytes
from records import build_record

from tasklet_bench.bench.commands.boards.results import results_of
from tasklet_bench.bench.execution.rescore import rescore
from tasklet_bench.bench.plugins import entrant, resolve
from tasklet_bench.bench.report.markdown import render
from tasklet_bench.bench.results.export import export
from tasklet_bench.bench.results.merge import chains_at, merge, results_at
from tasklet_bench.bench.results.schema import COLUMNS, TABLE_COLUMNS, TABLES
from tasklet_bench.bench.results.store import Store
from tasklet_bench.bench.results.verify import verify
from tasklet_bench.bench.runs.budget import Budget
from tasklet_bench.bench.runs.record import Improvement, RunRecord
from tasklet_bench.bench.runs.spec import RunSpec
from tasklet_bench.problems.bad_input import BadInput

LONGEST_CPU_S = 2.0
MOST_BYTES = 2**30
PROBLEMS = ("generated/uniform?n=6&dp=2&seed=1", "generated/uniform?n=8&dp=2&seed=1")

_NUMBERS = (0, -1, 1, 7, 2**31, 2**63 - 1, -(2**63), 0.5, -0.0, 1e308, 5e-324, 9e999, -9e999)
_TEXTS = (
    "", "x", "\0", "\x1b[2J", "\u202e", "é" * 3000, "a" * 100_000, "annealing", "ok", "interrupted", "excellent",
    "50-evaluations", "1e999-evaluations", "=SUM(A1)", "{}", "[]", "null", "[[[[", "[" * 5000 + "]" * 5000,
    '{"a":' * 900 + "1" + "}" * 900, '{"grid": [[0,1],[2]]}', '{"grid": [["a"]]}', '{"grid": [[1e999]]}', '{"grid": 5}',
    '{"plugin": "evil.py:load"}', '{"plugin": 5}', '{"plugin": "evil.py:load", "sha256": "0"}', '{"family": "swarm"}',
    "evil.py:load", "/etc/passwd.json", "generated/uniform?n=99999999&dp=1&seed=1", '{"parts": NaN}',
)  # fmt: skip
_BLOBS = (b"", b"junk", b"\xff" * 64, zlib.compress(bytes(200_000_000)), zlib.compress(b"\0" * 39), zlib.compress(b""),
          zlib.compress(struct.pack("<5d", *[float("nan")] * 5)), zlib.compress(struct.pack("<5d", *[9e999] * 5)),
          zlib.compress(struct.pack("<5d", *[-1.0] * 5)), zlib.compress(bytes(400))[:-3])  # fmt: skip
_ENDLESS = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n)"
_SCHEMAS = (
    "CREATE VIEW extra AS SELECT 1",
    "ALTER TABLE runs RENAME COLUMN seed TO sead",
    "ALTER TABLE suites ADD COLUMN more TEXT",
    "ALTER TABLE instances DROP COLUMN facts",
    "CREATE TRIGGER evil BEFORE INSERT ON runs BEGIN SELECT RAISE(ABORT, 'no'); END",
    "CREATE TABLE stray (x)",
    "CREATE INDEX by_seed ON runs (seed)",
    f"DROP TABLE suites; CREATE VIEW suites AS {_ENDLESS} SELECT 's' AS suite, 'd' AS suite_digest, x AS key FROM n",
    "DROP TABLE trajectories; CREATE TABLE trajectories (key TEXT, attempt INTEGER, rows BLOB AS (zeroblob(1000)))",
    *(f"DROP TABLE {name}" for name in TABLES),
    *(f"DELETE FROM {name}" for name in TABLES),
    *(f"PRAGMA user_version = {version}" for version in (0, 1, 3, -1, 2**31 - 1)),
)


@dataclass
class Outcome:
    """What came of the mutations: how many were read, refused (by the first words), and in words what went wrong."""

    read: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    slowest_s: float = 0.0
    peak_bytes: int = 0


def main(count: int, seed: int = 0) -> Outcome:
    """Make so many mutations and read each; the same seed makes the same ones."""
    outcome = Outcome()
    with tempfile.TemporaryDirectory() as scratch:
        base = Path(scratch, "base")
        _make_base(base)
        for number in range(count):
            rng = random.Random(f"{seed}/{number}")  # noqa: S311 - mutations, not secrets
            folder = Path(scratch, "mutated")
            shutil.rmtree(folder, ignore_errors=True)
            what = _mutate(base, folder, rng)
            _read(folder, Path(scratch, "into"), rng, f"{seed}/{number}: {what}", outcome)
    outcome.peak_bytes = peak_bytes()
    return outcome


def make_store(folder: Path, texts: tuple[tuple[str, str], ...], seeds: int = 2) -> None:
    """A store of random candidates as runs, for each pair of a strategy and a problem; all of them hold."""
    with Store(folder, writing=True) as store:
        for strategy, problem in texts:
            for seed in range(seeds):
                record = make_record(strategy, problem, seed)
                store.add_instance(record.spec.problem, resolve(problem).problem)
                store.append(record)
                store.add_to_suite([record.spec])


def make_record(strategy: str, problem: str, seed: int) -> RunRecord:
    """A record as a run would give it that drew ten candidates, the best of them last."""
    resolved = resolve(problem)
    result, rng = resolved.problem, np.random.default_rng(seed)
    costs = []
    for _ in range(10):
        rescored = rescore(result, result.candidate_to_json(result.complete(result.random(rng))), None)
        assert rescored.cost is not None
        costs.append((rescored.cost.total_s, rescored))
    costs.sort(key=lambda pair: -pair[0])
    best = costs[-1][1]
    assert best.cost is not None
    spec = RunSpec(resolved.ref, entrant(strategy), seed, Budget(evaluations=10), suite="s", suite_digest="d")
    rows = [
        Improvement(number, number / 10, number / 5, cost, result.bound())
        for number, (cost, _) in enumerate(costs, start=1)
    ]
    return build_record(spec, best.cost.parts_s, best.candidate or {}, rows, exact=best.cost.exact)


def _make_base(base: Path) -> None:
    """A store and its export."""
    texts = tuple((strategy, problem) for strategy in ("random-partition", "aligned") for problem in PROBLEMS)
    make_store(base / "store", texts)
    with Store(base / "store") as store:
        export(store, base / "export", "parquet")


def _mutate(base: Path, folder: Path, rng: random.Random) -> str:
    """Copy the base and change something; returns what, in words."""
    kind: Callable[[Path, random.Random], str] = rng.choice(_KINDS)
    shutil.copytree(base / ("store" if kind in _OF_STORES else "export"), folder)
    return f"{kind.__name__.strip('_')} {kind(folder, rng)}"


def _store_bytes(folder: Path, rng: random.Random) -> str:
    return _change_bytes(folder / "store.sqlite", rng)


def _store_cells(folder: Path, rng: random.Random) -> str:
    changes = []
    db = _unguarded(folder)
    for _ in range(rng.choice((1, 1, 2, 5))):
        table = rng.choice((*TABLES, "runs", "runs"))
        column = rng.choice(list(TABLE_COLUMNS[table]))
        value = rng.choice((*_NUMBERS, *_TEXTS, *_BLOBS, None))
        where = "" if rng.random() < 0.2 else " WHERE rowid = (SELECT rowid FROM {0} ORDER BY random() LIMIT 1)"
        try:
            db.execute(f"UPDATE OR REPLACE {table} SET {column} = ?{where.format(table)}", (value,))
        except sqlite3.IntegrityError:
            continue
        changes.append(f"{table}.{column} = {str(value)[:40]!r}")
    db.close()
    return ", ".join(changes)


def _store_schema(folder: Path, rng: random.Random) -> str:
    statement = rng.choice(_SCHEMAS)
    db = _unguarded(folder)
    try:
        db.executescript(statement)
    finally:
        db.close()
    return statement[:60]


def _export_bytes(folder: Path, rng: random.Random) -> str:
    return _change_bytes(rng.choice(sorted(folder.iterdir())), rng)


def _export_files(folder: Path, rng: random.Random) -> str:
    first, second = rng.sample(sorted(folder.iterdir()), 2)
    if rng.random() < 0.5:
        first.unlink()
        return f"without {first.name}"
    shutil.copyfile(second, first)
    return f"{second.name} as {first.name}"


def _export_tables(folder: Path, rng: random.Random) -> str:
    path = folder / f"{rng.choice(TABLES)}.parquet"
    table = pd.read_parquet(path)
    column = rng.choice(list(table.columns))
    value = rng.choice((*_NUMBERS, *_TEXTS, b"\xff", None, True))
    change = rng.choice(("cell", "cell", "cell", "all", "drop", "rename", "double", "none"))
    if change == "cell" and len(table):
        cells = table[column].astype(object)
        cells.iloc[rng.randrange(len(table))] = value
        table[column] = cells if all(isinstance(cell, str | None) for cell in cells) else _plainly(cells)
    elif change == "all":
        table[column] = [value] * len(table)
    elif change == "drop":
        table = table.drop(columns=column)
    elif change == "rename":
        table = table.rename(columns={column: rng.choice(("", "suite, key) SELECT 1", *COLUMNS))})
    elif change == "double":
        table = pd.concat([table, table], ignore_index=True)
    else:
        table = table.iloc[:0]
    try:
        table.to_parquet(path, index=False)
    except Exception as refused:  # pandas and Arrow do not write everything, and that is not what is looked at
        return f"unwritten: {type(refused).__name__}"
    return f"{change} of {path.name}: {column} = {str(value)[:40]!r}"


_OF_STORES = (_store_bytes, _store_cells, _store_schema)
_KINDS = (_store_bytes, _store_cells, _store_cells, _store_schema, _export_bytes, _export_tables, _export_files)


def _plainly(cells: pd.Series) -> pd.Series:  # type: ignore[type-arg]
    """Mixed cells as numbers where they are, else as texts: a Parquet column has one type."""
    numbers = all(isinstance(cell, int | float) or cell is None for cell in cells)
    return cells.astype(float) if numbers else cells.map(str)


def _change_bytes(path: Path, rng: random.Random) -> str:
    content = bytearray(path.read_bytes())
    change = rng.choice(("flip", "flip", "flip", "cut", "drop", "insert", "blank", "random", "empty"))
    place = rng.choice((rng.randrange(len(content)), rng.randrange(min(200, len(content)))))
    if change == "flip":
        for _ in range(rng.choice((1, 1, 3, 30))):
            content[rng.choice((place, rng.randrange(len(content))))] = rng.randrange(256)
    elif change == "cut":
        del content[place:]
    elif change == "drop":
        del content[place : place + rng.choice((1, 8, 500))]
    elif change == "insert":
        content[place:place] = rng.randbytes(rng.choice((1, 8, 500)))
    elif change == "blank":
        content[place : place + 4096] = bytes(len(content[place : place + 4096]))
    else:
        content = bytearray(rng.randbytes(5000) if change == "random" else b"")
    path.write_bytes(content)
    return f"{change} at {place} of {path.name}"


def _unguarded(folder: Path) -> sqlite3.Connection:
    """The store's file, which anybody can change who drops its triggers first."""
    db = sqlite3.connect(folder / "store.sqlite", isolation_level=None)
    for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        db.execute(f"DROP TRIGGER {name}")
    return db


def _read(folder: Path, into: Path, rng: random.Random, what: str, outcome: Outcome) -> None:
    """Read a mutation as commands do, and note what came of it."""
    start_s = time.process_time()
    try:
        with _limited():
            _use(folder, into, rng)
        outcome.read += 1
    except BadInput as refusal:
        outcome.refused[_kind_of(str(refusal), folder)] += 1
        if len(str(refusal)) > 5000 or not str(refusal).strip():
            outcome.failures.append(f"{what}: a message of {len(str(refusal))} characters")
    except Exception as fault:  # whatever else it is, is what is looked for
        outcome.failures.append(f"{what}: {type(fault).__name__}: {str(fault)[:200]}")
    outcome.slowest_s = max(outcome.slowest_s, time.process_time() - start_s)


def _use(folder: Path, into: Path, rng: random.Random) -> None:
    drawn = rng.random()
    if drawn < 0.1:
        shutil.rmtree(into, ignore_errors=True)
        with Store(into, writing=True) as store:
            merge(store, folder)
            return
    with results_at(folder) as store:
        store.runs()
        store.trajectories()
        store.done()
        if drawn < 0.4:
            verify(store, sample=3)
            chains_at(folder)
        elif drawn < 0.5:
            render(results_of(store))
        elif drawn < 0.6:
            export(store, into, "parquet")


@contextmanager
def _limited() -> Iterator[None]:
    """Raise `TimeoutError` when the longest CPU time is over."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise TimeoutError(f"more than {LONGEST_CPU_S} CPU seconds")

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, LONGEST_CPU_S)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def _kind_of(message: str, folder: Path) -> str:
    """The message without what differs from case to case."""
    plain = message.replace(str(folder), "").replace("/store.sqlite", "")
    return " ".join("".join(c for c in plain if c.isalpha() or c == " ").split()[:6])


if __name__ == "__main__":
    done = main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000, int(sys.argv[2]) if len(sys.argv) > 2 else 0)
    print(json.dumps(vars(done) | {"refused": dict(done.refused.most_common(40))}, indent=1))  # noqa: T201
    sys.exit(bool(done.failures) or done.peak_bytes > MOST_BYTES)
