"""Measure how problems kept by site grow with the number of devices, and draw it.

python docs/site_growth.py

Stages of 32 devices, 32 sites. Each size is measured in a process of its own; times are CPU seconds, the least of
several. Writes `site-growth.csv` and `site-growth.svg` beside this file.
"""

from __future__ import annotations

import csv
import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "tests"))
SIZES = tuple(2**power for power in range(6, 17, 2))
REPLICAS, SITES, KINDS, SEED = 32, 32, 4, 1
REPEATS = 5
PROPOSALS = 20_000
COMPILED_FOR = 64
"""Compiled code is loaded on a problem of so many devices, before anything is measured."""
WARMTH = 0.02
"""Temperature of the walk, in mean changes by a random move."""

COLUMNS = {
    "load_s": "load",
    "aligned_s": "start: aligned",
    "site_pure_s": "start: site-pure",
    "clustering_s": "start: clusters",
    "bound_s": "lower bound",
    "grid_s": "cost of a grid",
    "judge_s": "judge of a grid",
    "labels_s": "cost of random labels",
    "proposal_s": "proposal of annealing",
}
"""What is timed, by the column of the table: what the picture calls it."""


def load(n_devices: int) -> Any:
    """A farm of so many devices, kept by site whatever their number."""
    from tasklet_bench.problems import Shape
    from tasklet_bench.problems.allocation.site_level import SiteLevelProblem
    from tasklet_bench.problems.instances.generated import farm
    from tasklet_bench.problems.workload import workload_of_preset

    shape = Shape(REPLICAS, n_devices // REPLICAS)
    links = farm.site_topology(n_devices, SEED, SITES, KINDS)
    problem = SiteLevelProblem("farm", links, workload_of_preset("gpt3-xl-reference", shape), shape)
    _ = problem.class_pack, problem.digest
    return problem


def seconds(action: Callable[[], Any], repeats: int = REPEATS) -> float:
    """The least CPU seconds that an action takes."""
    taken_s = []
    for _ in range(repeats):
        begun = time.process_time()
        action()
        taken_s.append(time.process_time() - begun)
    return min(taken_s)


def measure(n_devices: int) -> dict[str, float]:
    """All figures of one size, in this process."""
    from peak_memory import forget_peak, peak_bytes

    from tasklet_bench.problems.allocation import starts
    from tasklet_bench.strategies.annealing.class_walk import ClassWalker

    def use(problem: Any, repeats: int) -> dict[str, float]:
        rng = np.random.default_rng(0)
        labels = problem.random(rng)
        grid = problem.wire_in_order(labels)
        walker = ClassWalker(problem, rng, 1.0)
        walker.begin(labels)
        unit_s, _ = walker.mean_rise_s(100)
        proposals_s = []
        for _ in range(repeats):
            begun = time.process_time()
            walker.walk(WARMTH * unit_s, 0.0, PROPOSALS, PROPOSALS)
            all_s = time.process_time() - begun
            begun = time.process_time()
            walker.walk(WARMTH * unit_s, 0.0, 0, 0)  # what a walk works out before its first proposal
            proposals_s.append((all_s - (time.process_time() - begun)) / PROPOSALS)
        return {
            "aligned_s": seconds(lambda: starts.aligned_sites(problem), repeats),
            "site_pure_s": seconds(lambda: starts.pure_sites(problem), repeats),
            "clustering_s": seconds(lambda: starts.dealt_groups(problem), repeats),
            "bound_s": seconds(problem.bound, repeats),
            "grid_s": seconds(lambda: problem.cost(grid), repeats),
            "judge_s": seconds(lambda: problem.judge(grid), repeats),
            "labels_s": seconds(lambda: problem.cost(labels), min(repeats, 2)),
            "proposal_s": min(proposals_s),
        }

    use(load(COMPILED_FOR), 1)
    before = forget_peak()
    load_s = seconds(lambda: load(n_devices))
    figures = use(load(n_devices), REPEATS)
    return {"devices": n_devices, "load_s": load_s, **figures, "memory_mb": (peak_bytes() - before) / 1e6}


def draw(rows: list[dict[str, float]], path: Path) -> None:
    """Seconds, and megabytes, over the number of devices, on logarithmic scales."""
    import altair as alt
    import pandas as pd

    wide = pd.DataFrame(rows)
    times = wide.melt("devices", list(COLUMNS), "what", "seconds").replace({"what": COLUMNS})
    across = alt.X("devices:Q", title="devices N").scale(type="log", base=2).axis(values=list(SIZES))
    left = (
        alt.Chart(times, width=440, height=340)
        .mark_line(point=True)
        .encode(
            across,
            alt.Y("seconds:Q", title="CPU seconds").scale(type="log"),
            alt.Color("what:N", title=None, sort=list(COLUMNS.values())).scale(scheme="tableau10"),
        )
    )
    right = (
        alt.Chart(wide, width=240, height=340)
        .mark_line(point=True)
        .encode(across, alt.Y("memory_mb:Q", title="memory of all of it (MB)").scale(type="log"))
    )
    (left | right).save(path)


def main() -> None:
    """Measure every size, write the table and draw it."""
    rows = []
    for n_devices in SIZES:
        command = [sys.executable, __file__, str(n_devices)]
        rows.append(json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))  # noqa: S603 - this file
        sys.stdout.write(f"{json.dumps(rows[-1])}\n")
    with (HERE / "site-growth.csv").open("w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        table.writeheader()
        table.writerows(
            {key: float(f"{value:.4g}") if key != "devices" else value for key, value in row.items()} for row in rows
        )
    draw(rows, HERE / "site-growth.svg")


if __name__ == "__main__":
    if len(sys.argv) == 2:
        sys.stdout.write(json.dumps(measure(int(sys.argv[1]))))
    else:
        main()
