"""Rows of a table as text: commas, semicolons or tabs, comments and a byte-order mark."""

from __future__ import annotations

import csv
import io
import math
import re

from tasklet_bench.problems.bad_input import BadInput

BLANKS = {"", "-", "–", "—", "n/a", "na", "nan", "null", "none", "x", "*", "?", "."}

_NUMBER = re.compile(r"([-+]?[\d.,]+(?:[eE][-+]?\d+)?)\s*[A-Za-zµ/]*")


def rows_of(text: str) -> tuple[list[list[str]], str]:
    """Cells of each line that is not empty, and what comments (`# …`) say."""
    lines = text.removeprefix("\ufeff").splitlines()
    comments = " ".join(line.lstrip("# ") for line in lines if line.startswith("#"))
    body = [line for line in lines if line.strip() and not line.startswith("#")]
    delimiter = max("\t;,", key=lambda mark: sum(line.count(mark) > 0 for line in body))
    rows = csv.reader(io.StringIO("\n".join(body)), delimiter=delimiter)
    return [[cell.strip() for cell in row] for row in rows], comments


def number_of(cell: str, where: str) -> float | None:
    """The number of a cell, which may end in a unit or hold a decimal comma; None for a blank one.

    Raises `BadInput` for any other text, and for what is negative or not finite.
    """
    if cell.lower() in BLANKS:
        return None
    match = _NUMBER.fullmatch(cell)
    text = match[1] if match else cell
    if text.count(",") == 1 and "." not in text:
        text = text.replace(",", ".")
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value) or value < 0:
        raise BadInput.at(
            where, "a cell", repr(cell[:40]), "a number of at least 0, or a blank for what is not measured"
        )
    return value
