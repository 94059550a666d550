"""Two entrants against each other: per instance and overall, for `compare A B`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.bench.stats.bayes import Posterior, signed_rank_posterior
from tasklet_bench.bench.stats.bootstrap import DRAWS
from tasklet_bench.bench.stats.clusters import by_cluster
from tasklet_bench.bench.stats.pairs import Comparison, compared, log_ratio
from tasklet_bench.bench.stats.sample import Sample, among, median_over_seeds
from tasklet_bench.bench.stats.verdicts import verdict
from tasklet_bench.problems.bad_input import BadInput

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Duel:
    """Two entrants under one budget. `verdict` is of one test, which is its own family."""

    sample: Sample
    overall: Comparison
    verdict: str
    posterior: Posterior | None
    instances: pd.DataFrame
    """Per instance: `problem`, `a_s`, `b_s` (medians over seeds, failures at the penalty), `a_failed`, `b_failed`
    (whether the median run failed), `difference` (a's cost relative to b's), `outcome` (win, tie, loss of a)."""


def duel(sample: Sample, a: str, b: str, draws: int = DRAWS) -> Duel:
    """Compare two entrants of a sample; raises `BadInput` with the nearest name for one that is not in it."""
    known = set(sample.runs["strategy"])
    for name in (a, b):
        if name not in known:
            raise BadInput.unknown("strategy among these results", name, known)
    if a == b:
        raise BadInput.at("compare", "B", repr(b), "another strategy than A")
    pair = among(sample, (a, b))
    if len(pair.entrants) < 2:
        raise BadInput(f"compare: {a!r} and {b!r} ran on no instance together under {sample.budget}")
    overall = compared(pair, a, b, draws)
    columns = [pair.entrants.index(a), pair.entrants.index(b)]
    order_s, score_s = (median_over_seeds(values[:, columns]) for values in (pair.order_s, pair.score_s))
    posterior = signed_rank_posterior(by_cluster(log_ratio(order_s), pair.clusters), pair.equal_within)
    return Duel(pair, overall, verdict(overall, overall.p_value), posterior, _per_instance(pair, order_s, score_s))


def _per_instance(pair: Sample, order_s: NDArray[np.float64], score_s: NDArray[np.float64]) -> pd.DataFrame:
    import pandas as pd

    difference = log_ratio(order_s)
    edge = np.log1p(pair.equal_within)
    return pd.DataFrame(
        {
            "problem": pair.instances,
            "a_s": score_s[:, 0],
            "b_s": score_s[:, 1],
            "a_failed": np.isinf(order_s[:, 0]),
            "b_failed": np.isinf(order_s[:, 1]),
            "difference": np.expm1(log_ratio(score_s)),
            "outcome": np.select([difference < -edge, difference > edge], ["win", "loss"], "tie"),
        }
    )
