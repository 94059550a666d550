"""How many (instance, target) pairs an entrant has reached by when, with censored runs neither dropped nor failed.

A run that its budget stopped might have reached the target later: it leaves the estimate at that moment (Kaplan and
Meier). A run that ended by itself, or failed, stays in it and never reaches.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pandas as pd


def ecdf_table(events: pd.DataFrame) -> pd.DataFrame:
    """Share of (run, target) pairs reached, as steps: `strategy`, `at`, `share`, from the events of `reached`."""
    import pandas as pd

    curves = []
    for strategy, own in events.groupby("strategy"):
        at, share = kaplan_meier(own["at"].to_numpy(), own["spent"].to_numpy(), own["outcome"].to_numpy(dtype=str))
        curves.append(pd.DataFrame({"strategy": strategy, "at": at, "share": share}))
    return pd.concat(curves, ignore_index=True)


def kaplan_meier(
    at: NDArray[np.float64], spent: NDArray[np.float64], outcome: NDArray[np.str_]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Times at which something was reached, and the estimated share reached by then."""
    from scipy.stats import CensoredData, ecdf

    hits = at[outcome == "reached"]
    if not hits.size:
        return np.empty(0), np.empty(0)
    beyond = 2 * max(float(hits.max()), float(spent.max())) + 1
    right = np.where(outcome == "never", beyond, spent)[outcome != "reached"]
    cdf = ecdf(CensoredData(hits, right=right)).cdf
    seen = np.isin(cdf.quantiles, hits)
    return np.asarray(cdf.quantiles[seen]), np.asarray(cdf.probabilities[seen])
