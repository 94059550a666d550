"""What all decisions check in the same way: whole numbers, as arrays and as plain JSON."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.candidate import InvalidCandidate


def check_integers(candidate: Any, what: str, n: int, n_values: int | NDArray[np.int64]) -> NDArray[np.int64]:
    """Return an int64 array of shape `(n,)` with values 0..n_values-1; raises `InvalidCandidate` for anything else.

    `n_values` is one number, or one for each entry.
    """
    array = as_integers(candidate, what, f"({n},)")
    if array.shape != (n,):
        raise InvalidCandidate(f"{what} are an int array of shape ({n},), found {array.dtype} {array.shape}")
    outside = np.flatnonzero((array < 0) | (array >= n_values))
    if outside.size:
        place = int(outside[0])
        most = n_values if isinstance(n_values, int) else n_values[place]
        raise InvalidCandidate(f"{what} are 0..{most - 1}, found {array[place]} at place {place}")
    return array.astype(np.int64, copy=False)


def as_integers(candidate: Any, what: str, shape: str) -> NDArray[Any]:
    """Return an array of some integer type; raises `InvalidCandidate` that names the expected shape."""
    try:
        array = np.asarray(candidate)
    except ValueError:
        raise InvalidCandidate(f"{what} are an int array of shape {shape}, found rows of unequal lengths") from None
    if not np.issubdtype(array.dtype, np.integer):
        raise InvalidCandidate(f"{what} are an int array of shape {shape}, found {array.dtype} {array.shape}")
    return array


def read_integers(data: Any, what: str) -> list[int]:
    """Return a plain list of whole numbers; raises `InvalidCandidate` for other types, floats and Booleans."""
    if not isinstance(data, list):
        raise InvalidCandidate(f"{what} are a list of whole numbers, found {type(data).__name__}")
    for place, value in enumerate(data):
        if type(value) is not int or not -(2**63) <= value < 2**63:
            raise InvalidCandidate(f"{what} are a list of whole numbers, found {value!r:.60} at place {place}")
    return data


def is_same(first: Any, second: Any) -> bool:
    """Whether two candidates are equal, part by part."""
    if isinstance(first, tuple):
        return all(is_same(a, b) for a, b in zip(first, second, strict=True))
    return np.array_equal(first, second)


def clip_categories(values: Any, n_values: int | NDArray[np.int64]) -> NDArray[np.int64]:
    """Return categorical values as an int64 array, those outside of their range moved to its end."""
    clipped: NDArray[np.int64] = np.clip(np.asarray(values, dtype=np.int64), 0, np.asarray(n_values) - 1)
    return clipped


def cut_unit_interval(keys: NDArray[np.float64], n_values: int | NDArray[np.int64]) -> NDArray[np.int64]:
    """Return which of `n_values` equal parts of [0, 1) each key lies in; keys outside count as its ends."""
    parts = np.floor(np.clip(keys, 0.0, 1.0) * n_values).astype(np.int64)
    inside: NDArray[np.int64] = np.minimum(parts, np.asarray(n_values) - 1)
    return inside
