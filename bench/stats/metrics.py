"""What a run is worth: its score with failures counted, and its excess over the best known cost.

A table in, the same table with more columns out. Everything else in the statistics reads these columns.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray


PRACTICALLY_EQUAL = 0.005
"""Region of practical equivalence unless another is asked for: differences of up to 0.5 % of the cost are ties."""

LARGEST_CAP = 10.0
"""Times the reference: no cost counts for more in the capped mean."""

BestKnown = "pd.DataFrame | Mapping[str, float] | None"
"""Best known cost (in seconds) of each problem digest: a mapping, or columns `problem_digest` and `value_s`."""


def scored(runs: pd.DataFrame, best_known: pd.DataFrame | Mapping[str, float] | None = None) -> pd.DataFrame:
    """Add what the statistics need to a table of runs, one row per run.

    - `failed`: the status is not `ok`.
    - `score_s`: the cost; for a failed run the penalty or its own best, whichever is more.
    - `order_s`: the cost; for a failed run infinity, so that it comes after every run that did not fail.
    - `reference_s`, `reference`: the best known cost where there is one (`best known`), else the lowest cost of all
      the runs given (`best in the store`).
    - `excess`: `score_s / reference_s - 1`; below 0 where a run beats the best known cost.
    - `excess_cap`: the excess where the capped mean cuts off: the penalty's, or that of ten times the reference,
      whichever is less. Where a link is dead, the penalty may be ten thousand times the reference, and cap nothing.
    - `score`: `reference_s / score_s`, at most 1, and 0 for a failed run.
    """
    table = runs.copy()
    table["failed"] = table["status"] != "ok"
    table["score_s"] = table["cost_s"].where(~table["failed"], np.fmax(table["penalty_s"], table["cost_s"]))
    table["order_s"] = table["cost_s"].where(~table["failed"], np.inf)
    known = table["problem_digest"].map(_values(best_known)).astype(float)
    lowest = table["order_s"].groupby(table["problem_digest"]).transform("min")
    in_store = lowest.where(np.isfinite(lowest), table["penalty_s"])
    table["reference_s"] = known.fillna(in_store)
    table["reference"] = np.where(known.notna(), "best known", "best in the store")
    table["excess"] = excess(table["score_s"].to_numpy(), table["reference_s"].to_numpy())
    of_penalty = excess(table["penalty_s"].to_numpy(), table["reference_s"].to_numpy())
    table["excess_cap"] = np.minimum(of_penalty, LARGEST_CAP - 1)
    table["score"] = np.where(table["failed"], 0.0, score(table["score_s"].to_numpy(), table["reference_s"].to_numpy()))
    return table


def excess(cost_s: NDArray[np.float64], reference_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """`cost / reference - 1`; over its size where that is below 0; 0 of 0 is 0, anything else infinite."""
    with np.errstate(divide="ignore", invalid="ignore"):
        relative = cost_s / reference_s - 1
    relative = np.where(reference_s < 0, -relative, relative)
    return np.where((reference_s == 0) & (cost_s == 0), 0.0, relative)


def score(cost_s: NDArray[np.float64], reference_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """`reference / cost`, at most 1, which a cost of 0 gets as well; 0 for an infinite cost."""
    with np.errstate(divide="ignore", invalid="ignore"):
        share = reference_s / cost_s
    return np.where(cost_s <= reference_s, 1.0, share)


def _values(best_known: pd.DataFrame | Mapping[str, float] | None) -> dict[str, float]:
    if best_known is None:
        return {}
    if isinstance(best_known, Mapping):
        return dict(best_known)
    return dict(zip(best_known["problem_digest"], best_known["value_s"].astype(float), strict=True))
