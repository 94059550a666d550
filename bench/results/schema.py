"""The tables of the store, and how a record becomes their rows."""

from __future__ import annotations

import sys
import zlib
from array import array
from collections.abc import Iterable
from dataclasses import astuple, fields
from typing import Any

from tasklet_bench.bench.runs.canonical import canonical_json
from tasklet_bench.bench.runs.record import Improvement, RunRecord

SCHEMA_VERSION = 2

COLUMNS: dict[str, str] = {
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
    "libraries": "TEXT NOT NULL",
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
    "parts_s": "TEXT NOT NULL",
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
    "candidate": "TEXT",
    "start": "TEXT",
    "refused": "INTEGER NOT NULL",
    "flags": "TEXT NOT NULL",
}
"""Columns of `runs`, the same in the table and in the data frame; the frame has `penalty_s` as well.

`parts_s`, `candidate`, `start`, `flags`, `parameters`, `libraries` and `versions` are JSON; a candidate is the object
of an allocation file, as its problem writes it."""

TABLE_COLUMNS: dict[str, dict[str, str]] = {
    "runs": COLUMNS,
    "trajectories": {"key": "TEXT NOT NULL", "attempt": "INTEGER NOT NULL", "rows": "BLOB NOT NULL"},
    "instances": {
        "digest": "TEXT NOT NULL",
        "name": "TEXT NOT NULL",
        "content": "TEXT",
        "penalty_s": "REAL NOT NULL",
        "family": "TEXT NOT NULL",
        "facts": "TEXT NOT NULL",
        "kinds": "TEXT NOT NULL",
    },
    "suites": {"suite": "TEXT NOT NULL", "suite_digest": "TEXT NOT NULL", "key": "TEXT NOT NULL"},
}
"""Columns of every table, with what may stand in them."""

TABLES = tuple(TABLE_COLUMNS)

SCHEMA = f"""
CREATE TABLE runs ({", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())}, PRIMARY KEY (key, attempt));
CREATE TABLE trajectories (key TEXT NOT NULL, attempt INTEGER NOT NULL, rows BLOB NOT NULL,
    PRIMARY KEY (key, attempt));
CREATE TABLE instances (digest TEXT PRIMARY KEY, name TEXT NOT NULL, content TEXT, penalty_s REAL NOT NULL,
    family TEXT NOT NULL, facts TEXT NOT NULL, kinds TEXT NOT NULL);
CREATE TABLE suites (suite TEXT NOT NULL, suite_digest TEXT NOT NULL, key TEXT NOT NULL,
    PRIMARY KEY (suite_digest, key));
{
    "".join(
        f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
        "BEGIN SELECT RAISE(ABORT, 'the store only grows'); END;"
        for table in TABLES
        for verb in ("UPDATE", "DELETE")
    )
}
PRAGMA user_version = {SCHEMA_VERSION};
"""

FIELDS = tuple(field.name for field in fields(Improvement))


def row_of(record: RunRecord) -> dict[str, Any]:
    """A record as a row of `runs`, in the order of its columns."""
    spec = record.spec
    entrant, budget = spec.entrant, spec.budget
    named = {
        **{name: getattr(record, name) for name in COLUMNS if hasattr(record, name)},
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
        "libraries": canonical_json(entrant.libraries),
        "target": entrant.target,
        "parameters": canonical_json(entrant.parameters),
        "seed": spec.seed,
        "budget": budget.name,
        "budget_evaluations": budget.evaluations,
        "budget_cpu_s": budget.cpu_s,
        "budget_wall_s": budget.wall_s,
        "memory_bytes": spec.memory_bytes,
        "timing_mode": spec.timing_mode,
        "versions": canonical_json(record.versions),
        "parts_s": canonical_json(record.parts_s),
        "candidate": None if record.candidate is None else canonical_json(record.candidate),
        "start": None if spec.start is None else canonical_json(spec.start),
        "flags": canonical_json(list(record.flags)),
    }
    return {name: named[name] for name in COLUMNS}


def packed(trajectory: Iterable[Improvement]) -> bytes:
    """A trajectory as compressed little-endian float64, row after row in the order of `Improvement`'s fields."""
    return packed_values(value for row in trajectory for value in astuple(row))


def packed_values(values: Iterable[float]) -> bytes:
    """The same from the flat values."""
    flat = array("d", values)
    if sys.byteorder == "big":
        flat.byteswap()
    return zlib.compress(flat.tobytes())


def unpacked(blob: bytes) -> array[float]:
    """What `packed` wrote, as one flat array."""
    values = array("d", zlib.decompress(blob))
    if sys.byteorder == "big":
        values.byteswap()
    return values
