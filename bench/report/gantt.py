"""A simulated iteration as a picture: what each device computes and sends, and when.

`gantt_table` gives the bars, `gantt_svg` draws them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.bench.report.svg import element, picture, site_class, text, title
from tasklet_bench.problems.iteration_time.tasks import Kind
from tasklet_bench.problems.iteration_time.timeline import NAMES, Timeline

if TYPE_CHECKING:
    import pandas as pd

COLOURS = {
    "forward": "#0072B2",
    "backward": "#56B4E9",
    "activations": "#E69F00",
    "activation_gradients": "#B8A800",
    "gradients": "#D55E00",
    "weight_gradients": "#009E73",
    "update": "#CC79A7",
    "receive": "#999999",
}
"""The palette of Okabe and Ito, its yellow darker: readers without colour vision tell it apart by lightness."""
LANES = {
    Kind.FORWARD: "computes",
    Kind.BACKWARD: "computes",
    Kind.ACTIVATIONS: "sends along the pipeline",
    Kind.ACTIVATION_GRADIENTS: "sends along the pipeline",
    Kind.GRADIENTS: "sends gradients",
    Kind.WEIGHT_GRADIENTS: "computes",
    Kind.UPDATE: "computes",
    Kind.RECEIVE: "computes",
}
WIDTH = 1120.0
"""Pixels of a drawing's width unless another is asked for."""
_LEFT, _BOTTOM, _LEGEND, _BETWEEN = 44.0, 40.0, 16.0, 5.0
_LETTER = 6.6
FINEST = 1 / 2000
"""Gaps below this share of the iteration are closed: nobody sees them, and a page must stay small."""


def gantt_table(timeline: Timeline) -> pd.DataFrame:
    """One row per bar, in order of pipeline, stage and time.

    Columns: `row` (its label), `pipeline`, `stage`, `device`, `site`, `lane` (a value of `LANES`), `what`,
    `start_s`, `end_s`. Bars of one kind that touch or overlap are one, as a device may send to several at once.
    """
    import pandas as pd

    problem, tasks = timeline.problem, timeline.tasks
    stages = problem.shape.pipeline_parallel
    sites = [problem.sites[site].name for site in problem.topology.site_of]
    rows: list[dict[str, Any]] = []
    for cell in range(problem.shape.n_devices):
        pipeline, stage = divmod(cell, stages)
        device = int(timeline.durations.source[tasks.ends[cell]])
        label = f"pipeline {pipeline}, stage {stage}: device {device}"
        where = {"row": label, "pipeline": pipeline, "stage": stage, "device": device, "site": sites[device]}
        for kind, what in NAMES.items():
            mine = (tasks.source == cell) & (tasks.kind == kind)
            bars = _merged(timeline.start_s[mine], timeline.finish_s[mine], FINEST * timeline.iteration_s)
            rows += [
                {**where, "lane": LANES[kind], "what": what, "start_s": start, "end_s": end} for start, end in bars
            ]
    columns = ["row", "pipeline", "stage", "device", "site", "lane", "what", "start_s", "end_s"]
    return pd.DataFrame(rows, columns=columns)


def gantt_svg(bars: pd.DataFrame, iteration_s: float, sites: Sequence[str], width: float = WIDTH) -> str:
    """The bars of a `gantt_table` as an `<svg>` element: a line for each device with its three lanes, over seconds.

    `sites` are the names of the sites in order, which give lines their colours at the left.
    """
    bars_of = {str(what): own for what, own in bars.groupby("what", sort=False)}
    present = [what for what in COLOURS if what in bars_of]
    legend, top = _legend(present, width)
    lines = bars.drop_duplicates("row").reset_index(drop=True)
    step = 7.0 if len(lines) > 64 else 9.0 if len(lines) > 24 else 14.0
    places = enumerate(zip(lines["row"], lines["pipeline"], strict=True))
    y_of = {row: top + step * place + _BETWEEN * pipeline for place, (row, pipeline) in places}
    bottom = max(y_of.values(), default=top) + step
    unit = (width - 8 - _LEFT) / (iteration_s or 1.0)
    paths = [
        element("path", title(words(what)), fill=COLOURS[what], d=_path(bars_of[what], y_of, step, unit))
        for what in present
    ]
    height = bottom + _BOTTOM
    return element(
        "svg",
        *_axis(iteration_s, unit, top, bottom),
        *(_head(row, y_of[row["row"]], step, sites) for row in lines.to_dict("records")),
        *paths,
        *legend,
        class_="gantt",
        width=width,
        height=height,
        viewBox=f"0 0 {width:g} {height:g}",
    )


def gantt_file(bars: pd.DataFrame, iteration_s: float, sites: Sequence[str], name: str) -> str:
    """The drawing as a file of its own."""
    drawn = gantt_svg(bars, iteration_s, sites)
    height = float(drawn.partition(' height="')[2].partition('"')[0])
    return picture(WIDTH, height, name, [drawn])


def words(what: str) -> str:
    """A kind of work in words."""
    return what.replace("_", " ")


def nice_ticks(end: float, most: int) -> list[float]:
    """Round figures from 0 to `end`, at most about `most` of them."""
    if end <= 0:
        return [0.0]
    rough = end / most
    power = 10 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough)
    return [step * i for i in range(int(end / step + 1e-9) + 1)]


def _axis(iteration_s: float, unit: float, top: float, bottom: float) -> list[str]:
    parts = []
    for tick in nice_ticks(iteration_s, 12):
        x = _LEFT + tick * unit
        parts.append(element("line", class_="rule", x1=x, x2=x, y1=top, y2=bottom))
        parts.append(text(f"{tick:.4g}", x, bottom + 16, "tick", "middle"))
    return [*parts, text("seconds", _LEFT + iteration_s * unit, bottom + 32, "axis", "end")]


def _head(row: dict[Any, Any], y: float, step: float, sites: Sequence[str]) -> str:
    """The number of a pipeline beside its first line, and each line's device in the colour of its site."""
    name = f"{row['row']}" + (f" at {row['site']}" if row["site"] in sites else "")
    kind = site_class(sites.index(row["site"])) if row["site"] in sites else "none"
    mark = element("rect", title(name), class_=kind, x=_LEFT - 5, y=y, width=4, height=step - 1)
    return (text(f"#{row['pipeline']}", _LEFT - 8, y + step - 2, "tick", "end") if row["stage"] == 0 else "") + mark


def _path(own: pd.DataFrame, y_of: dict[Any, float], step: float, unit: float) -> str:
    """All bars of a kind as one path, at least a tenth of a pixel long each."""
    order = list(dict.fromkeys(LANES.values()))
    high = (step - 1) / len(order)
    columns = zip(own["row"], own["lane"], own["start_s"], own["end_s"], strict=True)
    return "".join(
        f"M{_LEFT + start * unit:.1f} {y_of[row] + order.index(lane) * high:.1f}"
        f"h{max(0.1, (end - start) * unit):.1f}v{high:.1f}h-{max(0.1, (end - start) * unit):.1f}z"
        for row, lane, start, end in columns
    )


def _legend(names: Sequence[str], width: float) -> tuple[list[str], float]:
    """Boxes with their words, on a new line where there is no room, and where the drawing begins beneath them."""
    parts, x, y = [], _LEFT, 4.0
    for what in names:
        room = 26 + _LETTER * len(what)
        if x > _LEFT and x + room > width:
            x, y = _LEFT, y + _LEGEND
        parts.append(element("rect", x=x, y=y, width=10, height=10, fill=COLOURS[what]))
        parts.append(text(words(what), x + 14, y + 9, "tick"))
        x += room
    return parts, y + 22


def _merged(start_s: NDArray[np.float64], end_s: NDArray[np.float64], gap_s: float) -> list[tuple[float, float]]:
    """The union of intervals, those without length left out, as intervals in order of time."""
    bars: list[tuple[float, float]] = []
    for start, end in sorted(zip(start_s.tolist(), end_s.tolist(), strict=True)):
        if end <= start:
            continue
        if bars and start - bars[-1][1] <= gap_s:
            bars[-1] = (bars[-1][0], max(bars[-1][1], end))
        else:
            bars.append((start, end))
    return bars
