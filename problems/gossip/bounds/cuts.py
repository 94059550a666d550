"""Sets of devices that a relaxed solution gives more edges inside than a ring or a cube can have there."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

MOST_STEPS = 64
"""Steps in which a set would grow to all devices; where there are more, several of a class are taken at once."""
LEAST_VIOLATION = 1e-6
"""Edges by which a set must be beyond what it can have."""


def most_edges_inside(mixing: str, n_ranks: int) -> NDArray[np.int64]:
    """The most edges of the schedule's graph among 0, 1, …, N ranks, shape `(N + 1,)`.

    A path in a ring. In a cube the ranks 0 … n−1, whose edges are their binary digits that are 1 (S. Hart, "A note on
    the edges of the n-cube", Discrete Mathematics 14, 1976).
    """
    ranks = np.arange(n_ranks)
    if mixing == "ring":
        return np.concatenate([[0], ranks[:-1], [n_ranks]])
    return np.concatenate([[0], np.cumsum([int(rank).bit_count() for rank in ranks])])


def violated_cuts(
    density: NDArray[np.float64], sizes: NDArray[np.int64], inside: NDArray[np.int64], known: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Sets of devices, as how many of each class, that have too many edges inside; shape `(cuts, C)`.

    `density` `(C, C)` is edges for each pair of devices. From each class a set grows greedily by the device that has
    most edges into it; the worst set on the way is improved class by class.
    """
    cuts: dict[tuple[int, ...], None] = {}
    for seed in range(len(sizes)):
        grown = _grow(density, sizes, inside, seed)
        for counts, violation in (grown, _improve(*grown, density, sizes, inside)):
            if violation > LEAST_VIOLATION:
                cuts[tuple(counts.tolist())] = None
    new = [cut for cut in cuts if cut not in set(map(tuple, known.tolist()))]
    return np.array(new, dtype=np.int64).reshape(len(new), len(sizes))


def _grow(
    density: NDArray[np.float64], sizes: NDArray[np.int64], inside: NDArray[np.int64], seed: int
) -> tuple[NDArray[np.int64], float]:
    """The worst set on a greedy way from one device of a class to half of all, with the edges that it has too many."""
    counts = np.zeros(len(sizes), dtype=np.int64)
    counts[seed] = 1
    edges, worst, best = 0.0, -np.inf, counts.copy()
    into = density[seed].copy()
    size, n_devices = 1, int(sizes.sum())
    while 2 * size < n_devices:  # of a set and its complement, both or none have too many edges inside
        grown = int(np.where(counts < sizes, into, -np.inf).argmax())
        more = min(int(sizes[grown] - counts[grown]), 1 + n_devices // MOST_STEPS)
        edges += more * into[grown] + more * (more - 1) / 2 * density[grown, grown]
        counts[grown] += more
        size += more
        into += more * density[grown]
        if edges - inside[size] > worst:
            worst, best = edges - inside[size], counts.copy()
    return best, float(worst)


def _improve(
    counts: NDArray[np.int64],
    violation: float,
    density: NDArray[np.float64],
    sizes: NDArray[np.int64],
    inside: NDArray[np.int64],
) -> tuple[NDArray[np.int64], float]:
    """Change one class at a time, to none, all, one more or one less, while that makes the violation larger."""
    own = np.diag(density)
    while True:
        trials = np.repeat(counts[None], 4 * len(sizes), axis=0)
        for place, values in enumerate((np.zeros_like(sizes), sizes, counts + 1, counts - 1)):
            np.fill_diagonal(trials[place * len(sizes) :][: len(sizes)], np.clip(values, 0, sizes))
        edges = (((trials @ density) * trials).sum(axis=1) - trials @ own) / 2
        violations = edges - inside[trials.sum(axis=1)]
        best = int(violations.argmax())
        if violations[best] <= violation + LEAST_VIOLATION:
            return counts, violation
        counts, violation = trials[best], float(violations[best])
