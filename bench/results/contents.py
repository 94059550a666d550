"""Whether a file holds a store's tables, and in them values of the kinds that are due: looked at before anything reads.

A store can be somebody else's, an edited one, or half a file. It is refused in a sentence that names the table, the
row and the column. Nothing in it is executed: views, and triggers that are not the store's own, are refused unread.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping

from tasklet_bench.bench.results.database import Database
from tasklet_bench.bench.results.schema import COLUMNS, SCHEMA, TABLE_COLUMNS, TABLES
from tasklet_bench.bench.runs.record import STORED_STATUSES
from tasklet_bench.problems.bad_input import BadInput

LONGEST_NAME = 1000
"""Characters of a name or a hash; a candidate, an error or a problem file may be longer."""
MOST_BRACKETS = 300
"""From this many on, JSON is read to see whether it is nested too deeply for those who read it later."""
DEEPEST = 50

_NAMES = (
    "key", "suite", "suite_digest", "problem", "problem_digest", "strategy", "strategy_name", "strategy_version",
    "code_hash", "target", "budget", "status", "timing_mode", "machine", "started_at", "digest", "name", "family",
)  # fmt: skip
_AT_LEAST = {"attempt": 1, "seed": 0, "evaluations": 0, "refused": 0, "memory_bytes": 1, "peak_memory_bytes": 0}
_BOOLEANS = ("exact", "proven", "self_counted")
_OBJECTS = ("parameters", "libraries", "parts_s", "versions", "candidate", "start", "content", "facts", "kinds")
_VALUES = {"parts_s": "'integer', 'real'", "versions": "'text'", "libraries": "'text'", "kinds": "'text'"}
_MEMBERS = {"flags": "'text'"}


def check_objects(db: Database) -> None:
    """Raise `BadInput` unless the file has the store's tables and nothing that would run when they are read.

    The store's own triggers, which refuse changes, may be missing: they guard against mistakes.
    """
    own = _plain(SCHEMA)
    result = set()
    for kind, name, sql, page in db.rows("SELECT type, name, sql, rootpage FROM sqlite_master"):
        if kind == "table" and name in TABLES and page and isinstance(sql, str):
            result.add(name)
        elif not (_is_sqlites_own(name, sql) or (kind == "trigger" and isinstance(sql, str) and _plain(sql) in own)):
            expected = f"the tables {', '.join(TABLES)} alone"
            raise BadInput.at(db.source, "contents", f"{kind!s:.20} {str(name)[:80]!r}", expected)
    for name in TABLES:
        if name not in result:
            raise BadInput.at(db.source, f"table {name}", "none", "the tables of a store")


def check_schema(db: Database) -> None:
    """Raise `BadInput` unless the file has the store's tables with the columns of the present schema, and no more."""
    check_objects(db)
    for name in TABLES:
        columns = [(row[1], row[6]) for row in db.rows(f"PRAGMA table_xinfo({name})")]
        if columns != [(column, 0) for column in TABLE_COLUMNS[name]]:
            stored = ", ".join(str(column)[:40] for column, _ in columns[:60])
            raise BadInput.at(db.source, f"table {name}", stored, ", ".join(TABLE_COLUMNS[name]))


def check_values(db: Database) -> None:
    """Raise `BadInput` that names the first row of each table whose values are of no kind that a store writes."""
    for table, columns in TABLE_COLUMNS.items():
        faults = [(name, *fault) for name, kind in columns.items() for fault in _faults(name, kind)]
        cases = " ".join(f"WHEN {condition} THEN {number}" for number, (_, condition, _) in enumerate(faults))
        query = f"SELECT rowid, CASE {cases} END AS fault FROM {table} WHERE fault IS NOT NULL LIMIT 1"  # noqa: S608
        for rowid, number in db.all(query):
            column, _, expected = faults[number]
            value = db.value(f"SELECT substr(quote({column}), 1, 60) FROM {table} WHERE rowid = ?", (rowid,))  # noqa: S608
            raise BadInput.at(db.source, f"{table}, row {rowid}, {column}", value, expected)
        _check_depth(db, table, [name for name in columns if name in (*_OBJECTS, *_MEMBERS)])
        _check_names(db, table, [name for name in columns if name in _NAMES])


def require_finite(db: Database) -> None:
    """Raise `BadInput` that names the first run with a number that is not finite: nothing can be ranked with it."""
    numbers = [name for name, kind in COLUMNS.items() if kind.startswith("REAL") and name != "gap"]
    infinite = " OR ".join(f"abs({name}) > 1.7976931348623157e308" for name in numbers)
    query = f"SELECT strategy, problem, seed, {', '.join(numbers)} FROM runs WHERE {infinite} LIMIT 1"  # noqa: S608
    for strategy, problem, seed, *values in db.all(query):
        name, value = next(
            pair for pair in zip(numbers, values, strict=True) if pair[1] is not None and math.isinf(pair[1])
        )
        where = f"{strategy} on {problem}, seed {seed}"
        raise BadInput(f"{db.source}: {where}: {name}: found {value}, expected a finite number; `verify` names all")


def _faults(name: str, kind: str) -> Iterable[tuple[str, str]]:
    """Conditions under which a column's value is none, the cheapest first, and what was expected."""
    given = "" if "NOT NULL" in kind or "PRIMARY KEY" in kind else f"{name} IS NOT NULL AND "
    typed = kind.split()[0].lower()
    types = "'real', 'integer'" if typed == "real" else f"'{typed}'"
    expected = {"text": "a text", "integer": "a whole number", "real": "a number", "blob": "packed numbers"}[typed]
    yield f"{given}typeof({name}) NOT IN ({types})", expected
    if name in _NAMES:
        yield f"length({name}) > {LONGEST_NAME}", f"at most {LONGEST_NAME} characters"
    if name in _AT_LEAST:
        yield f"{name} < {_AT_LEAST[name]}", f"at least {_AT_LEAST[name]}"
    if name in _BOOLEANS:
        yield f"{name} NOT IN (0, 1)", "0 or 1"
    if name == "status":
        yield (
            f"status NOT IN ({', '.join(repr(status) for status in STORED_STATUSES)})",
            f"one of {', '.join(STORED_STATUSES)}",
        )
    if name in (*_OBJECTS, *_MEMBERS):
        yield f"{given}NOT json_valid({name})", "JSON"
        whole = "array" if name in _MEMBERS else "object"
        yield f"{given}json_type({name}) != '{whole}'", f"a JSON {whole}"
    if inner := _VALUES.get(name) or _MEMBERS.get(name):
        wrong = f"EXISTS (SELECT 1 FROM json_each({name}) AS each WHERE each.type NOT IN ({inner}))"  # noqa: S608
        yield f"{name} NOT IN ('{{}}', '[]') AND {wrong}", f"JSON of {inner.replace(chr(39), '')} values"


def _check_depth(db: Database, table: str, columns: list[str]) -> None:
    """JSON that is nested deeper than any reader follows; only what has many brackets can be."""
    for name in columns:
        brackets = f"2 * length({name}) - length(replace({name}, '[', '')) - length(replace({name}, '{{', ''))"
        deep = (
            f"SELECT rowid, {name} FROM {table} WHERE length({name}) > {MOST_BRACKETS} AND {brackets} > {MOST_BRACKETS}"  # noqa: S608
        )
        for rowid, text in db.rows(deep):
            if _depth(text) > DEEPEST:
                raise BadInput.at(db.source, f"{table}, row {rowid}, {name}", "deeply nested JSON", f"depth {DEEPEST}")


def _depth(text: str) -> int:
    """How deep JSON is nested, one more than allowed where it cannot even be read."""
    try:
        level, depth = [json.loads(text)], 0
    except (ValueError, RecursionError):
        return DEEPEST + 1
    while level and depth <= DEEPEST:
        inner = [value for value in level if isinstance(value, dict | list)]
        level = [each for value in inner for each in (value.values() if isinstance(value, dict) else value)]
        depth += 1
    return depth


def _check_names(db: Database, table: str, columns: list[str]) -> None:
    for name in columns:
        for (value,) in db.rows(f"SELECT DISTINCT {name} FROM {table}"):  # noqa: S608
            if not (isinstance(value, str) and value.isprintable()):
                raise BadInput.at(db.source, f"{table}, {name}", ascii(value)[:60], "one line of printable characters")


def _is_sqlites_own(name: object, sql: object) -> bool:
    """Indexes of primary keys, and the statistics that `ANALYZE` leaves."""
    return isinstance(name, str) and name.startswith("sqlite_") and (sql is None or name.startswith("sqlite_stat"))


def _plain(sql: str) -> str:
    """SQL with one spelling of its blanks."""
    return " ".join(sql.split())


def check_columns(source: str, table: str, result: Iterable[str], expected: Mapping[str, str]) -> None:
    """Raise `BadInput` unless a table of an export has the store's columns, in whatever order."""
    names = list(result)
    if sorted(names) != sorted(expected):
        extra = [name for name in names if name not in expected]
        lacking = [name for name in expected if name not in names]
        said = " and ".join(
            part
            for part in (
                f"{', '.join(extra)[:200]} beyond" if extra else "",
                f"no {', '.join(lacking)[:400]}" if lacking else "",
            )
            if part
        )
        raise BadInput.at(source, f"columns of {table}", said or "a column twice", ", ".join(expected))
