"""Simulated seconds beside the formal cost: what each entrant's best allocation would take, and one drawn.

Simulated with the options' defaults: GPipe with 8 micro-batches, the paper's exchange, independent links. Computing
counts only where sites declare speeds.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.bench.plugins import allocation_of, formal_of
from tasklet_bench.bench.report.gantt import gantt_svg, gantt_table, words
from tasklet_bench.bench.stats.sample import Sample, ranked_runs
from tasklet_bench.problems.allocation import Allocation, AllocationProblem
from tasklet_bench.problems.iteration_time import simulate
from tasklet_bench.problems.problem import Problem

if TYPE_CHECKING:
    import pandas as pd

    from tasklet_bench.problems.iteration_time import Timeline

LARGEST = 1024
"""Devices of the largest instance that is simulated for a page."""
LARGEST_DRAWN = 96
"""Devices of the largest instance whose iteration is drawn, a line each."""
FINEST = 500
"""Parts of an iteration that its drawing tells apart."""


def seconds_table(sample: Sample, problems: Mapping[str, Problem]) -> pd.DataFrame:
    """One row per instance and entrant with an allocation: `problem`, `strategy`, `cost_s`, `simulated_s`.

    Of the cheapest run that did not fail. Left out are instances that are not in `problems`, place no devices, have
    changed since, or have more than `LARGEST` devices.
    """
    import pandas as pd

    runs = ranked_runs(sample)
    runs = runs[(runs["status"] == "ok") & runs["candidate"].notna()]
    best = runs.sort_values("cost_s", kind="stable").drop_duplicates(["problem", "strategy"])
    rows = []
    for name, own in best.groupby("problem", sort=True):
        problem = problems.get(str(name))
        formal = formal_of(problem)
        if problem is None or formal is None or formal.shape.n_devices > LARGEST:
            continue
        if problem.digest != own["problem_digest"].iloc[0]:
            continue
        known: dict[bytes, float] = {}
        for row in own.sort_values("strategy").to_dict("records"):
            allocation = allocation_of(json.loads(row["candidate"]))
            if allocation is None:
                continue
            cells = allocation.grid.tobytes()
            if cells not in known:
                known[cells] = simulate(formal, allocation).iteration_s
            rows.append((name, row["strategy"], row["cost_s"], known[cells]))
    return pd.DataFrame(rows, columns=["problem", "strategy", "cost_s", "simulated_s"])


def iteration_data(problem: AllocationProblem, grid: NDArray[np.int64]) -> dict[str, Any] | None:
    """One simulated iteration, drawn, with the bars behind it; None where there are too many devices to draw.

    `rows` holds `[pipeline, stage, device]` of each line, `bars` per kind of work a flat list of row, start and length,
    the last two in parts of `FINEST`; `drawing` is the drawing itself.
    """
    if problem.shape.n_devices > LARGEST_DRAWN:
        return None
    timeline = simulate(problem, Allocation(grid, n_devices=problem.topology.n_devices))
    bars = gantt_table(timeline)
    single = all(site.devices == 1 for site in problem.sites)
    sites = [] if single else [site.name for site in problem.sites]
    return {
        "iteration_s": timeline.iteration_s,
        "parts": FINEST,
        "rows": [[row, stage, int(grid[row, stage])] for row in range(grid.shape[0]) for stage in range(grid.shape[1])],
        "bars": _bars(bars, timeline),
        "critical": {words(name): entry for name, entry in timeline.critical_path_s.items() if entry > 0},
        "notes": list(timeline.notes),
        "drawing": gantt_svg(bars, timeline.iteration_s, sites),
    }


def _bars(table: pd.DataFrame, timeline: Timeline) -> dict[str, list[int]]:
    stages = timeline.problem.shape.pipeline_parallel
    unit_s = timeline.iteration_s / FINEST or 1.0
    start = np.rint(table["start_s"].to_numpy() / unit_s).astype(int)
    length = np.maximum(1, np.rint(table["end_s"].to_numpy() / unit_s).astype(int) - start)
    row = (table["pipeline"] * stages + table["stage"]).to_numpy()
    flat = np.stack([row, start, length], axis=1)
    kinds = [str(what) for what in table["what"].unique()]
    return {words(what): flat[(table["what"] == what).to_numpy()].ravel().tolist() for what in kinds}
