"""A table of links: a row for each, with its ends, and columns whose headings name figure and unit."""

from __future__ import annotations

from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.files.measured.reading import Figure, FigureName, Reading, Source
from tasklet_bench.problems.files.measured.tools.rows import number_of, rows_of
from tasklet_bench.problems.files.measured.units import factor_of, figure_in, one_way_in, unit_in

NAME = "table of links"
_SOURCES = ("from", "src", "source", "origin", "sender", "client", "a")
_TARGETS = ("to", "dst", "dest", "destination", "target", "receiver", "server", "b")
_NOT_MEANT = ("std", "min", "max", "raw", "internal", "quality", "flag")
"""Columns beside the figures."""


def recognises(text: str) -> bool:
    """Whether the first row names both ends of links."""
    rows, _ = rows_of(text[:20_000])
    return bool(rows) and _ends(rows[0]) is not None


def read(source: Source) -> Reading:
    """All figures of all rows; of two delay columns the round-trip time counts.

    Raises `BadInput` for a column without a unit, a row without its ends, and a cell that is no number.
    """
    rows, _ = rows_of(source.text)
    header = rows[0]
    ends = _ends(header) or (0, 1)
    columns = _columns(header, ends, source)
    if not columns:
        expected = "a column of delays or bandwidths with its unit, such as rtt_ms, bandwidth_gbps"
        raise BadInput.at(source.name, "its columns", ", ".join(header)[:80], expected)
    figures = []
    names: list[str] = []
    for number, row in enumerate(rows[1:], start=2):
        where = f"{source.name}: row {number}"
        if len(row) <= max(ends) or not row[ends[0]] or not row[ends[1]]:
            raise BadInput.at(where, "its ends", repr(",".join(row)[:60]), f"{header[ends[0]]} and {header[ends[1]]}")
        a, b = row[ends[0]], row[ends[1]]
        names += [a, b]
        for figure, (column, factor) in columns.items():
            value = number_of(row[column], f"{where}: {header[column]}") if column < len(row) else None
            if value is not None:
                figures.append(Figure(a, b, figure, value * factor, NAME, source.name))
    return Reading(tuple(figures), names=tuple(names))


def _ends(header: list[str]) -> tuple[int, int] | None:
    """Columns of source and target."""
    words = [_first_word(cell) for cell in header]
    result = [next((words.index(word) for word in known if word in words), None) for known in (_SOURCES, _TARGETS)]
    if result[0] is None or result[1] is None:
        return None
    return result[0], result[1]


def _first_word(heading: str) -> str:
    return heading.lower().replace("_", " ").split(" ")[0] if heading else ""


def _columns(header: list[str], ends: tuple[int, int], source: Source) -> dict[FigureName, tuple[int, float]]:
    """Column and factor of each figure: with a unit before without, a round-trip time before a one-way delay."""
    best: dict[FigureName, tuple[int, int, int]] = {}
    for column, heading in enumerate(header):
        unit = unit_in(heading)
        figure = unit[0] if unit else figure_in(heading)
        if column in ends or figure is None or any(word in heading.lower() for word in _NOT_MEANT):
            continue
        round_trip = "rtt" in heading.lower() or "round" in heading.lower()
        rank = (int(unit is None), int(not round_trip), column)
        best[figure] = min(best.get(figure, rank), rank)
    result: dict[FigureName, tuple[int, float]] = {}
    for figure, (*_, column) in best.items():
        heading = header[column]
        factor = factor_of(figure, heading, f"{source.name}: column {heading}", source.units)
        one_way = figure == "delay_ms" and (one_way_in(heading) or source.units.delays_are == "one-way")
        result[figure] = column, factor * (2 if one_way else 1)
    return result
