"""The mean of the middle half against scipy's trimmed mean."""

from __future__ import annotations

import numpy as np
from scipy import stats

from tasklet_bench.bench.stats.excess import interquartile_mean


def test_the_interquartile_mean_is_scipys_trimmed_mean() -> None:
    """To the last bit, for stacks of draws too."""
    rng = np.random.default_rng(0)
    for n in range(1, 30):
        values = rng.random((5, n, 3))
        np.testing.assert_array_equal(interquartile_mean(values), stats.trim_mean(values, 0.25, axis=-2))
