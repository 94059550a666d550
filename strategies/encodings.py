"""Partitions as points of plainer spaces, for optimisers that know only numbers or only categories.

*Keys* are N numbers: the devices in ascending order of their keys are cut into groups. *Labels* are N categories that
need not be balanced: a repair moves what is too many.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def labels_from_keys(keys: NDArray[np.float64], group_sizes: Sequence[int]) -> NDArray[np.int64]:
    """Labels, shape `(N,)`, of keys, shape `(N,)`; of equal keys, the lower device comes first."""
    labels = np.empty(len(keys), dtype=np.int64)
    labels[np.argsort(keys, kind="stable")] = np.repeat(np.arange(len(group_sizes)), group_sizes)
    return labels


def repaired(labels: NDArray[np.int64], group_sizes: Sequence[int]) -> NDArray[np.int64]:
    """Balanced labels, shape `(N,)`: the paper's repair of a child.

    Walk the devices in order; one whose group is over-full moves to the lowest-numbered group with room. So the first
    devices of an over-full group leave it, and the room is filled from the lowest group on.
    """
    count = np.bincount(labels, minlength=len(group_sizes))
    surplus = count - np.asarray(group_sizes)
    balanced = labels.copy()
    if surplus.any():
        by_group = np.argsort(labels, kind="stable")
        place = np.empty_like(by_group)
        place[by_group] = np.arange(len(labels)) - np.repeat(np.cumsum(count) - count, count)
        balanced[place < surplus[labels]] = np.repeat(np.arange(len(count)), np.maximum(-surplus, 0))
    return balanced
