"""One problem as one SVG picture: its sites on the world map where they have coordinates, and its pair costs.

It holds everything itself, and is light or dark as its reader is.
"""

from __future__ import annotations

from collections.abc import Sequence

from tasklet_bench.bench.report import heat_picture, map_picture
from tasklet_bench.bench.report.svg import picture, text
from tasklet_bench.bench.report.topology import (
    LARGEST_HEAT_MAP,
    HeatMap,
    between_sites,
    fastest_links,
    heat_map,
    places,
)
from tasklet_bench.problems.allocation import AllocationProblem

WIDTH, MARGIN, HEAT, GAP = 1120.0, 32.0, 560.0, 28.0
"""Pixels of the picture, around it, of the heat map, and between its parts."""
LINE = 21.0
"""Pixels from one line of text to the next."""


def svg(problem: AllocationProblem, subtitle: str, facts: Sequence[tuple[str, str]]) -> str:
    """The picture as text; `facts` are the lines beside the heat map, each a name and a value."""
    inner = WIDTH - 2 * MARGIN
    y = MARGIN + 24
    parts = [text(problem.name, MARGIN, y, "title"), text(subtitle, MARGIN, y + 26, "soft")]
    y += 26 + GAP
    drawn = map_of(problem, inner, (MARGIN, y))
    if drawn:
        parts.append(drawn)
        y += map_picture.height(inner) + GAP
    heat = heat_map(problem, LARGEST_HEAT_MAP)
    names = row_names(problem, heat)
    parts.append(text(caption(heat), MARGIN, y + 4, "head"))
    y += LINE
    parts.append(heat_picture.heat_svg(heat, names, HEAT, (MARGIN, y)))
    for index, (name, value) in enumerate(facts):
        row = y + LINE * (index + 0.7)
        parts += [text(name, MARGIN + HEAT + GAP, row, "soft"), text(value, MARGIN + HEAT + GAP + 174, row)]
    height = y + max(heat_picture.height(HEAT, bool(names)), LINE * len(facts)) + MARGIN
    return picture(WIDTH, height, problem.name, parts)


def row_names(problem: AllocationProblem, heat: HeatMap) -> list[str]:
    """The names of a heat map's rows where they are sites and few enough to be written, else none."""
    few = heat.unit == "site" and heat.per_cell == 1 and len(heat.seconds) <= heat_picture.MOST_NAMED
    return [site.name for site in problem.sites] if few else []


def map_of(
    problem: AllocationProblem,
    width: float,
    at: tuple[float, float] = (0, 0),
    *,
    shape: float = map_picture.SHAPE,
    land: str | None = None,
) -> str | None:
    """The world map of a problem's sites as `map_picture` draws it, if every site has coordinates."""
    result = [place for place in places(problem) if place is not None]
    if len(result) < len(problem.sites):
        return None
    names, devices = [site.name for site in problem.sites], [site.devices for site in problem.sites]
    links = fastest_links(between_sites(problem))
    return map_picture.world_map(names, devices, result, links, width, at, shape=shape, land=land)


def caption(heat: HeatMap) -> str:
    """What the cells of a heat map are, in a line."""
    blocks = f", {heat.per_cell} in a row" if heat.per_cell > 1 else ""
    return f"Seconds to send the activations, both ways, between {heat.unit}s{blocks}"
