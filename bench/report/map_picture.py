"""The sites of a problem on the world map, as SVG: cut to where they are, each joined with its fastest others."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from tasklet_bench.bench.report.svg import element, site_class, title
from tasklet_bench.bench.report.world import land_path, projected

Box = tuple[float, float, float, float]
"""Left, top, right and bottom."""

SHAPE, TALL = 0.42, 0.75
"""Height of the map over its width; `TALL` is for narrow screens."""
LEAST_SPAN = (1300, 700)
"""Units of the map that are shown at least, across and down; the world is about 9,700 wide."""
ROOM = (1.35, 1.5)
"""How much wider and higher than the sites the map is."""
LETTER, LINE = 6.4, 13.0
"""Pixels that a letter and a line of a name take."""


@dataclass(frozen=True)
class Dot:
    """A site on the map: its number, name, devices, place in the map's units, and radius in the same."""

    index: int
    name: str
    devices: int
    x: float
    y: float
    radius: float

    @property
    def box(self) -> Box:
        """What it covers."""
        return self.x - self.radius, self.y - self.radius, self.x + self.radius, self.y + self.radius


def height(width: float, shape: float = SHAPE) -> float:
    """Pixels that a map of so many pixels' width is high."""
    return width * shape


def world_map(
    names: Sequence[str],
    devices: Sequence[int],
    places: Sequence[tuple[int, int]],
    links: Sequence[Sequence[int]],
    width: float,
    at: tuple[float, float] = (0, 0),
    *,
    shape: float = SHAPE,
    land: str | None = None,
) -> str:
    """An `<svg>` element of `width` pixels at `at`, with classes sea, land, link, site and place to be styled.

    `land` is the land's element where its path stands elsewhere already; a page of many maps holds it once.
    """
    left, top, right, bottom = frame = _frame(places, shape)
    pixel = (right - left) / width
    most = max(devices)
    dots = [
        Dot(index, name, count, x, y, pixel * (4 + 6 * math.sqrt(count / most)))
        for index, (name, count, (x, y)) in enumerate(zip(names, devices, places, strict=True))
    ]
    dots.sort(key=lambda dot: -dot.devices)
    parts = [
        element("rect", class_="sea", x=left, y=top, width=right - left, height=bottom - top),
        land or element("path", class_="land", d=land_path()),
        *(
            element("path", class_="link", stroke_width=pixel, d=path)
            for a, b in links
            for path in _short_way(places[a], places[b])
        ),
        *(_circle(dot, pixel) for dot in dots),
        *_names(dots, pixel, frame),
    ]
    return element(
        "svg",
        *parts,
        class_="map",
        x=at[0],
        y=at[1],
        width=width,
        height=height(width, shape),
        viewBox=f"{left:.1f} {top:.1f} {right - left:.1f} {bottom - top:.1f}",
    )


def _circle(dot: Dot, pixel: float) -> str:
    words = f"{dot.name}: {dot.devices} device{'s' * (dot.devices > 1)}"
    kind = f"site {site_class(dot.index)}"
    return element("circle", title(words), class_=kind, cx=dot.x, cy=dot.y, r=dot.radius, stroke_width=1.2 * pixel)


def _frame(places: Sequence[tuple[int, int]], shape: float) -> Box:
    """The sites' box with room around it, made of the map's shape, and not moved beyond the poles."""
    xs, ys = zip(*places, strict=True)
    spans = [
        max(max(values) - min(values), least) * room
        for values, least, room in zip((xs, ys), LEAST_SPAN, ROOM, strict=True)
    ]
    across = max(spans[0], spans[1] / shape)
    high = across * shape
    x, y = (max(xs) + min(xs)) / 2, (max(ys) + min(ys)) / 2
    beyond = max(0.0, (high - 2 * _pole()) / 2)
    y = min(max(y, high / 2 - _pole() - beyond), _pole() - high / 2 + beyond)
    return x - across / 2, y - high / 2, x + across / 2, y + high / 2


def _pole() -> int:
    """How far a pole is from the equator."""
    return int(projected([0], [-90])[0][1])


def _short_way(a: tuple[int, int], b: tuple[int, int]) -> list[str]:
    """A link over the Pacific leaves the map on one side and comes in on the other."""
    world = 2 * int(projected([180], [0])[0][0])
    (xa, ya), (xb, yb) = a, b
    if abs(xa - xb) <= world / 2:
        return [f"M{xa} {ya}L{xb} {yb}"]
    turn = world if xa < xb else -world
    return [f"M{xa} {ya}L{xb - turn} {yb}", f"M{xa + turn} {ya}L{xb} {yb}"]


def _names(dots: Sequence[Dot], pixel: float, frame: Box) -> list[str]:
    """Names to the right of their dots, to the left, above or below, wherever no other is; else only as tooltips."""
    taken = [dot.box for dot in dots]
    texts = []
    for dot in dots:
        length, line, gap = len(dot.name) * LETTER * pixel, LINE * pixel, dot.radius + 3 * pixel
        for anchor, x, y, start in (
            ("start", dot.x + gap, dot.y + line / 3, dot.x + gap),
            ("end", dot.x - gap, dot.y + line / 3, dot.x - gap - length),
            ("middle", dot.x, dot.y - gap, dot.x - length / 2),
            ("middle", dot.x, dot.y + gap + 0.7 * line, dot.x - length / 2),
        ):
            box = (start, y - line, start + length, y + 2 * pixel)
            if _inside(box, frame) and not any(_overlap(box, other) for other in taken):
                taken.append(box)
                size = {"font_size": 11.5 * pixel, "stroke_width": 3 * pixel}
                texts.append(element("text", escape(dot.name), class_="place", x=x, y=y, text_anchor=anchor, **size))
                break
    return texts


def _inside(box: Box, frame: Box) -> bool:
    return box[0] >= frame[0] and box[1] >= frame[1] and box[2] <= frame[2] and box[3] <= frame[3]


def _overlap(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
