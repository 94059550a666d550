"""Draws the pictures of `iteration-time.md`: `python docs/iteration_time_pictures.py`."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import altair as alt
import numpy as np
import pandas as pd
import vl_convert

from tasklet_bench.bench.report.gantt import gantt_file, gantt_table
from tasklet_bench.problems.instances import catalogue
from tasklet_bench.problems.iteration_time import SimulationOptions, simulate

HERE = Path(__file__).parent
NETLAB = HERE.parent / "tests" / "netlab"


def main() -> None:
    """Write both pictures beside this file."""
    sys.path.insert(0, str(NETLAB))
    (HERE / "iteration-time-gantt.svg").write_text(gantt(), encoding="utf-8")
    (HERE / "iteration-time-wire.svg").write_text(vl_convert.vegalite_to_svg(wire().to_dict()), encoding="utf-8")


def gantt() -> str:
    """A random partition of the hybrid instance, at its best wiring: mostly waiting for links."""
    problem = catalogue.load("measured/hybrid-dgx2-t4-a10-24?workload=gpt3-xl")
    labels = problem.random(np.random.default_rng(0))
    timeline = simulate(problem, labels, SimulationOptions(micro_batches=16))
    sites = [site.name for site in problem.sites]
    return gantt_file(gantt_table(timeline), timeline.iteration_s, sites, "What each device computes and sends")


def wire() -> alt.LayerChart:
    """Measured against simulated seconds of every recorded allocation, on the line where they are equal."""
    rows = [
        row
        for path in sorted((NETLAB / "records").glob("*.json"))
        for row in _rows(json.loads(path.read_text()), path.stem)
    ]
    table = pd.DataFrame(rows, columns=["record", "simulated_s", "measured_s"])
    ends = [float(table["simulated_s"].min()), float(table["simulated_s"].max())]
    line = alt.Chart(pd.DataFrame({"x": ends, "y": ends})).mark_line(color="#888").encode(x="x", y="y")
    axis = alt.Scale(zero=False)
    points = (
        alt.Chart(table)
        .mark_point()
        .encode(
            x=alt.X("simulated_s:Q", title="simulated (s)", scale=axis),
            y=alt.Y("measured_s:Q", title="measured on TCP (s)", scale=axis),
            color=alt.Color("record:N", title=None, scale=alt.Scale(scheme="tableau10")),
            shape=alt.Shape("record:N", title=None),
        )
    )
    layered: alt.LayerChart = (line + points).properties(width=420, height=420)
    return layered


def _rows(record: dict[str, Any], name: str) -> Iterator[tuple[str, float, float]]:
    from comparison import compared

    for setting in record["settings"]:
        measured_s, simulated_s, _ = compared(record, setting)
        yield from zip([name] * len(measured_s), simulated_s.tolist(), measured_s.tolist(), strict=True)


if __name__ == "__main__":
    main()
