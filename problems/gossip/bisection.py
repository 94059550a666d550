"""Recursive halving that keeps sites together: an order for cubes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Order = NDArray[np.int64]


def bisect_sites(site_of: NDArray[np.intp], tour: Order) -> Order:
    """Order devices such that each halving of the ranks splits as few sites as it can, shape `(N,)`, N = 2^R.

    `tour` says which sites are near to each other: those of a half are the first along it that fill it, as far as whole
    sites do; else one site is split.
    """
    if len(tour) < 2:
        return tour
    sites: dict[int, list[int]] = {}
    for device in tour:
        sites.setdefault(int(site_of[device]), []).append(int(device))
    chosen = _fill(list(map(len, sites.values())), len(tour) // 2)
    halves: tuple[list[int], list[int]] = ([], [])
    for members, taken in zip(sites.values(), chosen, strict=True):
        halves[0].extend(members[:taken])
        halves[1].extend(members[taken:])
    return np.concatenate([bisect_sites(site_of, np.array(half, dtype=np.int64)) for half in halves])


def _fill(sizes: Sequence[int], room: int) -> list[int]:
    """How many of each site go into a half of `room`: whole sites, early ones first, and at most one in part."""
    reached: dict[int, list[int]] = {0: []}
    for index, size in enumerate(sizes):
        for total, picked in list(reached.items()):
            if total + size <= room:
                reached.setdefault(total + size, [*picked, index])
    most = max(reached)
    taken = [size if index in reached[most] else 0 for index, size in enumerate(sizes)]
    if most < room:
        split = next(i for i, size in enumerate(sizes) if i not in reached[most] and size >= room - most)
        taken[split] = room - most
    return taken
