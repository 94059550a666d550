"""Lower bounds by classes of devices: equal to `problems.allocation.bounds.separate`, in C² log C + N steps."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.allocation.classes import DeviceClasses
from tasklet_bench.problems.tolerances import ROUNDED_DOWN
from tasklet_bench.problems.workload import Shape

Array = NDArray[np.float64]


def separate(classes: DeviceClasses, shape: Shape) -> float:
    """A bound on each term alone, summed (in seconds)."""
    pipeline_s = float(boundaries(classes, shape).sum())
    return (data_parallel(classes, shape) + pipeline_s) * ROUNDED_DOWN


def data_parallel(classes: DeviceClasses, shape: Shape) -> float:
    """Every device pays at least its D-1 cheapest partners; of these sums the (D·K)-th smallest counts."""
    mates = shape.data_parallel - 1
    if mates == 0:
        return 0.0
    sums_s = cheapest_partners(classes.dp_pair_s, classes.sizes, mates).sum(axis=1)
    return float(_kth(sums_s, classes.sizes, np.array([shape.n_devices]))[0])


def boundaries(classes: DeviceClasses, shape: Shape) -> Array:
    """What the m-th cheapest boundary costs at least (in seconds), `(K-1,)`.

    The arguments are those of `bounds.boundaries`: ranks of links, of the spanning tree's links, of the two cheapest
    links of all devices, and of their cheapest. All links of two classes are alike, so each is counted, not listed.
    """
    d, k = shape.data_parallel, shape.pipeline_parallel
    m = np.arange(1, k)
    if k == 1:
        return np.zeros(0)
    pair_s, sizes = classes.pp_pair_s, classes.sizes
    upper, lower = np.triu_indices(len(sizes), k=1)
    links_s = np.concatenate([pair_s[upper, lower], pair_s.diagonal()])
    counts = np.concatenate([sizes[upper] * sizes[lower], sizes * (sizes - 1) // 2])
    ends_s = cheapest_partners(pair_s, sizes, 2)
    joined_s = ends_s[:, 0]
    tree_s = np.concatenate([_spanning_tree(pair_s), joined_s])
    tree_counts = np.concatenate([np.ones(len(sizes) - 1, dtype=np.int64), sizes - 1])
    least = [
        _kth(links_s, counts, d * m),
        _kth(tree_s, tree_counts, d * m),
        _kth(ends_s.ravel(), np.repeat(sizes, 2), 2 * d * m),
        _kth(joined_s, sizes, (m + 1) * d),
    ]
    costliest: Array = np.maximum.reduce(least)
    return costliest


def cheapest_partners(pair_s: Array, sizes: NDArray[np.intp], mates: int) -> Array:
    """What a device of each class pays its cheapest partners, `(C, mates)`, ascending; infinity for one too many."""
    result = np.full((len(sizes), mates), np.inf)
    for c in range(len(sizes)):
        partners = sizes.copy()
        partners[c] -= 1
        order = np.argsort(pair_s[c], kind="stable")
        taken = np.minimum(np.cumsum(partners[order]), mates)
        result[c, : taken[-1]] = np.repeat(pair_s[c, order], np.diff(taken, prepend=0))
    return result


def _kth(values: Array, counts: NDArray[np.intp], ranks: NDArray[np.intp]) -> Array:
    """The values of these ranks, from 1 on, where each value stands so many times."""
    order = np.argsort(values, kind="stable")
    place: Array = values[order][np.searchsorted(np.cumsum(counts[order]), ranks)]
    return place


def _spanning_tree(pair_s: Array) -> Array:
    """The links of the minimum spanning tree over classes, `(C-1,)`.

    The tree over all devices has these, and each further device of a class at the cheapest link of its class: at that
    link's seconds the class hangs together, whether through itself or through another one.
    """
    n = len(pair_s)
    reach_s = pair_s[0].copy()
    outside = np.ones(n, dtype=bool)
    links = np.empty(n - 1)
    nearest = 0
    for i in range(n - 1):
        outside[nearest] = False
        np.minimum(reach_s, pair_s[nearest], out=reach_s)
        nearest = int(np.where(outside, reach_s, np.inf).argmin())
        links[i] = reach_s[nearest]
    return links
