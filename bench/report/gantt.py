"""A simulated iteration as a picture: what each device computes and sends, and when.

`gantt_table` gives the bars, `gantt_chart` draws them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.iteration_time.tasks import Kind
from tasklet_bench.problems.iteration_time.timeline import NAMES, Timeline

if TYPE_CHECKING:
    import altair as alt
    import pandas as pd

COLOURS = {
    "forward": "#0072B2",
    "backward": "#56B4E9",
    "activations": "#E69F00",
    "activation_gradients": "#F0E442",
    "gradients": "#D55E00",
    "weight_gradients": "#009E73",
    "update": "#CC79A7",
    "receive": "#999999",
}
"""The palette of Okabe and Ito, which readers without colour vision can tell apart by lightness."""
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


def gantt_chart(bars: pd.DataFrame, width: int = 640, row_height: int = 6) -> alt.Chart:
    """The bars as a chart: per device a line for each of the lanes; `.to_dict()` is its Vega-Lite form."""
    import altair as alt

    present = [what for what in COLOURS if what in set(bars["what"])]
    chart: alt.Chart = (
        alt.Chart(bars)
        .mark_bar(cornerRadius=0)
        .encode(
            x=alt.X("start_s:Q", title="seconds"),
            x2="end_s:Q",
            y=alt.Y("row:N", sort=list(dict.fromkeys(bars["row"])), title=None, axis=alt.Axis(labelLimit=240)),
            yOffset=alt.YOffset("lane:N", sort=list(dict.fromkeys(LANES.values()))),
            color=alt.Color("what:N", title=None, scale=alt.Scale(domain=present, range=[COLOURS[w] for w in present])),
            tooltip=["row:N", "site:N", "what:N", "start_s:Q", "end_s:Q"],
        )
        .properties(width=width, height=alt.Step(row_height, **{"for": "offset"}))
    )
    return chart


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
