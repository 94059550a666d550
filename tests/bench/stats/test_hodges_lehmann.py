"""The Hodges–Lehmann estimate against its definition."""

from __future__ import annotations

import numpy as np
import pytest

from tasklet_bench.bench.stats.hodges_lehmann import hodges_lehmann


def by_definition(difference: np.ndarray) -> np.ndarray:
    """The median of all means of two, each computed."""
    i, j = np.triu_indices(difference.shape[-1])
    return np.median((difference[..., i] + difference[..., j]) / 2, axis=-1)


@pytest.mark.parametrize("n", [*range(1, 20), 60, 61])
def test_it_is_the_median_of_all_means_to_the_last_bit(n: int) -> None:
    """Means that are left out for their place never change the median, with ties, zeros and any number of values."""
    rng = np.random.default_rng(n)
    for values in (rng.normal(size=(50, n)), rng.integers(-2, 3, size=(50, n)) / 3, np.zeros((3, n))):
        np.testing.assert_array_equal(hodges_lehmann(values), by_definition(values))


@pytest.mark.filterwarnings("ignore:invalid value")
def test_infinite_differences_are_taken_as_they_come() -> None:
    """Where one of two failed, the result is that of the definition, nan included."""
    values = np.random.default_rng(0).normal(size=(40, 9))
    values[::2, 0], values[::3, 1] = np.inf, -np.inf
    np.testing.assert_array_equal(hodges_lehmann(values), by_definition(values))


def test_it_takes_a_vector_and_stacks_of_them() -> None:
    """One shape less than was given: a vector's estimate is a number."""
    values = np.random.default_rng(1).normal(size=(4, 3, 11))
    assert hodges_lehmann(values).shape == (4, 3)
    assert float(hodges_lehmann(values[1, 2])) == hodges_lehmann(values)[1, 2]
