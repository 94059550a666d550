"""Own results among published ones: the same instances under the same budgets, without running anything again."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import TYPE_CHECKING

from tasklet_bench.bench.report.results import Results
from tasklet_bench.problems.bad_input import BadInput

if TYPE_CHECKING:
    import pandas as pd

PUBLISHED = " (published)"
"""Follows the name of a published entrant where an own one of that name has other code."""
_OF_SUITE = ["suite", "suite_digest", "problem"]


def set_beside(own: Results, published: Results) -> Results:
    """Add to `own` the published runs on its instances under its budgets; its own entrants are highlighted.

    A published run counts in every suite of `own` that holds its instance; a run that both have counts once. Raises
    `BadInput` where no published run is on any of the instances under any of the budgets.
    """
    import pandas as pd

    check_comparable(own.runs["problem_digest"].unique(), own.runs["budget"].unique(), published)
    cells = own.runs[[*_OF_SUITE, "problem_digest", "budget"]].drop_duplicates()
    shared = published.runs.drop(columns=_OF_SUITE).drop_duplicates("key").merge(cells, on=["problem_digest", "budget"])
    shared = shared[~shared["key"].isin(own.runs["key"])]
    shared = shared.assign(strategy=_distinguish(shared, own.runs))
    trajectories = published.trajectories
    return replace(
        own,
        runs=pd.concat([shared[list(own.runs.columns)], own.runs], ignore_index=True),
        trajectories=pd.concat(
            [trajectories[trajectories["key"].isin(shared["key"])], own.trajectories], ignore_index=True
        ),
        highlighted=tuple(sorted(map(str, own.runs["strategy"].unique()))),
        superseded=_both(own.superseded, published.superseded),
        bases=None if own.bases is None else {**(published.bases or {}), **own.bases},
    )


def _both(own: pd.DataFrame | None, published: pd.DataFrame | None) -> pd.DataFrame | None:
    import pandas as pd

    tables = [table for table in (own, published) if table is not None]
    return pd.concat(tables, ignore_index=True) if tables else None


def check_comparable(digests: Collection[str], budgets: Collection[str], published: Results) -> None:
    """Raise `BadInput` unless a published run is on one of these instances under one of these budgets."""
    on_these = published.runs[published.runs["problem_digest"].isin(list(digests))]
    if on_these.empty:
        raise BadInput("--with: none of the published runs is on any of these instances (`list suites` names suites)")
    if not on_these["budget"].isin(list(budgets)).any():
        there = ", ".join(sorted(on_these["budget"].unique()))
        raise BadInput.at("--with", "budget", ", ".join(sorted(budgets)), f"one of the published ones ({there})")


def _distinguish(published: pd.DataFrame, own: pd.DataFrame) -> pd.Series[str]:
    """Names of published entrants, with a mark where an own one of that name has other code."""
    latest = own.drop_duplicates("strategy", keep="last").set_index("strategy")
    names = published["strategy"]
    code = ["strategy_version", "code_hash"]
    same = (published[code].to_numpy() == latest[code].reindex(names).to_numpy()).all(axis=1)
    return names.where(same | ~names.isin(latest.index), names + PUBLISHED)
