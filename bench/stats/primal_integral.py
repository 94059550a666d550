"""Primal integral: how good an entrant was all along, not only at the end.

Source: Berthold, "Measuring the impact of primal heuristics", Operations Research Letters 2013.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.bench.stats.sample import Sample, ranked_runs
from tasklet_bench.bench.stats.targets import Clock

if TYPE_CHECKING:
    import pandas as pd

_BUDGET = {"evaluations": "budget_evaluations", "cpu_s": "budget_cpu_s"}


def primal_integral(sample: Sample, rows: pd.DataFrame, clock: Clock) -> pd.DataFrame:
    """Mean primal gap of each run over its budget: `strategy`, `problem`, `seed`, `integral` in [0, 1].

    The primal gap is `(cost - best known)/cost`, 1 before anything was found. A failed run has the gap of its score,
    the penalty, all along. Empty where the budget does not limit `clock`. `rows` comes from `progress`.
    """
    runs = ranked_runs(sample)
    horizon = runs[_BUDGET[clock]].astype(float)
    runs = runs[horizon.notna()].assign(horizon=horizon[horizon.notna()])
    runs["integral"] = _gap(runs["score_s"].to_numpy(dtype=float), runs["reference_s"].to_numpy(dtype=float))
    reported = rows[rows["cost_s"].notna() & ~rows["failed"]].merge(runs[["key", "horizon"]], on="key")
    reported["start"] = (reported[clock] / reported["horizon"]).clip(upper=1.0)
    reported["end"] = reported.groupby("key")["start"].shift(-1).fillna(1.0)
    reported["area"] = (reported["end"] - reported["start"]) * _gap(
        reported["cost_s"].to_numpy(dtype=float), reported["reference_s"].to_numpy(dtype=float)
    )
    per_run = reported.groupby("key")
    integral = (per_run["area"].sum() + per_run["start"].min()).reindex(runs["key"]).to_numpy(dtype=float)
    runs["integral"] = np.where(runs["failed"], runs["integral"], integral)
    return runs[["strategy", "problem", "seed", "integral"]].reset_index(drop=True)


def primal_integral_table(integrals: pd.DataFrame) -> pd.DataFrame:
    """Mean over instances of the median over seeds: `strategy`, `integral`."""
    per_instance = integrals.groupby(["strategy", "problem"])["integral"].median()
    return per_instance.groupby("strategy").mean().reset_index()


def _gap(cost_s: NDArray[np.float64], reference_s: NDArray[np.float64]) -> NDArray[np.float64]:
    with np.errstate(divide="ignore", invalid="ignore"):
        gap = (cost_s - reference_s) / cost_s
    return np.where(cost_s == 0, 0.0, np.clip(gap, 0.0, 1.0))
