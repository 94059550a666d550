"""Draws the pictures of `iteration-time.md`: `python docs/iteration_time_pictures.py`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

from tasklet_bench.bench.report.chart import Axis, Chart
from tasklet_bench.bench.report.gantt import gantt_file, gantt_table
from tasklet_bench.problems.instances import catalogue
from tasklet_bench.problems.iteration_time import SimulationOptions, simulate

HERE = Path(__file__).parent
NETLAB = HERE.parent / "tests" / "netlab"


def main() -> None:
    """Write both pictures beside this file."""
    sys.path.insert(0, str(NETLAB))
    (HERE / "iteration-time-gantt.svg").write_text(gantt(), encoding="utf-8")
    (HERE / "iteration-time-wire.svg").write_text(wire(), encoding="utf-8")


def gantt() -> str:
    """A random partition of the hybrid instance, at its best wiring: mostly waiting for links."""
    problem = catalogue.load("measured/hybrid-dgx2-t4-a10-24?workload=gpt3-xl")
    labels = problem.random(np.random.default_rng(0))
    timeline = simulate(problem, labels, SimulationOptions(micro_batches=16))
    sites = [site.name for site in problem.sites]
    return gantt_file(gantt_table(timeline), timeline.iteration_s, sites, "What each device computes and sends")


def wire() -> str:
    """Measured against simulated seconds of every recorded allocation, on the line where they are equal."""
    by_record = {
        path.stem: _points(json.loads(path.read_text(encoding="utf-8")))
        for path in sorted((NETLAB / "records").glob("*.json"))
    }
    seconds = [value for points in by_record.values() for point in points for value in point]
    low, high = min(seconds), max(seconds)
    chart = Chart(Axis("simulated, s", low, high), Axis("measured on TCP, s", low, high), 420, 420)
    chart.line([(low, low), (high, high)], None)
    for colour, points in enumerate(by_record.values()):
        for point in points:
            chart.dot(point, colour)
    return chart.file("Measured against simulated seconds", list(by_record))


def _points(record: dict[str, Any]) -> list[tuple[float, float]]:
    """Simulated and measured seconds of each allocation of a record."""
    from comparison import compared

    points: list[tuple[float, float]] = []
    for setting in record["settings"]:
        measured_s, simulated_s, _ = compared(record, setting)
        points += zip(simulated_s.tolist(), measured_s.tolist(), strict=True)
    return points


if __name__ == "__main__":
    main()
