"""Wilcoxon's signed-rank test: whether differences lean to one side, by the sum of the ranks of the positive ones.

It is scipy's `wilcoxon(…, zero_method="pratt")` to the last bit, without the half second that loading scipy.stats
takes, and the same whatever scipy's version.

Sources: Wilcoxon, "Individual Comparisons by Ranking Methods", Biometrics 1945; Pratt, "Remarks on Zeros and Ties in
the Wilcoxon Signed Rank Procedures", JASA 1959; Cureton, "The Normal Approximation to the Signed-Rank Sampling
Distribution when Zero Differences are Present", JASA 1967.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

MOST_SIGNS = 13
"""Up to so many differences with ties or zeros all assignments of signs are tried."""
MOST_EXACT = 50
"""Up to so many differences without ties and zeros the statistic's exact distribution is used."""


def signed_rank_p(difference: NDArray[np.float64]) -> float:
    """Wilcoxon's signed-rank test of per-instance differences `(instances,)`, two-sided, ties after Pratt.

    An infinite difference (one of the two failed) takes the largest rank. 1 where all are zero.
    """
    if not difference.any():
        return 1.0
    size = np.abs(difference)
    ranks, n = average_ranks(size), len(difference)
    statistic = float(ranks[difference > 0].sum())
    distinct = np.unique(size)
    if len(distinct) == n and distinct[0] > 0:
        if n <= MOST_EXACT:
            return _exact_p(int(statistic), n)
    elif n <= MOST_SIGNS:
        return _enumerated_p(statistic, ranks[size > 0])
    return _normal_p(statistic, size)


def average_ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Ranks of values `(n,)` from 1, ties sharing the mean of theirs."""
    _, place, count = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(count)
    return np.asarray((last - (count - 1) / 2)[place])


def _exact_p(statistic: int, n: int) -> float:
    chances = _chances(n)
    if statistic <= n * (n + 1) / 4:
        at_most, at_least = chances[: statistic + 1].sum(), chances[statistic:].sum()
    else:
        at_most, at_least = 1 - chances[statistic + 1 :].sum(), 1 - chances[:statistic].sum()
    return float(min(1.0, 2 * min(at_most, at_least)))


@lru_cache(maxsize=64)
def _chances(n: int) -> NDArray[np.float64]:
    """Chance of each sum of the ranks 1 to n if each counts or not by the toss of a coin."""
    chances = np.ones(1)
    for rank in range(1, n + 1):
        without, size = chances, len(chances)
        chances = np.zeros(size + rank)
        chances[:size] = without * 0.5
        chances[-size:] += without * 0.5
    chances.flags.writeable = False
    return chances


def _enumerated_p(statistic: float, ranks: NDArray[np.float64]) -> float:
    sums = np.zeros(1)
    for rank in ranks:
        sums = np.concatenate([sums, sums + rank])
    return float(min(1.0, 2 * min((sums <= statistic).mean(), (sums >= statistic).mean())))


def _normal_p(statistic: float, size: NDArray[np.float64]) -> float:
    """By the normal approximation, its mean and variance corrected for zeros and ties."""
    from scipy.special import ndtr

    n, n_zero = float(len(size)), float((size == 0).sum())
    _, count = np.unique(size[size > 0], return_counts=True)
    ties = count.astype(float)
    mean = n * (n + 1.0) * 0.25 - n_zero * (n_zero + 1.0) * 0.25
    spread = n * (n + 1.0) * (2.0 * n + 1.0) - n_zero * (n_zero + 1.0) * (2.0 * n_zero + 1.0)
    deviation = math.sqrt((spread - float((ties**3 - ties).sum()) / 2) / 24)
    return float(2 * ndtr(-abs((statistic - mean) / deviation)))
