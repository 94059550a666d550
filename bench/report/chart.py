"""Charts with two axes as SVG files, in the page's style: what the pictures of the docs are drawn with.

>>> chart = Chart(Axis("devices", 1, 1000, log=True), Axis("seconds", 0, 2), 300, 200)
>>> chart.line([(10, 0.5), (100, 1.5)], 0, dots=True)
>>> text = chart.file("Seconds over devices", ["one strategy"])
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from html import escape

from tasklet_bench.bench.report.svg import COLOURS_OF_SITES, element, picture, text, title

Point = tuple[float, float]
_LEFT, _TOP, _RIGHT, _BOTTOM = 64.0, 16.0, 16.0, 48.0
_LETTER, _LINE, _HEADING = 7.2, 20.0, 30.0


@dataclass(frozen=True)
class Axis:
    """Figures from `low` to `high`, logarithmic on request; `ticks` are round figures where none are given."""

    title: str
    low: float
    high: float
    log: bool = False
    ticks: Sequence[float] = ()
    words: Callable[[float], str] = "{:,.10g}".format

    def share(self, value: float) -> float:
        """Where a figure is between the two ends, from 0 to 1; those beyond are at the end."""
        if self.log:
            value, low, high = (math.log(max(figure, 1e-300)) for figure in (value, self.low, self.high))
        else:
            low, high = self.low, self.high
        return min(1.0, max(0.0, (value - low) / (high - low or 1.0)))

    def marks(self) -> list[tuple[float, str]]:
        """Shares at which the axis is marked, with the words there."""
        ticks = self.ticks or (_powers(self.low, self.high) if self.log else _round_steps(self.low, self.high))
        return [(self.share(tick), self.words(tick)) for tick in ticks if self.low <= tick <= self.high * (1 + 1e-9)]

    def heading(self) -> str:
        """What the axis shows, and whether its steps are equal."""
        return f"{self.title} (log)" if self.log and self.title else self.title


@dataclass(frozen=True)
class Names:
    """Names one after the other, such as strategies; a place is a name's number, with a fraction beside it."""

    names: Sequence[str]

    def share(self, place: float) -> float:
        """Where the middle of a place is, from 0 to 1."""
        return (place + 0.5) / len(self.names)

    def marks(self) -> list[tuple[float, str]]:
        """The middle of each name's place."""
        return [(self.share(place), name) for place, name in enumerate(self.names)]

    def heading(self) -> str:
        """Names speak for themselves."""
        return ""


@dataclass
class Chart:
    """A plot of `width` times `height` pixels to which lines, dots and bars are added, each in a colour from 0 to 7.

    Numbers on the y axis grow upwards, names go downwards.
    """

    x: Axis | Names
    y: Axis | Names
    width: float
    height: float
    right: float = _RIGHT
    """Pixels for names at the right."""
    _parts: list[str] = field(default_factory=list)

    def line(self, points: Sequence[Point], colour: int | None, *, dots: bool = False, name: str = "") -> None:
        """A line through points, grey without a colour; `name` is what a reader sees who points at it."""
        path = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in map(self._at, points))
        stroke = f"stroke:{_colour(colour)}"
        hint = [title(name)] if name else []
        self._parts.append(
            element("path", *hint, fill="none", d=path, style=stroke, stroke_width=2, stroke_opacity=0.8)
        )
        for point in points if dots else ():
            self.dot(point, colour, name=name)

    def dot(self, point: Point, colour: int | None, *, name: str = "") -> None:
        """A filled circle."""
        x, y = self._at(point)
        hint = [title(name)] if name else []
        self._parts.append(element("circle", *hint, cx=x, cy=y, r=4, style=f"fill:{_colour(colour)}", fill_opacity=0.9))

    def label(self, point: Point, words: str) -> None:
        """A name to the right of a point."""
        x, y = self._at(point)
        self._parts.append(text(words, x + 9, y + 4))

    def file(self, name: str, legend: Sequence[str] = (), heading: str = "", note: str = "") -> str:
        """The chart as a whole file; `legend` names the colours in order.

        `name` is for readers who do not see it; `heading` is the line above the plot, `note` the one beneath it.
        """
        left = self._left()
        keys, top = self._legend(legend, left, _TOP + (_HEADING if heading else 0.0))
        lines = [text(heading, 14, _TOP + 8, "head")] if heading else []
        bottom = _BOTTOM
        if note:
            lines.append(text(note, left + self.width, top + self.height + bottom + 4, "axis", "end"))
            bottom += _LINE
        axes = [*self._x_axis(), *self._y_axis()]
        inner = element("g", *axes, *self._parts, transform=f"translate({left:g} {top:g})")
        return picture(left + self.width + self.right, top + self.height + bottom, name, [*lines, *keys, inner])

    def _at(self, point: Point) -> Point:
        x, y = self.x.share(point[0]), self.y.share(point[1])
        return x * self.width, (y if isinstance(self.y, Names) else 1 - y) * self.height

    def _left(self) -> float:
        longest = max((len(words) for _, words in self.y.marks()), default=0)
        return max(_LEFT, 14 + _LETTER * longest) if isinstance(self.y, Names) else _LEFT

    def _x_axis(self) -> list[str]:
        parts = []
        for share, words in self.x.marks():
            x = share * self.width
            parts.append(element("line", class_="rule", x1=x, x2=x, y1=0, y2=self.height))
            parts.append(text(words, x, self.height + 18, "tick", "middle"))
        return [*parts, text(self.x.heading(), self.width, self.height + 38, "axis", "end")]

    def _y_axis(self) -> list[str]:
        parts = []
        for share, words in self.y.marks():
            y = (share if isinstance(self.y, Names) else 1 - share) * self.height
            parts.append(element("line", class_="rule", x1=0, x2=self.width, y1=y, y2=y))
            parts.append(text(words, -8, y + 4, "tick", "end"))
        middle = f"translate({-_LEFT + 14:g} {self.height / 2:g}) rotate(-90)"
        heading = escape(self.y.heading())
        return [*parts, element("text", heading, class_="axis", transform=middle, text_anchor="middle")]

    def _legend(self, names: Sequence[str], left: float, top: float) -> tuple[list[str], float]:
        """A dot and a name for each colour, on a new line where there is no room, and where the plot begins."""
        parts, x, y = [], left, top
        for place, name in enumerate(names):
            room = 34 + _LETTER * len(name)
            if x > left and x + room > left + self.width + self.right:
                x, y = left, y + _LINE
            parts.append(element("circle", cx=x + 5, cy=y, r=5, style=f"fill:{_colour(place)}"))
            parts.append(text(name, x + 15, y + 4, "tick"))
            x += room
        return parts, y + 18 if names else top


def percents(share: float) -> str:
    """A share on an axis: `0.2 %`, `50 %`, `1,000 %`."""
    return f"{100 * share:,.10g} %"


def _colour(place: int | None) -> str:
    return "var(--soft)" if place is None else f"var(--s{place % COLOURS_OF_SITES})"


def _powers(low: float, high: float) -> list[float]:
    return [10.0**power for power in range(math.ceil(math.log10(low) - 1e-9), math.floor(math.log10(high) + 1e-9) + 1)]


def _round_steps(low: float, high: float, most: int = 6) -> list[float]:
    """Round figures between the two ends, at most about `most` of them."""
    rough = (high - low) / most or 1.0
    power = 10 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough)
    first = math.ceil(low / step - 1e-9)
    return [round(step * place, 12) for place in range(first, math.floor(high / step + 1e-9) + 1)]
