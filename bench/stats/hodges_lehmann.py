"""The Hodges–Lehmann estimate: the median of all means of two differences, each with itself too.

Of sorted differences `d`, the mean of `d[i]` and `d[j]` is at least as large as all means of `d[k]` and `d[l]` with
`k <= i` and `l <= j`, and at most as large as those above. Most means are so known to lie below or above the median
before any is computed: which ones depends on the number of differences alone, and only the others are looked at.

Source: Hodges and Lehmann, "Estimates of Location Based on Rank Tests", Annals of Mathematical Statistics 1963.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


def hodges_lehmann(difference: NDArray[np.float64]) -> NDArray[np.float64]:
    """Median of all means of two differences (each with itself too), shape `(..., instances)` to `(...)`."""
    if not np.isfinite(difference).all():  # infinities of both signs have no mean, and no order then
        i, j = np.triu_indices(difference.shape[-1])
        return np.asarray(np.median((difference[..., i] + difference[..., j]) / 2, axis=-1))
    ordered = np.sort(difference.reshape(-1, difference.shape[-1]), axis=-1)
    near = _near_the_median(ordered.shape[-1])
    sums = np.empty((len(ordered), sum(end - start for start, end in near.columns)))
    filled = 0
    for row, (start, end) in enumerate(near.columns):
        np.add(ordered[:, start:end], ordered[:, row : row + 1], out=sums[:, filled : filled + end - start])
        filled += end - start
    middle = [near.low, near.high]
    sums.partition(middle, axis=-1)
    low, high = (sums[:, middle] / 2).T
    return np.asarray(low if near.low == near.high else (low + high) / 2).reshape(difference.shape[:-1])


class _Near(NamedTuple):
    """Which means of n sorted differences may be the median: of each `i` those with `start <= j < end`.

    `low` and `high` are the places of the two middle ones among these in order of size, the same if there is one.
    """

    columns: tuple[tuple[int, int], ...]
    low: int
    high: int


@lru_cache(maxsize=16)
def _near_the_median(n: int) -> _Near:
    i, j = np.triu_indices(n)
    low, high = (len(i) - 1) // 2, len(i) // 2
    too_small = len(i) - 1 - _at_most(n - 1 - j, n - 1 - i) < low
    too_large = _at_most(i, j) > high
    columns = []
    for row in range(n):
        kept = j[(i == row) & ~too_small & ~too_large]
        columns.append((int(kept[0]), int(kept[-1]) + 1) if kept.size else (row, row))
    below = int(too_small.sum())
    return _Near(tuple(columns), low - below, high - below)


def _at_most(i: NDArray[np.intp], j: NDArray[np.intp]) -> NDArray[np.intp]:
    """How many other means are at most that of the i-th and j-th smallest, `i <= j`, by their places alone."""
    return (i + 1) * (j + 1) - i * (i + 1) // 2 - 1
