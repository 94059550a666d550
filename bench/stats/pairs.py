"""Two entrants, instance by instance: who wins, by how much, and whether the instances can tell.

A difference is the logarithm of a ratio of costs, so it needs no best known cost, and A against B is exactly the
reverse of B against A. Seeds are summed up by their median first: the instance is the unit that counts.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.bench.stats.bootstrap import DRAWS, bootstrap, interval
from tasklet_bench.bench.stats.clusters import by_cluster, clustered_signed_rank_p
from tasklet_bench.bench.stats.hodges_lehmann import hodges_lehmann
from tasklet_bench.bench.stats.sample import Sample, median_over_seeds, pair_of
from tasklet_bench.bench.stats.signed_rank import average_ranks, signed_rank_p
from tasklet_bench.problems.tolerances import SAME_COST

POWER = 0.8


@dataclass(frozen=True)
class Comparison:
    """Entrant `a` against entrant `b`, on the instances that both ran on.

    `difference` is the Hodges–Lehmann estimate of a's cost relative to b's (-0.02: 2 % cheaper), failures at the
    penalty, with its 95 % interval. `wins`, `ties` and `losses` count instances, ties up to `equal_within`, the
    sample's region of practical equivalence.
    `p_improvement` is the probability that a run of a beats a run of b on one of the instances, ties counted half.
    `more_instances` is about how many more would tell the two apart; infinity where no number would. `n_independent`
    counts the facts behind it: instances, or, where related ones are one cluster, clusters, and then `more_instances`
    counts these.
    """

    a: str
    b: str
    n_instances: int
    n_seeds: int
    p_value: float
    ahead: int
    difference: float
    difference_low: float
    difference_high: float
    wins: int
    ties: int
    losses: int
    p_improvement: float
    p_improvement_low: float
    p_improvement_high: float
    more_instances: float
    equal_within: float
    n_independent: int


def compared(sample: Sample, a: str, b: str, draws: int = DRAWS) -> Comparison:
    """Compare two entrants of a sample; nothing in the result depends on the sample's other entrants.

    Raises `ValueError` if they ran on no instance together.
    """
    pair = pair_of(sample, a, b)
    if len(pair.entrants) < 2:
        raise ValueError(f"{a!r} and {b!r} ran on no instance together under {sample.budget}")
    first, second = pair.entrants.index(a), pair.entrants.index(b)
    order_s, score_s = pair.order_s[:, [first, second]], pair.score_s[:, [first, second]]
    clusters = None if pair.clusters is None else _Array.of(pair.clusters)
    measured = _measured(_Array.of(order_s), _Array.of(score_s), clusters, draws, sample.equal_within)
    return Comparison(
        a=a,
        b=b,
        n_instances=len(pair.instances),
        n_seeds=len(pair.seeds),
        equal_within=sample.equal_within,
        n_independent=pair.n_independent,
        **measured,
    )


class _Array(NamedTuple):
    """An array that can be the key of a table."""

    content: bytes
    shape: tuple[int, ...]
    dtype: str

    @classmethod
    def of(cls, array: NDArray[Any]) -> _Array:
        return cls(array.tobytes(), array.shape, array.dtype.str)

    def array(self) -> NDArray[Any]:
        return np.frombuffer(self.content, dtype=self.dtype).reshape(self.shape)


@lru_cache(maxsize=1 << 14)
def _measured(order: _Array, score: _Array, cluster: _Array | None, draws: int, equal_within: float) -> dict[str, Any]:
    """What the costs of a pair say, by the fields of a `Comparison`: worked out once for all tables and views."""
    order_s, score_s = order.array(), score.array()
    clusters = None if cluster is None else cluster.array()
    difference = log_ratio(median_over_seeds(order_s))
    size = hodges_lehmann(log_ratio(median_over_seeds(score_s)))
    chance = probability_of_improvement(order_s)
    sizes = bootstrap(score_s, lambda drawn: hodges_lehmann(log_ratio(median_over_seeds(drawn))), draws, 0, clusters)
    size_low, size_high = interval(sizes, size)
    chance_low, chance_high = interval(bootstrap(order_s, probability_of_improvement, draws, 0, clusters), chance)
    wins, ties, losses = win_tie_loss(difference, equal_within)
    return {
        "p_value": signed_rank_p(difference) if clusters is None else clustered_signed_rank_p(difference, clusters),
        "ahead": _ahead(difference),
        "difference": math.expm1(float(size)),
        "difference_low": math.expm1(float(size_low)),
        "difference_high": math.expm1(float(size_high)),
        "wins": wins,
        "ties": ties,
        "losses": losses,
        "p_improvement": float(chance),
        "p_improvement_low": float(chance_low),
        "p_improvement_high": float(chance_high),
        "more_instances": more_instances(by_cluster(difference, clusters)),
    }


def log_ratio(costs_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """`log(a / b)` of costs `(..., instances, 2)`: 0 within `SAME_COST` or if both failed, infinite if one did."""
    a, b = costs_s[..., 0], costs_s[..., 1]
    with np.errstate(divide="ignore", invalid="ignore"):
        difference = np.log(a) - np.log(b)
    return np.where((a == b) | (np.abs(difference) <= SAME_COST), 0.0, difference)


def win_tie_loss(difference: NDArray[np.float64], equal_within: float) -> tuple[int, int, int]:
    """Instances on which the first is cheaper, practically equal, and dearer."""
    edge = math.log1p(equal_within)
    wins, losses = int((difference < -edge).sum()), int((difference > edge).sum())
    return wins, len(difference) - wins - losses, losses


def probability_of_improvement(costs_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """Share of pairs of runs in which the first beats the second, `(..., instances, 2, seeds)` to `(...)`.

    The mean over instances of the Mann–Whitney statistic. Source: Agarwal et al., "Deep Reinforcement Learning at the
    Edge of the Statistical Precipice", NeurIPS 2021.
    """
    a, b = costs_s[..., 0, :, None], costs_s[..., 1, None, :]
    better, worse = a < b * (1 - SAME_COST), b < a * (1 - SAME_COST)
    ahead = _count(better) - _count(worse)
    return np.asarray(0.5 + 0.5 * (ahead / math.prod(better.shape[-3:])))


def _count(pairs: NDArray[np.bool_]) -> NDArray[np.int64]:
    """How many of the pairs `(..., instances, seeds, seeds)` are true; adding bytes up in rows is quicker than bits."""
    rows = pairs.reshape(*pairs.shape[:-3], -1)
    return np.asarray(np.add.reduce(rows.view(np.int8), axis=-1, dtype=np.int64))


def more_instances(difference: NDArray[np.float64], alpha: float = 0.05, power: float = POWER) -> float:
    """About how many more instances like these would make the signed-rank test reject, with 80 % probability.

    Source: Noether, "Sample size determination for some common nonparametric tests", JASA 1987: n is
    (z_α/2 + z_power)² / (3 (p − 1/2)²), with p the chance that the mean of two differences is above 0.
    """
    from scipy.special import ndtri

    n = len(difference)
    i, j = np.triu_indices(n, k=1)
    with np.errstate(invalid="ignore"):
        sums = np.nan_to_num(difference[i] + difference[j], nan=0.0)
    p = float(((sums > 0) + 0.5 * (sums == 0)).mean()) if sums.size else 0.5
    if p == 0.5:
        return math.inf
    needed = (ndtri(1 - alpha / 2) + ndtri(power)) ** 2 / (3 * (p - 0.5) ** 2)
    return float(max(0, math.ceil(needed) - n))


def _ahead(difference: NDArray[np.float64]) -> int:
    """Which side the signed ranks favour: -1 the first, 1 the second, 0 neither."""
    return int(np.sign((np.sign(difference) * average_ranks(np.abs(difference))).sum()))
