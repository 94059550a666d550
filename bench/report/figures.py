"""The numbers behind every figure of one sample: each a table that the page draws and exports."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.bench.report.results import Results
from tasklet_bench.bench.stats.attainment import attainment_table
from tasklet_bench.bench.stats.by_kind import decision_table, kind_table
from tasklet_bench.bench.stats.ecdf import ecdf_table
from tasklet_bench.bench.stats.exact_solvers import exact_table, gap_closed_over_time
from tasklet_bench.bench.stats.excess import excess_table
from tasklet_bench.bench.stats.expected_running_time import running_time_table
from tasklet_bench.bench.stats.leaderboard import leaderboard
from tasklet_bench.bench.stats.metrics import LARGEST_CAP
from tasklet_bench.bench.stats.performance_profile import profile_table
from tasklet_bench.bench.stats.primal_integral import primal_integral, primal_integral_table
from tasklet_bench.bench.stats.sample import Sample, median_over_seeds, ranked_runs
from tasklet_bench.bench.stats.starts import starts_table
from tasklet_bench.bench.stats.targets import Clock, progress, reached
from tasklet_bench.bench.stats.verdicts import verdict_table

if TYPE_CHECKING:
    import pandas as pd

CURVE_POINTS = 16
"""Points of a curve on one instance."""
STEP_POINTS = 60
"""Points of a curve over all instances."""


def figure_tables(sample: Sample, results: Results) -> dict[str, pd.DataFrame]:
    """Every table of a sample by the name that the page knows it under."""
    champion = results.champions.get(sample.suite)
    rows = progress(sample, results.trajectories)
    clock = main_clock(sample)
    verdicts = verdict_table(sample, champion)
    tables = {
        "leaderboard": leaderboard(sample, champion, verdicts=verdicts),
        "verdicts": verdicts,
        "instances": instance_table(sample),
        "outliers": outlier_table(sample),
        "profile": profile_table(sample),
        "kinds": kind_table(sample, results.kinds),
        "decisions": decision_table(sample, results.kinds),
        "starts": starts_table(excess_table(sample)).reset_index(),
        "exact": exact_table(sample).reset_index(),
        "closed": gap_closed_over_time(sample, rows),
    }
    clocks: dict[str, Clock] = {"evaluations": "evaluations", "cpu": "cpu_s"}
    for name, axis in clocks.items():
        tables[f"ecdf_{name}"] = thinned(ecdf_table(reached(sample, rows, axis)), "at", ["strategy"], STEP_POINTS)
    tables["running_time"] = running_time_table(reached(sample, rows, clock))
    tables["integral"] = primal_integral_table(primal_integral(sample, rows, clock))
    typical = attainment_table(sample, rows, clock, by=("strategy",))
    tables["typical"] = thinned(typical, "at", ["strategy", "level"], STEP_POINTS)
    curves = attainment_table(sample, rows, clock, levels=(50,)).drop(columns="level")
    tables["curves"] = thinned(curves, "at", ["strategy", "problem"], CURVE_POINTS)
    return tables


def main_clock(sample: Sample) -> Clock:
    """What the sample's budget limits: evaluations if it does, else CPU seconds."""
    return "evaluations" if sample.runs["budget_evaluations"].notna().any() else "cpu_s"


def instance_table(sample: Sample) -> pd.DataFrame:
    """One row per instance and entrant, medians over seeds.

    Columns: `problem`, `strategy`, `score_s` (failures at the penalty), `excess`, `low_s` and `high_s` (cheapest and
    costliest run), `runs`, `failed`, `proven` (how many of them proved an optimum).
    """
    import pandas as pd

    n_instances, n_entrants, _ = sample.score_s.shape
    runs = ranked_runs(sample)
    proven = runs["proven"].astype(bool) & ~runs["failed"]
    groups = runs.assign(proven=proven).groupby(["problem", "strategy"])
    counts = groups["failed"].agg(["size", "sum"]).join(groups["proven"].sum())
    cells = pd.MultiIndex.from_product([sample.instances, sample.entrants], names=["problem", "strategy"])
    return pd.DataFrame(
        {
            "problem": np.repeat(sample.instances, n_entrants),
            "strategy": np.tile(sample.entrants, n_instances),
            "score_s": median_over_seeds(sample.score_s).ravel(),
            "excess": median_over_seeds(sample.excess).ravel(),
            "low_s": sample.score_s.min(axis=-1).ravel(),
            "high_s": sample.score_s.max(axis=-1).ravel(),
            "runs": counts["size"].reindex(cells).to_numpy(),
            "failed": counts["sum"].reindex(cells).to_numpy(),
            "proven": counts["proven"].reindex(cells).to_numpy(),
        }
    )


def outlier_table(sample: Sample) -> pd.DataFrame:
    """Where entrants went very wrong: their worst instance, if it ends where the capped mean cuts off or beyond.

    Columns: `strategy`, `problem`, `excess` (median over seeds), worst first.
    """
    import pandas as pd

    medians = median_over_seeds(sample.excess)
    worst = medians.argmax(axis=0)
    rows = [(name, sample.instances[worst[i]], medians[worst[i], i]) for i, name in enumerate(sample.entrants)]
    table = pd.DataFrame(rows, columns=["strategy", "problem", "excess"])
    far = table[table["excess"] > LARGEST_CAP - 1]
    return far.sort_values("excess", ascending=False, ignore_index=True)


def thinned(steps: pd.DataFrame, at: str, by: list[str], points: int) -> pd.DataFrame:
    """At most `points` rows of each step curve, evenly spread over its rows, its ends kept."""
    if steps.empty:
        return steps
    place = steps.groupby(by, sort=False)[at].rank(method="first").to_numpy() - 1
    size = steps.groupby(by, sort=False)[at].transform("size").to_numpy()
    return steps[_kept(place, size, points)].reset_index(drop=True)


def _kept(place: NDArray[np.float64], size: NDArray[np.float64], points: int) -> NDArray[np.bool_]:
    """Where the running number of evenly spread marks goes up: `points` of `size` places, first and last among them."""
    step = np.maximum(size - 1, 1) / (points - 1)
    mark = np.floor(place / step + 1e-9)
    before = np.floor((place - 1) / step + 1e-9)
    return np.asarray((size <= points) | (mark != before) | (place == 0))
