"""Fewer classes for a bound: devices that are nearly alike are taken for alike, at the cheapest of their links."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.allocation.classes import DeviceClasses
from tasklet_bench.problems.allocation.compositions.counted import count_compositions

FEW_COMPOSITIONS = 30_000
_LARGEST_KEY = 2**60


def relaxed(classes: DeviceClasses, group_size: int, most: int = FEW_COMPOSITIONS) -> DeviceClasses:
    """Classes merged until a stage has `most` compositions; a pair of them costs what the cheapest pair inside does.

    Each allocation costs at most as much among them as it really does, so that a bound for them is a bound. Those are
    merged whose farthest devices are closest, by what a pair pays for gradients and for activations together.
    """
    near = classes.dp_pair_s / classes.dp_pair_s.mean() + classes.pp_pair_s / classes.pp_pair_s.mean()
    near = np.maximum(near, near.T)
    group_of = np.arange(classes.n_classes)
    sizes = classes.sizes.astype(np.int64)
    np.fill_diagonal(near, np.inf)
    while len(sizes) > 1 and _too_many(sizes, group_size, most):
        a, b = sorted(divmod(int(np.argmin(near)), len(sizes)))
        near[a] = near[:, a] = np.maximum(near[a], near[b])
        near[a, a] = np.inf
        near = np.delete(np.delete(near, b, axis=0), b, axis=1)
        sizes[a] += sizes[b]
        sizes = np.delete(sizes, b)
        group_of[group_of == b] = a
        group_of[group_of > b] -= 1
    return _merged(classes, group_of, sizes)


def _too_many(sizes: NDArray[np.int64], group_size: int, most: int) -> bool:
    kept_apart = math.prod(int(size) + 1 for size in sizes)
    return kept_apart > _LARGEST_KEY // most or count_compositions(sizes, group_size) > most


def _merged(classes: DeviceClasses, group_of: NDArray[np.intp], sizes: NDArray[np.int64]) -> DeviceClasses:
    matrices = []
    alone = np.eye(classes.n_classes, dtype=bool) & (classes.sizes == 1)
    for pair_s in (classes.dp_pair_s, classes.pp_pair_s):
        links = np.where(alone, np.inf, pair_s)
        cheapest = np.full((len(sizes), len(sizes)), np.inf)
        np.minimum.at(cheapest, (group_of[:, None], group_of[None, :]), links)
        matrices.append(np.where(np.isinf(cheapest), 0.0, cheapest))
    return DeviceClasses(group_of[classes.class_of], sizes, *matrices)
