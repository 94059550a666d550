"""Wilcoxon's signed-rank test: whether differences lean to one side, by the sum of the ranks of the positive ones.

Sources: Wilcoxon, "Individual Comparisons by Ranking Methods", Biometrics 1945; Pratt, "Remarks on Zeros and Ties in
the Wilcoxon Signed Rank Procedures", JASA 1959.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def signed_rank_p(difference: NDArray[np.float64]) -> float:
    """Wilcoxon's signed-rank test of per-instance differences `(instances,)`, two-sided, ties after Pratt.

    An infinite difference (one of the two failed) takes the largest rank. 1 where all are zero.
    """
    from scipy.stats import wilcoxon

    if not difference.any():
        return 1.0
    return float(wilcoxon(difference, zero_method="pratt").pvalue)


def average_ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Ranks of values `(n,)` from 1, ties sharing the mean of theirs."""
    from scipy.stats import rankdata

    return np.asarray(rankdata(values), dtype=np.float64)
