"""Exact solvers: what they proved, how soon, and how far their bounds closed the gap."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.bench.stats.sample import Sample, ranked_runs
from tasklet_bench.problems.tolerances import SAME_COST

if TYPE_CHECKING:
    import pandas as pd


def exact_table(sample: Sample) -> pd.DataFrame:
    """Entrants that raised a bound or proved an optimum, indexed by `strategy`.

    `bounded` and `proven` count runs; `proven_share` is over all its runs, failed ones included; `proof_cpu_s` is the
    median CPU time of the runs that proved; `gap_closed` the mean over runs of `(bound - weakest bound) / (best known -
    weakest bound)`, a failed run closing nothing.
    """
    runs = ranked_runs(sample)
    runs = runs.assign(closed=_closed(runs), proved=runs["proven"].astype(bool) & ~runs["failed"])
    runs["raised"] = runs["closed"] > 0
    runs["proof_cpu_s"] = runs["cpu_s"].where(runs["proved"])
    table = runs.groupby("strategy").agg(
        runs=("key", "size"),
        bounded=("raised", "sum"),
        proven=("proved", "sum"),
        proven_share=("proved", "mean"),
        proof_cpu_s=("proof_cpu_s", "median"),
        gap_closed=("closed", "mean"),
    )
    return table[table["bounded"] > 0]


def gap_closed_over_time(sample: Sample, rows: pd.DataFrame, grid: NDArray[np.float64] | None = None) -> pd.DataFrame:
    """Mean share of the gap closed by bounds after so many CPU seconds: `strategy`, `cpu_s`, `gap_closed`.

    `rows` comes from `progress`. Only entrants of `exact_table`; a failed run closes nothing.
    """
    import pandas as pd

    solvers = exact_table(sample).index
    runs = ranked_runs(sample)
    runs = runs[runs["strategy"].isin(solvers)]
    if runs.empty:
        return pd.DataFrame(columns=["strategy", "cpu_s", "gap_closed"])
    if grid is None:
        grid = np.geomspace(1e-3, max(1e-2, float(runs["cpu_s"].max())), 32)
    weakest = _weakest(ranked_runs(sample))
    own = rows[rows["strategy"].isin(solvers) & rows["bound_s"].notna() & ~rows["failed"]]
    share = _share(own["bound_s"], own["problem"].map(weakest), own["reference_s"])
    curves = []
    for strategy, group in own.assign(share=share).groupby("strategy"):
        n_runs = int((runs["strategy"] == strategy).sum())
        reached = [group[group["cpu_s"] <= at].groupby("key")["share"].max().sum() / n_runs for at in grid]
        curves.append(pd.DataFrame({"strategy": strategy, "cpu_s": grid, "gap_closed": reached}))
    return pd.concat(curves, ignore_index=True)


def _closed(runs: pd.DataFrame) -> pd.Series[float]:
    share = _share(runs["bound_s"], runs["problem"].map(_weakest(runs)), runs["reference_s"])
    return share.where(~runs["failed"], 0.0)


def _weakest(runs: pd.DataFrame) -> pd.Series[float]:
    """The weakest bound on each problem, which is the problem's own wherever somebody reported none."""
    return runs.groupby("problem")["bound_s"].min()


def _share(bound_s: pd.Series[float], weakest_s: pd.Series[float], reference_s: pd.Series[float]) -> pd.Series[float]:
    raised = bound_s - weakest_s
    open_s = reference_s - weakest_s
    share = (raised / open_s.where(open_s > 0)).clip(0.0, 1.0)
    return share.where(raised > SAME_COST * weakest_s.abs(), 0.0).fillna(0.0)
