"""One problem as one SVG picture: its sites on the world map where they have coordinates, and its pair costs.

It holds everything itself, and is light or dark as its reader is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from html import escape

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.bench.report import map_picture
from tasklet_bench.bench.report.shades import Shades, colour
from tasklet_bench.bench.report.topology import (
    LARGEST_HEAT_MAP,
    HeatMap,
    fastest_links,
    heat_map,
    places,
)
from tasklet_bench.problems.allocation import AllocationProblem

WIDTH, MARGIN, HEAT, GAP = 1120.0, 32.0, 430.0, 28.0
"""Pixels of the picture, around it, of the heat map, and between its parts."""
LINE = 21.0
"""Pixels from one line of text to the next."""
MOST_NAMED = 40
"""Rows of a heat map whose names are written."""
NAMES_WIDTH = 130.0
LEVELS = 63
"""Shades of a heat map that are distinguished."""

_STYLE = """
svg { color-scheme: light dark; --paper: #fcfbf8; --ink: #1d2024; --soft: #5c6168; --land: #e9e5db; --sea: #f5f3ee;
  --link: #0072b266; --site: #0072b2; --none: #e8e5df; font: 14px ui-sans-serif, system-ui, "Segoe UI", sans-serif; }
@media (prefers-color-scheme: dark) { svg { --paper: #14161a; --ink: #e8e6e1; --soft: #a2a7ae; --land: #2b3037;
  --sea: #191c21; --link: #4fa6e066; --site: #4fa6e0; --none: #2c3036; } }
.paper { fill: var(--paper); } .sea { fill: var(--sea); } .land { fill: var(--land); }
.link { fill: none; stroke: var(--link); } .site { fill: var(--site); stroke: var(--paper); }
.place { fill: var(--ink); stroke: var(--sea); paint-order: stroke; stroke-linejoin: round; }
text { fill: var(--ink); } .soft { fill: var(--soft); } .title { font-size: 24px; font-weight: 640; }
.head { font-size: 15px; font-weight: 620; } .none { fill: var(--none); } .row { font-size: 11px; }
"""


def svg(problem: AllocationProblem, subtitle: str, facts: Sequence[tuple[str, str]]) -> str:
    """The picture as text; `facts` are the lines beside the heat map, each a name and a value."""
    inner = WIDTH - 2 * MARGIN
    y = MARGIN + 24
    parts = [_text(MARGIN, y, problem.name, "title"), _text(MARGIN, y + 26, subtitle, "soft")]
    y += 26 + GAP
    drawn = _map(problem, inner, (MARGIN, y))
    if drawn:
        parts.append(drawn)
        y += map_picture.height(inner) + GAP
    heat = heat_map(problem, LARGEST_HEAT_MAP)
    names = [site.name for site in problem.sites] if heat.unit == "site" and len(heat.seconds) <= MOST_NAMED else []
    left = MARGIN + (NAMES_WIDTH if names else 0)
    parts.append(_text(MARGIN, y + 4, _caption(heat), "head"))
    y += LINE
    parts.append(_heat(heat, names, left, y))
    facts_x = left + HEAT + 1.5 * GAP
    for index, (name, value) in enumerate(facts):
        row = y + LINE * (index + 0.7)
        parts += [_text(facts_x, row, name, "soft"), _text(facts_x + 174, row, value)]
    height = y + max(HEAT + 2 * LINE, LINE * len(facts)) + MARGIN
    return "\n".join(
        [
            (
                f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:g} {height:g}" width="{WIDTH:g}" '
                f'height="{height:g}" role="img">'
            ),
            f"<title>{escape(problem.name)}</title><style>{_STYLE}</style>",
            f'<rect class="paper" width="{WIDTH:g}" height="{height:g}"/>',
            *parts,
            "</svg>\n",
        ]
    )


def _map(problem: AllocationProblem, width: float, at: tuple[float, float]) -> str | None:
    """The world map, if every site has coordinates."""
    result = [place for place in places(problem) if place is not None]
    if len(result) < len(problem.sites):
        return None
    names, devices = [site.name for site in problem.sites], [site.devices for site in problem.sites]
    links = fastest_links(problem.between_sites_s())
    return map_picture.world_map(names, devices, result, links, width, at)


def _caption(heat: HeatMap) -> str:
    blocks = f", {heat.per_cell} in a row" if heat.per_cell > 1 else ""
    return f"Seconds to send the activations, both ways, between {heat.unit}s{blocks}"


def _heat(heat: HeatMap, names: Sequence[str], x: float, y: float) -> str:
    shades = Shades.of(heat.seconds)
    cell = HEAT / len(shades.share)
    parts = [
        f'<g transform="translate({x:g} {y:g}) scale({cell:.6g})" shape-rendering="crispEdges">',
        *_cells(shades.share),
        "</g>",
        *(_text(x - 8, y + (row + 0.5) * cell + 4, name, "row", "end") for row, name in enumerate(names)),
        _key(shades, x, y + HEAT + 12),
    ]
    return "\n".join(parts)


def _cells(share: NDArray[np.float64]) -> list[str]:
    """One path for each shade, so that a large map stays small; a gray one for no link."""
    squares: dict[int, list[str]] = defaultdict(list)
    levels = np.where(np.isnan(share), -1, np.rint(np.nan_to_num(share) * LEVELS)).astype(int)
    for (row, column), level in np.ndenumerate(levels):
        squares[int(level)].append(f"M{column} {row}h1v1h-1z")
    return [
        f'<path class="none" d="{"".join(result)}"/>'
        if level < 0
        else f'<path fill="{_hex(level / LEVELS)}" d="{"".join(result)}"/>'
        for level, result in sorted(squares.items())
    ]


def _key(shades: Shades, x: float, y: float) -> str:
    """The ramp from fast to slow, with the seconds at both ends."""
    steps, width = 48, HEAT - 220
    boxes = "".join(
        f'<rect x="{x + 110 + width * step / steps:.1f}" y="{y:g}" width="{width / steps + 0.5:.1f}" height="10" '
        f'fill="{_hex(step / (steps - 1))}"/>'
        for step in range(steps)
    )
    low, high = (f"{seconds:.3g} s" for seconds in (shades.low_s, shades.high_s))
    return boxes + _text(x, y + 10, f"fast {low}", "soft") + _text(x + HEAT, y + 10, f"{high} slow", "soft", "end")


def _hex(share: float) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour(share))


def _text(x: float, y: float, text: str, kind: str = "", anchor: str = "start") -> str:
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'
