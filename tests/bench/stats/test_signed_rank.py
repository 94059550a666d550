"""Wilcoxon's signed-rank test against scipy's, to the last bit."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from tasklet_bench.bench.stats.excess import interquartile_mean
from tasklet_bench.bench.stats.signed_rank import average_ranks, signed_rank_p


def drawn(rng: np.random.Generator, n: int, kind: str) -> np.ndarray:
    """Differences with a lean: all distinct, with ties and zeros, or with infinite ones besides."""
    if kind == "distinct":
        return rng.normal(rng.normal(), 1, n)
    values = rng.integers(-3, 5, n).astype(float)
    if kind == "infinite":
        values[rng.random(n) < 0.3] = rng.choice([-np.inf, np.inf])
    return values


@pytest.mark.parametrize("kind", ["distinct", "ties", "infinite"])
def test_the_p_value_is_scipys(kind: str) -> None:
    """By enumeration, by the exact distribution and by the normal one, whatever the number of differences."""
    rng = np.random.default_rng(0)
    for n in (*range(1, 16), 49, 50, 51, 60, 120):
        for _ in range(12):
            values = drawn(rng, n, kind)
            expected = stats.wilcoxon(values, zero_method="pratt").pvalue if values.any() else 1.0
            assert signed_rank_p(values) == expected, (n, values)


def test_ranks_are_scipys_with_ties_and_infinities() -> None:
    """Ties share the mean of their ranks, infinities are ties."""
    values = np.array([3.0, 1.0, np.inf, 1.0, 1.0, np.inf, 0.0])
    np.testing.assert_array_equal(average_ranks(values), stats.rankdata(values))


def test_the_interquartile_mean_is_scipys_trimmed_mean() -> None:
    """To the last bit, for stacks of draws too."""
    rng = np.random.default_rng(0)
    for n in range(1, 30):
        values = rng.random((5, n, 3))
        np.testing.assert_array_equal(interquartile_mean(values), stats.trim_mean(values, 0.25, axis=-2))
