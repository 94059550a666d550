"""When each run reached each target: the events that every anytime statistic is made of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from tasklet_bench.bench.stats.metrics import excess
from tasklet_bench.bench.stats.sample import Sample, ranked_runs
from tasklet_bench.problems.tolerances import SAME_COST

if TYPE_CHECKING:
    import pandas as pd

TARGETS = (0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.001)
"""Targets as excess over the best known cost."""

Clock = Literal["evaluations", "cpu_s"]

SPENT = 0.99
"""A run that used this share of a CPU or wall budget was stopped by it."""


def progress(sample: Sample, trajectories: pd.DataFrame) -> pd.DataFrame:
    """Every improvement of the ranked entrants' runs, with `strategy`, `problem`, `seed` and `excess` beside it.

    `trajectories` has a row per improvement: key, attempt, evaluations, cpu_s, wall_s, cost_s, bound_s. Rows of a run
    come in order of its clocks.
    """
    columns = ["key", "attempt", "strategy", "problem", "seed", "failed", "reference_s", "excess"]
    runs = ranked_runs(sample)[columns].rename(columns={"excess": "final_excess"})
    rows = trajectories.merge(runs, on=["key", "attempt"])  # from here on a key is a run: only last attempts are left
    rows["excess"] = excess(rows["cost_s"].to_numpy(dtype=float), rows["reference_s"].to_numpy(dtype=float))
    return rows.sort_values(["strategy", "problem", "seed", "evaluations", "cpu_s"], kind="stable", ignore_index=True)


def reached(sample: Sample, rows: pd.DataFrame, clock: Clock, targets: tuple[float, ...] = TARGETS) -> pd.DataFrame:
    """One row per run and target: `strategy`, `problem`, `seed`, `target`, `at`, `spent` and `outcome`.

    `rows` comes from `progress`. `spent` is the clock when the run ended. `outcome` is `reached` (then `at` is when);
    `censored`, where the budget ended a search that was still going on; or `never`, where the search had ended by
    itself or had failed (a failed run reaches no target).
    """
    import pandas as pd

    runs = ranked_runs(sample)
    searching = budget_spent(runs) & ~runs["failed"]
    events = []
    for target in targets:
        hits = rows[(rows["excess"] <= target + SAME_COST) & ~rows["failed"]]
        at = hits.groupby("key")[clock].min().reindex(runs["key"]).to_numpy(dtype=float)
        missed = np.where(searching, "censored", "never")
        events.append(
            runs[["strategy", "problem", "seed"]].assign(
                target=target, at=at, spent=runs[clock].astype(float), outcome=np.where(np.isnan(at), missed, "reached")
            )
        )
    return pd.concat(events, ignore_index=True)


def budget_spent(runs: pd.DataFrame) -> pd.Series[bool]:
    """Whether the budget, rather than the strategy, ended each run."""
    evaluations = runs["evaluations"] >= runs["budget_evaluations"].astype(float)
    cpu = runs["cpu_s"] >= SPENT * runs["budget_cpu_s"].astype(float)
    wall = runs["wall_s"] >= SPENT * runs["budget_wall_s"].astype(float)
    return evaluations | cpu | wall
