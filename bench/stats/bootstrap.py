"""The paired hierarchical bootstrap: draw instances again, then seeds within each drawn instance.

Where instances are related, the clusters that they form are drawn instead, each with all of its instances. All
entrants see the same draws, and the draws depend on nothing but how many instances and seeds there are and which belong
together, so that an entrant's interval cannot move because somebody else took part.

Source: Davison and Hinkley, "Bootstrap Methods and their Application", 1997, section 3.8 (resampling in two stages).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

DRAWS = 2_000
LEVEL = 0.95
_CELLS_AT_ONCE = 2_000_000
"""Numbers held at once while drawing (16 MB of them)."""


def bootstrap(
    values: NDArray[np.float64],
    statistic: Callable[[NDArray[np.float64]], NDArray[np.float64]],
    draws: int = DRAWS,
    seed: int = 0,
    clusters: NDArray[np.int64] | None = None,
) -> NDArray[np.float64]:
    """Draws of a statistic, stacked along the first axis.

    `values` has shape `(instances, entrants, seeds)`; `statistic` takes a stack of such arrays, shape
    `(draws, instances, entrants, seeds)`, and returns one with `draws` first. `clusters`, `(instances,)`, numbers the
    cluster of each instance; a draw of clusters of unequal sizes has more or fewer instances than there are.
    """
    drawn = _drawn(values, draws, seed) if clusters is None else _drawn_by_cluster(values, clusters, draws, seed)
    return np.concatenate([statistic(stack) for stack in drawn])


def interval(
    draws: NDArray[np.float64], estimate: ArrayLike | None = None, level: float = LEVEL
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Percentile interval over the first axis: lower and upper end, each a value that was drawn.

    Widened to hold the estimate, where one is given: with few seeds and failures among them the draws lean to one side.
    """
    tail = (1 - level) / 2
    low, high = np.quantile(draws, [tail, 1 - tail], axis=0, method="nearest")
    return (low, high) if estimate is None else (np.minimum(low, estimate), np.maximum(high, estimate))


def _drawn(values: NDArray[np.float64], draws: int, seed: int) -> Iterator[NDArray[np.float64]]:
    n_instances, _, n_seeds = values.shape
    yield from _stacks(values, _places(n_instances, n_seeds, draws, seed))


@lru_cache(maxsize=2)
def _places(n_instances: int, n_seeds: int, draws: int, seed: int) -> NDArray[np.int64]:
    """The cells that are drawn, each the number of its instance times `n_seeds` plus that of its seed.

    Shape `(draws, instances, seeds)`. Kept, as every comparison of a sample sees the same ones, and drawing them takes
    longer than using them.
    """
    rng = np.random.default_rng([seed, n_instances, n_seeds])
    instances = rng.integers(n_instances, size=(draws, n_instances))
    seeds = rng.integers(n_seeds, size=(draws, n_instances, n_seeds))
    places = instances[:, :, None] * n_seeds + seeds
    places.flags.writeable = False
    return places


def _drawn_by_cluster(
    values: NDArray[np.float64], clusters: NDArray[np.int64], draws: int, seed: int
) -> Iterator[NDArray[np.float64]]:
    """Stacks of draws that have equally many instances; of one stack all draws, of the next, and so on."""
    _, _, n_seeds = values.shape
    members = [np.flatnonzero(clusters == cluster) for cluster in np.unique(clusters)]
    rng = np.random.default_rng([seed, len(members), n_seeds])
    picked = rng.integers(len(members), size=(draws, len(members)))
    instances = [np.concatenate([members[cluster] for cluster in draw]) for draw in picked]
    for size in sorted({len(drawn) for drawn in instances}):
        alike = np.array([drawn for drawn in instances if len(drawn) == size])
        seeds = rng.integers(n_seeds, size=(*alike.shape, n_seeds))
        yield from _stacks(values, alike[:, :, None] * n_seeds + seeds)


def _stacks(values: NDArray[np.float64], places: NDArray[np.int64]) -> Iterator[NDArray[np.float64]]:
    """The drawn values, `(draws, instances, entrants, seeds)`, some draws at a time; each cell's seeds lie together."""
    n_entrants = values.shape[1]
    by_entrant = np.ascontiguousarray(values.transpose(1, 0, 2)).reshape(n_entrants, -1)
    at_once = max(1, _CELLS_AT_ONCE // max(1, values.size))
    for start in range(0, len(places), at_once):
        yield np.take(by_entrant, places[start : start + at_once], axis=1).transpose(1, 2, 0, 3)
