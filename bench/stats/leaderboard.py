"""The leaderboard: the table that `run` prints and the page shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tasklet_bench.bench.stats.bootstrap import DRAWS
from tasklet_bench.bench.stats.doubts import doubts
from tasklet_bench.bench.stats.excess import excess_table
from tasklet_bench.bench.stats.machines import calibrated_cpu_s
from tasklet_bench.bench.stats.ranks import rank_table
from tasklet_bench.bench.stats.sample import Sample
from tasklet_bench.bench.stats.score import score_table
from tasklet_bench.bench.stats.starts import start_of
from tasklet_bench.bench.stats.verdicts import verdict_table

if TYPE_CHECKING:
    import pandas as pd


def leaderboard(
    sample: Sample, champion: str | None = None, draws: int = DRAWS, verdicts: pd.DataFrame | None = None
) -> pd.DataFrame:
    """One row per ranked entrant, best mean rank first, equal ranks by name.

    Columns: `strategy`, `start` (what it begins from, `known` or `own`), `mean_rank` with `_low` and `_high` (95 %
    interval), `p_best`, `wins`, `excess` with `_low` and `_high`, `excess_median`, `excess_capped_mean`,
    `failed_share`, `score` with `_low` and `_high`, `runs`, `failed`, `flagged` (runs with flags that cast doubt),
    `cpu_s` (median over runs), `cpu_calibrated_s` (the same on a machine of the reference's speed; NaN if unknown),
    `vs_champion` and `vs_megatron` (verdicts; empty where the two are one, or where the opponent did not take part).
    `verdicts` is the sample's `verdict_table`, where it is at hand already.
    """
    table = rank_table(sample, draws).join([excess_table(sample, draws), score_table(sample, draws)])
    if verdicts is None:
        verdicts = verdict_table(sample, champion, draws)
    for column, role in (("vs_champion", "champion"), ("vs_megatron", "Megatron")):
        words = verdicts[verdicts["role"] == role].set_index("strategy")["verdict"]
        table[column] = words.reindex(table.index).fillna("")
    table.insert(0, "start", [start_of(str(name)) for name in table.index])
    table["runs"] = sample.n_runs
    table["failed"] = sample.n_failed
    table["flagged"] = _flagged(sample).reindex(table.index).fillna(0).astype(int)
    table["cpu_s"] = sample.runs.groupby("strategy")["cpu_s"].median()
    table["cpu_calibrated_s"] = calibrated_cpu_s(sample.runs).groupby(sample.runs["strategy"]).median()
    return table.reset_index().sort_values(["mean_rank", "strategy"], ignore_index=True)


def _flagged(sample: Sample) -> pd.Series:
    """How many runs of each entrant have flags that cast doubt; none where the runs come without flags."""
    runs = sample.runs
    odd = runs["flags"].map(lambda text: bool(doubts(text))) if "flags" in runs else runs["failed"] & False
    return odd.groupby(runs["strategy"]).sum()
