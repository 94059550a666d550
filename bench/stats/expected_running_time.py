"""Expected running time: what restarting an entrant until it reaches a target would cost on average.

Source: Hansen et al., "COCO: a platform for comparing continuous optimizers in a black-box setting", 2021.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd


def expected_running_time(events: pd.DataFrame) -> pd.DataFrame:
    """One row per entrant, instance and target: `expected`, `runs`, `successes`.

    `expected` is everything spent on the instance, by runs that reached the target (until then) and by runs that did
    not (until they ended), over the number of successes; infinity without any. Failed runs spend and never succeed.
    """
    hit = events["outcome"] == "reached"
    spent = events.assign(hit=hit, until=np.where(hit, events["at"], events["spent"]))
    table = spent.groupby(["strategy", "problem", "target"], sort=False).agg(
        total=("until", "sum"), runs=("hit", "size"), successes=("hit", "sum")
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = table["total"].to_numpy(dtype=float) / table["successes"].to_numpy(dtype=float)
    table["expected"] = np.where(table["successes"] > 0, ratio, np.inf)
    return table.reset_index()[["strategy", "problem", "target", "expected", "runs", "successes"]]


def running_time_table(events: pd.DataFrame) -> pd.DataFrame:
    """Per entrant and target: `solved` (instances with any success) of `instances`, and the median `expected` time."""
    table = expected_running_time(events)
    table["solved"] = table["successes"] > 0
    return (
        table.groupby(["strategy", "target"], sort=False)
        .agg(solved=("solved", "sum"), instances=("solved", "size"), expected=("expected", "median"))
        .reset_index()
    )
