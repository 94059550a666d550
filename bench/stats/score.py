"""One number: the best known cost over the cost of a run, 1 for the best known and 0 for a failure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.bench.stats.bootstrap import DRAWS, bootstrap, interval
from tasklet_bench.bench.stats.sample import Sample

if TYPE_CHECKING:
    import pandas as pd


def score_table(sample: Sample, draws: int = DRAWS) -> pd.DataFrame:
    """Mean score of each entrant over its runs, indexed by `strategy`: `score`, with `score_low` and `score_high`.

    Instances count alike, and within one the seeds do; the interval is of 95 %.
    """
    import pandas as pd

    estimate = mean_score(sample.score)
    low, high = interval(bootstrap(sample.score, mean_score, draws, 0, sample.clusters), estimate)
    index = pd.Index(sample.entrants, name="strategy")
    return pd.DataFrame({"score": estimate, "score_low": low, "score_high": high}, index=index)


def mean_score(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean over instances and seeds, shape `(..., instances, entrants, seeds)` to `(..., entrants)`."""
    return np.asarray(scores.mean(axis=(-3, -1)))
