"""The rows of a CSV file of results, each field checked where it stands."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.files import parse_json, read_text, shown, sound
from tasklet_bench.problems.text import name_fault

REQUIRED = ("strategy", "problem", "seed", "evaluations", "cost")
OPTIONAL = ("allocation",)


@dataclass(frozen=True)
class Row:
    """What a strategy had found on a problem after so many evaluations from a seed: the cost, and maybe how.

    `source` is the file and the number of the line; `allocation` is what its JSON says, None where there is none.
    """

    source: str
    strategy: str
    problem: str
    seed: int
    evaluations: int
    cost_s: float
    allocation: Any


def read_rows(path: Path) -> list[Row]:
    """All rows of a file; raises `BadInput` naming the file, the line and the field of what cannot be read."""
    source = shown(path)
    text = read_text(path, "a CSV file of results", "utf-8-sig")
    try:
        with sound(source):
            reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
            _check_columns(source, list(reader.fieldnames or ()))
            rows = [_row(f"{source}: line {reader.line_num}", fields) for fields in reader]
    except csv.Error as error:
        raise BadInput(f"{source}: not a CSV file: {error}") from None
    if not rows:
        raise BadInput.at(source, "rows", "none", "at least one result")
    return rows


def _check_columns(path: str, result: list[str]) -> None:
    for name in result:
        if result.count(name) > 1:
            raise BadInput.at(path, "columns", f"{name!r} twice", "each once")
        if name not in REQUIRED + OPTIONAL:
            raise BadInput.unknown(f"column of {path}", name, REQUIRED + OPTIONAL)
    missing = [name for name in REQUIRED if name not in result]
    if missing:
        raise BadInput.at(path, "columns", ", ".join(result) or "none", f"{', '.join(missing)} as well")


def _row(source: str, fields: dict[str, Any]) -> Row:
    if None in fields or None in fields.values():
        raise BadInput.at(source, "fields", "more or fewer than there are columns", "one for each")
    return Row(
        source=source,
        strategy=_name(source, "strategy", fields),
        problem=_text(source, "problem", fields),
        seed=_number(source, "seed", fields, _whole, 0, "a whole number of at least 0"),
        evaluations=_number(source, "evaluations", fields, _whole, 1, "a whole number of at least 1"),
        cost_s=_number(source, "cost", fields, float, 0, "seconds, finite and at least 0"),
        allocation=_allocation(source, fields.get("allocation", "")),
    )


def _text(source: str, name: str, fields: dict[str, str]) -> str:
    if not fields[name].strip():
        raise BadInput.at(source, name, "nothing", "a name")
    return fields[name].strip()


def _name(source: str, name: str, fields: dict[str, str]) -> str:
    text = _text(source, name, fields)
    if (fault := name_fault(text)) is not None:
        raise BadInput.at(source, name, repr(text), fault)
    return text


def _whole(text: str) -> int:
    """A whole number that the store can hold."""
    number = int(text)
    if abs(number) >= 2**63:
        raise ValueError("more than 64 bits")
    return number


def _number(
    source: str, name: str, fields: dict[str, str], kind: Callable[[str], Any], least: int, expected: str
) -> Any:
    try:
        value = kind(fields[name])
    except ValueError:
        raise BadInput.at(source, name, repr(fields[name]), expected) from None
    if not (math.isfinite(value) and value >= least):
        raise BadInput.at(source, name, repr(fields[name]), expected)
    return value


def _allocation(source: str, text: str) -> Any:
    if not text.strip():
        return None
    try:
        return parse_json(text, f"{source}: allocation")
    except BadInput as fault:  # the line within a cell says nothing
        raise BadInput(re.sub(r"line \d+, column \d+: not JSON", "not JSON", str(fault))) from None
