"""The hash chain of an export: one link for each row, so that a row that was edited, added or dropped is named.

A link is the SHA-256 of the link before it and of the row, a run's with its trajectory. Whoever edits a row can make a
new chain; the last link, the *head*, is then another one. So a head that was published elsewhere vouches for all rows.
"""

from __future__ import annotations

import csv
import hashlib
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tasklet_bench.bench.results.schema import TABLE_COLUMNS
from tasklet_bench.bench.results.store import Store
from tasklet_bench.problems.bad_input import BadInput

FILE_NAME = "chain.csv"
LARGEST_BYTES = 2**28
_HEADER = ["table", "row", "link"]
_TABLES = ("instances", "suites", "runs")
_ID = {"instances": ("digest",), "suites": ("suite_digest", "key"), "runs": ("key", "attempt")}
Row = tuple[str, str]
"""A row's table, and what identifies it there."""


@dataclass(frozen=True)
class ChainCheck:
    """What an export's chain says: its head, None where there is no chain, and in words each row that does not hold."""

    folder: Path
    head: str | None
    faults: tuple[str, ...] = ()


def write_chain(store: Store, folder: Path) -> Path:
    """Write the chain of all rows of a store; returns the file."""
    path = folder / FILE_NAME
    link = ""
    with path.open("w", newline="", encoding="utf-8") as file:
        lines = csv.writer(file, lineterminator="\n")
        lines.writerow(_HEADER)
        for row, content, _ in _rows(store):
            link = _link(link, row, content)
            lines.writerow([*row, link])
    return path


def check_chain(folder: Path, store: Store) -> ChainCheck:
    """Compare the rows that were read from an export with its chain; an export of earlier versions has none."""
    path = folder / FILE_NAME
    if not path.exists():
        return ChainCheck(folder, None)
    links = _read(path)
    before = dict(zip(links, ["", *links.values()], strict=False))
    faults = []
    seen: list[Row] = []
    for row, content, label in _rows(store):
        if row not in links:
            faults.append(f"{label}: was added since the export was written")
        else:
            seen.append(row)
            if _link(before[row], row, content) != links[row]:
                faults.append(f"{label}: was edited since the export was written")
    faults += [f"{table} {row}: was dropped since the export was written" for table, row in links.keys() - set(seen)]
    if not faults and seen != list(links):
        faults.append("the rows stand in another order than when the export was written")
    return ChainCheck(folder, next(reversed(links.values()), ""), tuple(f"{folder}: {fault}" for fault in faults))


def head_of(folder: Path) -> str:
    """The last link of an export's chain; empty for an export of nothing."""
    return next(reversed(_read(folder / FILE_NAME).values()), "")


def _rows(store: Store) -> Iterator[tuple[Row, str, str]]:
    """Each row by its table and name, all that it says in one spelling, and what to call it in a message."""
    curves = {
        (one.key, one.attempt): hashlib.sha256(one.rows.astype("<f8").tobytes()).hexdigest()
        for one in store.unpacked_trajectories()
    }
    for table in _TABLES:
        columns = TABLE_COLUMNS[table]
        for values in store.table(table).itertuples(index=False, name=None):
            row = dict(zip(columns, values, strict=True))
            name = "/".join(str(row[column]) for column in _ID[table])
            said = [_spelled(row[column], kind) for column, kind in columns.items()]
            label = f"{table} {name}"
            if table == "runs":
                said.append(curves.get((row["key"], row["attempt"]), ""))
                label = f"{row['strategy']} on {row['problem']}, seed {row['seed']}, {row['budget']}"
            yield (table, name), "\x1e".join(said), label


def _spelled(value: Any, kind: str) -> str:
    """A value in one spelling, whether it comes from a store or from a table with gaps in its columns."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "-"
    if kind.startswith("REAL"):
        return float(value).hex()
    return str(int(value)) if kind.startswith("INTEGER") else f"+{value}"


def _link(before: str, row: Row, content: str) -> str:
    return hashlib.sha256("\x1f".join([before, *row, content]).encode("utf-8", "surrogatepass")).hexdigest()


def _read(path: Path) -> dict[Row, str]:
    if not path.is_file() or path.stat().st_size > LARGEST_BYTES:
        raise BadInput.at(str(path), "size", "no file of at most 256 MB", "the chain of an export")
    try:
        with path.open(newline="", encoding="utf-8") as file:
            header, *lines = list(csv.reader(file, strict=True)) or [[]]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadInput(f"{path}: not the chain of an export: {error}") from None
    links = {(line[0], line[1]): line[2] for line in lines if len(line) == len(_HEADER)}
    if header != _HEADER or len(links) != len(lines):
        raise BadInput.at(str(path), "lines", "others", f"{', '.join(_HEADER)} of each row, once")
    return links
