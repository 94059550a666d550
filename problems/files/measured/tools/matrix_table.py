"""A matrix: a row for each source, a column for each target, as providers publish their latencies."""

from __future__ import annotations

from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.files.measured.reading import Figure, FigureName, Reading, Source
from tasklet_bench.problems.files.measured.tools.rows import BLANKS, number_of, rows_of
from tasklet_bench.problems.files.measured.units import factor_of, figure_in, one_way_in, unit_in

NAME = "matrix"
_LEAST = 2


def recognises(text: str) -> bool:
    """Whether it is a table whose lines have cells, and the last of them numbers."""
    rows, _ = rows_of(text[:200_000])
    wide = [row for row in rows if len(row) > _LEAST]
    return len(wide) >= _LEAST and any(_is_number(cell) for row in wide[1:] for cell in row[1:])


def read(source: Source) -> Reading:
    """Every cell; a square of numbers alone is one of places without names.

    The unit stands in a title, a comment, the corner, a heading or the file's name. Raises `BadInput` for a matrix
    without unit or names, a row of another length, and a cell that is no number.
    """
    rows, comments = rows_of(source.text)
    title = [comments]
    while rows and sum(cell != "" for cell in rows[0]) == 1:
        title.append(next(cell for cell in rows.pop(0) if cell))
    if all(_is_number(cell) or cell.lower() in BLANKS for cell in rows[0]):
        if any(len(row) != len(rows) for row in rows):
            expected = "a first row with the names of the targets, and a first column with those of the sources"
            raise BadInput.at(source.name, "its first row", "numbers alone", expected)
        hosts = [f"host-{number}" for number in range(len(rows))]
        rows = [["", *hosts], *([host, *row] for host, row in zip(hosts, rows, strict=True))]
    header, body = rows[0], rows[1:]
    title.append(header[0])
    figure, factor = _unit([*title, source.name.replace(".", " ")], source)
    targets = [_name(heading) for heading in header[1:]]
    while targets and not targets[-1]:
        targets.pop()
    for index, target in enumerate(targets):
        if not target or target in targets[:index]:
            raise BadInput.at(source.name, f"heading {index + 2}", repr(target), "each target once, by its name")
    figures = []
    names: list[str] = []
    for number, row in enumerate(body):
        name, cells = _name(row[0]), row[1:]
        if not name or name in names:
            raise BadInput.at(source.name, f"row {number + 2}", repr(name), "each source once, by its name")
        if any(cells[len(targets) :]):
            raise BadInput.at(source.name, f"row of {name}", f"{len(cells)} cells", f"{len(targets)}, one a target")
        names.append(name)
        for target, cell in zip(targets, cells, strict=False):
            value = number_of(cell, f"{source.name}: {name} to {target}")
            if value is not None and not (value == 0 and name == target):
                figures.append(Figure(name, target, figure, value * factor, NAME, source.name))
    return Reading(tuple(figures), names=(*names, *targets))


def _name(cell: str) -> str:
    return " ".join(cell.split())


def _is_number(cell: str) -> bool:
    try:
        float(cell.replace(",", "."))
    except ValueError:
        return False
    return True


def _unit(titles: list[str], source: Source) -> tuple[FigureName, float]:
    """Figure of the matrix and its factor; a title that names a figure alone needs a unit that was typed."""
    one_way = one_way_in(" ".join(titles)) or source.units.delays_are == "one-way"
    typed: dict[FigureName, str | None] = {"delay_ms": source.units.delay, "bandwidth_gbps": source.units.bandwidth}
    figures = [unit[0] for title in titles if (unit := unit_in(title))] + [f for t in titles if (f := figure_in(t))]
    figures += [figure for figure, unit in typed.items() if unit]
    if not figures:
        expected = "one in its corner, as in 'latency (ms)', or --delay-unit, --bandwidth-unit"
        raise BadInput.at(source.name, "the unit of the matrix", "none", expected)
    figure = figures[0]
    heading = next((title for title in titles if (unit := unit_in(title)) and unit[0] == figure), titles[-1])
    factor = factor_of(figure, heading, f"{source.name}: the matrix", source.units)
    return figure, factor * (2 if one_way and figure == "delay_ms" else 1)
