"""The bars of a simulated iteration, and their chart."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Callable

import numpy as np
import pytest

from tasklet_bench.bench.report.gantt import gantt_file, gantt_svg, gantt_table, nice_ticks, words
from tasklet_bench.problems import Transformer
from tasklet_bench.problems.allocation import Allocation, AllocationProblem
from tasklet_bench.problems.iteration_time import SimulationOptions, Timeline, simulate


@pytest.fixture
def timeline(random_problem: Callable[..., AllocationProblem]) -> Timeline:
    """An iteration that computes and sends."""
    from dataclasses import replace

    problem = random_problem(2, 3)
    model = Transformer(layers=6, hidden=512, sequence_length=256, sequences_per_iteration=16)
    problem = replace(problem, workload=model.workload(problem.shape))
    grid = Allocation(np.array([[5, 0, 3], [1, 4, 2]]))
    return simulate(problem, grid, SimulationOptions(tflops=0.01, micro_batches=4))


def test_bars_cover_what_devices_do(timeline: Timeline) -> None:
    """Computing bars of a device last as long as its passes, lie inside the iteration, and never overlap."""
    bars = gantt_table(timeline)
    assert bars["start_s"].min() == 0.0
    assert bars["end_s"].max() <= timeline.iteration_s
    computing = bars[bars["lane"] == "computes"]
    for device, mine in computing.groupby("device"):
        lasts_s = (mine["end_s"] - mine["start_s"]).sum()
        assert lasts_s == pytest.approx(timeline.busy_s[device], rel=0.02)
        in_order = mine.sort_values("start_s")
        assert (in_order["end_s"].to_numpy()[:-1] <= in_order["start_s"].to_numpy()[1:] + 1e-12).all()
    assert set(bars["what"]) == {"forward", "backward", "activations", "activation_gradients", "gradients"}
    assert bars.loc[bars["row"].str.startswith("pipeline 0, stage 2"), "device"].unique().tolist() == [3]


def test_the_drawing_has_a_line_for_each_device(timeline: Timeline) -> None:
    """The drawing names every device once, pipelines from top to bottom, and each kind of work once."""
    bars = gantt_table(timeline)
    root = ET.fromstring(gantt_svg(bars, timeline.iteration_s, []))  # noqa: S314 - our own text
    titles = [str(title.text) for title in root.iter("title")]
    lines = list(dict.fromkeys(bars["row"]))
    assert titles[: len(lines)] == lines
    assert sorted(titles[len(lines) :]) == sorted(words(what) for what in set(bars["what"]))
    marks = [mark for mark in root.findall("rect") if mark.find("title") is not None]
    tops = [float(mark.get("y", "nan")) for mark in marks]
    assert tops == sorted(tops)


def test_bars_stand_where_their_seconds_are(timeline: Timeline) -> None:
    """Read back from its path, the first bar of each kind begins and ends where the table says."""
    bars = gantt_table(timeline)
    root = ET.fromstring(gantt_svg(bars, timeline.iteration_s, [], width=1052.0))  # noqa: S314 - our own text
    for path in root.findall("path"):
        title = path.find("title")
        assert title is not None
        own = bars[bars["what"].map(words) == title.text].iloc[0]
        x, length = re.findall(r"M([\d.]+) [\d.]+h([\d.]+)", path.get("d", ""))[0]
        start, end = (44 + 1000 * own[name] / timeline.iteration_s for name in ("start_s", "end_s"))
        assert float(x) == pytest.approx(start, abs=0.051)
        assert float(x) + float(length) == pytest.approx(max(end, start + 0.1), abs=0.11)


def test_a_file_says_what_it_is_and_asks_for_nothing(timeline: Timeline) -> None:
    """Written as a file, the drawing is well-formed SVG with a title, and names no other address."""
    text = gantt_file(gantt_table(timeline), timeline.iteration_s, [], "What <each> device does")
    root = ET.fromstring(text)  # noqa: S314 - our own text
    title = root.find("{http://www.w3.org/2000/svg}title")
    assert title is not None
    assert title.text == "What <each> device does"
    assert set(re.findall(r"https?://[^\s\"<]+", text)) == {"http://www.w3.org/2000/svg"}


@pytest.mark.parametrize(("end", "expected"), [(0.0, [0]), (1.0, [0, 0.2, 0.4, 0.6, 0.8, 1.0]), (137.0, [0, 50, 100])])
def test_ticks_are_round(end: float, expected: list[float]) -> None:
    """Axes are marked at round figures from 0 to the end."""
    assert nice_ticks(end, 5) == pytest.approx(expected)
