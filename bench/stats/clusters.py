"""Related instances as one fact: what a test makes of instances that share a base."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.bench.stats.signed_rank import average_ranks

MOST_ENUMERATED = 12
"""Up to so many clusters all assignments of signs are tried; above, the statistic is taken for normal."""


def by_cluster(values: NDArray[np.float64], clusters: NDArray[np.int64] | None) -> NDArray[np.float64]:
    """Means of the rows of each cluster, `(instances, …)` to `(clusters, …)`; the values where there are no clusters.

    Of infinite values of both signs the mean is 0, as of two failures that cancel out.
    """
    if clusters is None:
        return values
    with np.errstate(invalid="ignore"):
        means = [values[clusters == cluster].mean(axis=0) for cluster in np.unique(clusters)]
    return np.asarray(np.nan_to_num(np.array(means), nan=0.0, posinf=np.inf, neginf=-np.inf))


def clustered_signed_rank_p(difference: NDArray[np.float64], clusters: NDArray[np.int64]) -> float:
    """The signed-rank test of differences `(instances,)` that are related within clusters, two-sided.

    Instances are ranked by size as in Wilcoxon's test, zeros after Pratt, and the signed ranks of each cluster are
    summed up. If nothing differs, each cluster's sum may as well have the other sign, whatever its instances share: up
    to twelve clusters all signs are tried, above them the total over its root mean square is normal. 1 where all are
    zero.

    Source: Rosner, Glynn and Lee, "The Wilcoxon signed rank test for paired comparisons of clustered data", Biometrics
    2006.
    """
    from scipy.special import ndtr

    signed = np.sign(difference) * average_ranks(np.abs(difference))
    sums = np.array([signed[clusters == cluster].sum() for cluster in np.unique(clusters)])
    sums = sums[sums != 0]
    if not sums.size:
        return 1.0
    observed = abs(sums.sum())
    if len(sums) <= MOST_ENUMERATED:
        signs = 1 - 2 * (np.arange(2 ** len(sums))[:, None] >> np.arange(len(sums)) & 1)
        return float((np.abs(signs @ sums) >= observed * (1 - 1e-12)).mean())
    return float(2 * ndtr(-observed / np.sqrt((sums**2).sum())))
