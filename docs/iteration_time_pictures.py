"""Draws the pictures of `iteration-time.md`: `python docs/iteration_time_pictures.py`."""

from __future__ import annotations

import json
from pathlib import Path

import altair as alt
import numpy as np
import pandas as pd
import vl_convert

from bench.report.gantt import gantt_chart, gantt_table
from problems import Shape, Site, Topology, Workload
from problems.allocation import Allocation, AllocationProblem
from problems.instances import catalogue
from problems.iteration_time import SimulationOptions, simulate

HERE = Path(__file__).parent
RECORDS = HERE.parent / "tests" / "netlab" / "records"


def main() -> None:
    """Write both pictures beside this file."""
    for name, chart in (("iteration-time-gantt", gantt()), ("iteration-time-wire", wire())):
        (HERE / f"{name}.svg").write_text(vl_convert.vegalite_to_svg(chart.to_dict()), encoding="utf-8")


def gantt() -> alt.Chart:
    """A random partition of the hybrid instance, at its best wiring: mostly waiting for links."""
    problem = catalogue.load("measured/hybrid-dgx2-t4-a10-24?workload=gpt3-xl")
    labels = problem.random(np.random.default_rng(0))
    return gantt_chart(gantt_table(simulate(problem, labels, SimulationOptions(micro_batches=16))))


def wire() -> alt.LayerChart:
    """Measured against simulated seconds of every recorded allocation, on the line where they are equal."""
    rows = [row for path in sorted(RECORDS.glob("*.json")) for row in _rows(json.loads(path.read_text()), path.stem)]
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


def _rows(record: dict, name: str) -> list[tuple[str, float, float]]:  # type: ignore[type-arg]
    delay_s, bytes_s = np.array(record["delay_ms"]) / 1e3, np.array(record["bandwidth_mbps"]) * 1e6 / 8
    topology = Topology((Site("lab", len(delay_s)),), delay_s, bytes_s, "one-way")
    rows = []
    for setting in record["settings"]:
        workload = Workload(setting["gradient_bytes"], setting["activation_bytes"])
        shape = Shape(setting["data_parallel"], setting["pipeline_parallel"])
        problem = AllocationProblem(name, topology, workload, shape)
        options = SimulationOptions(
            setting["schedule"],
            setting["micro_batches"],
            setting["collective"],
            "nic" if record["nic_mbps"] else "independent",
            nic_gbps=record["nic_mbps"] / 1e3 if record["nic_mbps"] else None,
        )
        for allocation in setting["allocations"]:
            simulated_s = simulate(problem, Allocation(np.array(allocation["grid"])), options).iteration_s
            rows.append((name, simulated_s, float(np.median(allocation["measured_s"]))))
    return rows


if __name__ == "__main__":
    main()
