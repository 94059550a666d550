"""The Bayesian signed-rank test, for readers who would rather have probabilities than a verdict. Needs baycomp.

Source: Benavoli et al., "A Bayesian Wilcoxon signed-rank test based on the Dirichlet process", ICML 2014.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.bench.stats.metrics import PRACTICALLY_EQUAL

_SAMPLES = 5_000


@dataclass(frozen=True)
class Posterior:
    """Probabilities that the first is cheaper, that both are practically equal, and that the second is cheaper."""

    first: float
    equal: float
    second: float


def signed_rank_posterior(
    difference: NDArray[np.float64], equal_within: float = PRACTICALLY_EQUAL, seed: int = 0
) -> Posterior | None:
    """Posterior of per-instance differences `(instances,)` (logarithms of cost ratios); None without baycomp.

    Infinite differences (one side failed) enter as the largest finite float that can still be summed.
    """
    if find_spec("baycomp") is None:
        return None
    from baycomp import SignedRankTest

    finite = np.nan_to_num(difference, posinf=1e6, neginf=-1e6)
    edge = float(np.log1p(equal_within))
    probabilities = SignedRankTest.probs(np.zeros_like(finite), finite, edge, nsamples=_SAMPLES, random_state=seed)
    return Posterior(*(float(probability) for probability in probabilities))
