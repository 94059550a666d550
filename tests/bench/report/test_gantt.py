"""The bars of a simulated iteration, and their chart."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from tasklet_bench.bench.report.gantt import gantt_chart, gantt_table
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


def test_the_chart_has_a_line_for_each_device(timeline: Timeline) -> None:
    """Drawn as an image, the chart names every device once, pipelines from top to bottom."""
    vl_convert = pytest.importorskip("vl_convert", reason="drawing needs vl-convert-python")
    bars = gantt_table(timeline)
    image = vl_convert.vegalite_to_svg(gantt_chart(bars).to_dict())
    lines = list(dict.fromkeys(bars["row"]))
    assert [image.count(f">{line}<") for line in lines] == [1] * 6
    assert [image.index(line) for line in lines] == sorted(image.index(line) for line in lines)
