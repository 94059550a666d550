"""A heat map of pair costs in a terminal: coloured cells, or digits from 0 (fast) to 9 (slow) where there is no colour.

>>> Console().print(HeatText(heat_map(problem, 31), names))
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from tasklet_bench.bench.report.shades import Shades, colour
from tasklet_bench.bench.report.topology import HeatMap

CELL = 2
"""Letters of a cell; a cell is about a square."""
MOST_LETTERS = 16
"""Names are cut to so many letters."""
RAMP_CELLS = 10
NO_LINK = "·"


@dataclass(frozen=True)
class HeatText:
    """A heat map with the name of each row and a key below; `names` are those of its sites, none for devices."""

    heat: HeatMap
    names: Sequence[str]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        del options  # as many rows as there are, at the width that they need
        coloured = console.color_system is not None
        shades = Shades.of(self.heat.seconds)
        heads = [self._head(row) for row in range(len(self.heat.seconds))]
        width = max(map(len, heads), default=0)
        for head, shares in zip(heads, shades.share, strict=True):
            yield Text(f"  {head:>{width}} ").append_text(_cells(shares, coloured))
        steps = [step / (RAMP_CELLS - 1) for step in range(RAMP_CELLS)]
        key = Text(f"  {'':>{width}} {_duration(shades.low_s)} ").append_text(_cells(steps, coloured))
        yield key.append(f" {_duration(shades.high_s)}, on a logarithmic scale")

    def _head(self, row: int) -> str:
        """The first site or device of a row, and how many follow it in the same row."""
        start = row * self.heat.per_cell
        first = int(self.heat.first[row])
        name = f"#{first}" if self.heat.unit == "device" else _cut(self.names[first])
        total = len(self.names) if self.heat.unit == "site" else None
        more = self.heat.per_cell - 1 if total is None else min(self.heat.per_cell, total - start) - 1
        return f"{name} +{more}" if more > 0 else name


def most_rows(width: int) -> int:
    """How many rows and columns of a heat map fit into a width of so many letters."""
    return max(4, (width - MOST_LETTERS - len("  ") - len(" +9 ")) // CELL)


def _cells(shares: Sequence[float], coloured: bool) -> Text:
    text = Text()
    for share in shares:
        if share != share:  # NaN: no link
            text.append(f"{NO_LINK:<{CELL}}", style="dim")
        elif coloured:
            red, green, blue = colour(float(share))
            text.append(" " * CELL, style=f"on rgb({red},{green},{blue})")
        else:
            text.append(f"{min(9, int(share * 10)):<{CELL}}")
    return text


def _cut(name: str) -> str:
    return name if len(name) <= MOST_LETTERS else name[: MOST_LETTERS - 1] + "…"


def _duration(seconds: float) -> str:
    return f"{seconds:.3g} s" if seconds >= 1 else f"{seconds * 1e3:.3g} ms"
