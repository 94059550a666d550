"""The leaderboard in a terminal."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

from bench.analysis.sample import Sample

if TYPE_CHECKING:
    import pandas as pd


def render(table: pd.DataFrame, sample: Sample) -> Group:
    """The leaderboard as a rich renderable, with what it rests on beneath it."""
    title = f"{sample.suite} · {sample.budget}"
    shown = Table(title=title, title_justify="left", box=None, pad_edge=False, header_style="bold", title_style="bold")
    shown.add_column("", justify="right")
    shown.add_column("strategy")
    for heading in ("mean rank", "95 %", "median excess", "wins", "failed", "CPU s"):
        shown.add_column(heading, justify="right", no_wrap=True)
    for place, row in enumerate(table.to_dict("records"), start=1):
        shown.add_row(str(place), *_cells(row), style="bold" if place == 1 else "")
    return Group(shown, Text(sample.scope(), style="dim"))


def _cells(row: dict[Any, Any]) -> list[str | Text]:
    failed = f"{row['failed']} of {row['runs']}" if row["failed"] else "–"
    return [
        Text(row["strategy"]),
        f"{row['mean_rank']:.2f}",
        f"{row['mean_rank_low']:.2f}–{row['mean_rank_high']:.2f}",
        percent(row["excess_median"]),
        str(row["wins"]),
        Text(failed, style="red" if row["failed"] else ""),
        f"{row['cpu_s']:.2f}",
    ]


def percent(share: float) -> str:
    """A relative figure with its sign, as precise as it is worth reading: `+0.31 %`, `+27 %`, `+1,940 %`."""
    if not math.isfinite(share):
        return "∞" if share > 0 else "–"
    digits = 2 if abs(share) < 0.1 else 1 if abs(share) < 1 else 0
    text = f"{100 * share:+,.{digits}f} %"
    return "0 %" if not any(character in "123456789" for character in text) else text
