"""A problem file that lacks figures, or to whose figures others are added."""

from __future__ import annotations

import json
from typing import Any

from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.files.measured.reading import Figure, FigureName, Place, Reading, Source
from tasklet_bench.problems.files.measured.units import typed_option, typed_unit

NAME = "problem file"
_OWN = {"sites", "delay_ms", "bandwidth_gbps", "delay_is", "filled"}


def recognises(text: str) -> bool:
    """Whether a text is a JSON object with sites (whole or not)."""
    return text.lstrip().startswith("{") and '"sites"' in text


def read(source: Source) -> Reading:
    """Its sites, and the figures that are there and were not filled; its other keys are kept.

    Raises `BadInput` for what is not JSON, and for matrices that are not sites × sites.
    """
    try:
        data = json.loads(source.text)
    except (json.JSONDecodeError, RecursionError) as error:
        raise BadInput.at(source.name, "its JSON", str(error)[:60], "a whole object") from None
    sites = data.get("sites") if isinstance(data, dict) else None
    if not isinstance(sites, list) or not all(
        isinstance(site, dict) and isinstance(site.get("name"), str) for site in sites
    ):
        raise BadInput.at(source.name, "sites", repr(sites)[:40], "a list of objects with a name each")
    names = [site["name"] for site in sites]
    filled = _filled(data.get("filled", []), source)
    figures: list[Figure] = []
    for figure in ("delay_ms", "bandwidth_gbps"):
        figures += _matrix(data, figure, names, filled, source)
    places = [_place(site) for site in sites]
    settings = {key: value for key, value in data.items() if key not in _OWN}
    return Reading(tuple(figures), tuple(places), tuple(names), settings=settings)


def _filled(entries: Any, source: Source) -> set[tuple[str, int, int]]:
    """Figures that were filled before, which are not measured: name, source and target."""
    try:
        return {(str(entry["figure"]), int(a), int(b)) for entry in entries for a, b in entry["links"]}
    except (TypeError, KeyError, ValueError):
        expected = "objects with figure, by and links, as measure writes them"
        raise BadInput.at(source.name, "filled", repr(entries)[:40], expected) from None


def _place(site: dict[str, Any]) -> Place:
    attributes = {key: value for key, value in site.items() if key not in ("name", "devices")}
    devices = site.get("devices")
    return Place(site["name"], slots=devices if isinstance(devices, int) else None, attributes=attributes)


def _matrix(
    data: dict[str, Any], figure: FigureName, names: list[str], filled: set[tuple[str, int, int]], source: Source
) -> list[Figure]:
    rows = data.get(figure)
    if rows is None:
        return []
    factor = 2.0 if figure == "delay_ms" and data.get("delay_is") == "one-way" else 1.0
    option, typed = typed_option(figure, source.units)
    factor *= typed_unit(option, typed, figure) if typed else 1.0
    n = len(names)
    if not isinstance(rows, list) or len(rows) != n or not all(isinstance(row, list) and len(row) == n for row in rows):
        raise BadInput.at(source.name, figure, "another shape", f"{n} rows of {n} figures, one for each site")
    result = []
    for i, row in enumerate(rows):
        for j, value in enumerate(row):
            if value is None or (figure, i, j) in filled or (i == j and value == 0):
                continue
            least = 0 if figure == "delay_ms" else 1e-9
            if not isinstance(value, int | float) or not least <= value < float("inf"):
                raise BadInput.at(source.name, f"{figure}[{i}][{j}]", repr(value)[:40], "a number, or null for a gap")
            result.append(Figure(names[i], names[j], figure, value * factor, NAME, source.name))
    return result
