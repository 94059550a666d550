"""Ranks: who is ahead of whom on each instance, whatever the scale of its costs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.bench.stats.bootstrap import DRAWS, bootstrap, interval
from tasklet_bench.bench.stats.clusters import by_cluster
from tasklet_bench.bench.stats.sample import Sample, median_over_seeds
from tasklet_bench.problems.tolerances import SAME_COST

if TYPE_CHECKING:
    import pandas as pd


def rank_table(sample: Sample, draws: int = DRAWS) -> pd.DataFrame:
    """Mean rank of each entrant with its 95 % interval, indexed by `strategy`.

    On each instance the medians over seeds are ranked from 1, ties share the mean of their ranks, and failures come
    last. `wins` counts the instances on which nobody was better (ties count for all who tie). `p_best` is the share of
    bootstrap draws in which the entrant's mean rank is the lowest, ties shared.
    """
    import pandas as pd

    medians = median_over_seeds(sample.order_s)
    drawn = bootstrap(sample.order_s, lambda values: mean_ranks(median_over_seeds(values)), draws, 0, sample.clusters)
    low, high = interval(drawn, mean_ranks(medians))
    leads = np.isclose(drawn, drawn.min(axis=1, keepdims=True), rtol=0, atol=SAME_COST)
    return pd.DataFrame(
        {
            "mean_rank": mean_ranks(medians),
            "mean_rank_low": low,
            "mean_rank_high": high,
            "p_best": (leads / leads.sum(axis=1, keepdims=True)).mean(axis=0),
            "wins": wins(medians).sum(axis=0),
        },
        index=pd.Index(sample.entrants, name="strategy"),
    )


def instance_ranks(order_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """Ranks along the last axis, from 1; costs within `SAME_COST` of their neighbour tie, as do infinities."""
    order, rises = _sorted(order_s)
    place = np.arange(order_s.shape[-1])
    first, last = np.zeros(order_s.shape, dtype=np.int64), np.full(order_s.shape, place[-1:], dtype=np.int64)
    np.maximum.accumulate(np.where(rises, place[1:], 0), axis=-1, out=first[..., 1:])
    ends = np.where(rises, place[:-1], place[-1:])[..., ::-1]
    last[..., :-1] = np.minimum.accumulate(ends, axis=-1)[..., ::-1]
    ranks = np.empty(order_s.shape)
    np.put_along_axis(ranks, order, 1 + (first + last) / 2, axis=-1)
    return ranks


def mean_ranks(order_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean rank over instances, shape `(..., instances, entrants)` to `(..., entrants)`."""
    return np.asarray(instance_ranks(order_s).mean(axis=-2))


def wins(order_s: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Who is not beaten on each instance, shape `(instances, entrants)`; nobody wins where all failed."""
    return np.asarray((_tied_levels(order_s) == 0) & np.isfinite(order_s))


@dataclass(frozen=True)
class Omnibus:
    """Friedman's test that all entrants are alike; it says nothing about any pair of them."""

    p_value: float
    n_entrants: int
    n_instances: int


def friedman(sample: Sample) -> Omnibus | None:
    """Friedman's test on the ranks of per-instance medians; None below three entrants or two instances.

    Related instances are one row: the means of their ranks.
    """
    ranks = by_cluster(instance_ranks(median_over_seeds(sample.order_s)), sample.clusters)
    n_instances, n_entrants = ranks.shape
    if n_entrants < 3 or n_instances < 2:
        return None
    return Omnibus(friedman_p(ranks), n_entrants, n_instances)


def friedman_p(ranks: NDArray[np.float64]) -> float:
    """Friedman's p-value of ranks `(instances, entrants)`; 1 where all tie everywhere."""
    from scipy.stats import friedmanchisquare

    if (ranks == ranks[:, :1]).all():
        return 1.0
    return float(friedmanchisquare(*ranks.T).pvalue)


def _tied_levels(order_s: NDArray[np.float64]) -> NDArray[np.int64]:
    """Number of each cost's tie group along the last axis, from 0: a gap above `SAME_COST` begins the next group."""
    order, rises = _sorted(order_s)
    levels = np.zeros(order_s.shape, dtype=np.int64)
    np.cumsum(rises, axis=-1, out=levels[..., 1:])
    result = np.empty_like(levels)
    np.put_along_axis(result, order, levels, axis=-1)
    return result


def _sorted(order_s: NDArray[np.float64]) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """The order of the costs along the last axis, and between each two neighbours whether a tie group ends there."""
    order = np.argsort(order_s, axis=-1, kind="stable")
    ordered = np.take_along_axis(order_s, order, axis=-1)
    with np.errstate(invalid="ignore"):
        return order, ordered[..., 1:] > ordered[..., :-1] * (1 + SAME_COST)
