"""Two partitions that a look at the declared sites suggests, without any search.

*Aligned* gives all data-parallel groups the same make-up: fast links inside a site become pipeline links. *Site-pure*
keeps every group inside one site as far as site sizes allow: fast links carry gradients. Which one is better flips with
the ratio of activation to gradient bytes.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.topology import Site, site_index

Labels = NDArray[np.int64]


def aligned(group_sizes: Sequence[int]) -> Labels:
    """Deal the devices, which are numbered in site order, round the groups: labels of shape `(N,)`.

    A site differs by at most one device between groups of the same size.
    """
    room = list(group_sizes)
    labels = np.empty(sum(room), dtype=np.int64)
    group = -1
    for device in range(len(labels)):
        group = next(g % len(room) for g in range(group + 1, group + 1 + len(room)) if room[g % len(room)])
        labels[device] = group
        room[group] -= 1
    return labels


def site_pure(sites: Sequence[Site], group_sizes: Sequence[int]) -> Labels:
    """Fill groups from one site while it has enough devices, then pool what is left over: labels of shape `(N,)`.

    The site with most devices left gives next; the pool is filled in that order too, largest remainder first.
    """
    return pure_groups(site_index(tuple(sites)), len(sites), group_sizes)


def pure_groups(site_of: NDArray[np.intp], n_sites: int, group_sizes: Sequence[int]) -> Labels:
    """`site_pure` for devices of these sites, of which there may be more than places: the last of the pool are spares.

    Their label is the number of groups.
    """
    members = [list(np.flatnonzero(site_of == site)) for site in range(n_sites)]
    labels = np.full(len(site_of), len(group_sizes))
    mixed = []
    for group, size in enumerate(group_sizes):
        site = max(range(len(members)), key=lambda s: len(members[s]))
        if len(members[site]) < size:
            mixed.append(group)
            continue
        labels[members[site][:size]] = group
        members[site] = members[site][size:]
    leftover = [device for site in sorted(members, key=len, reverse=True) for device in site]
    pooled = np.repeat(np.array(mixed, dtype=np.int64), [group_sizes[group] for group in mixed])
    labels[leftover[: len(pooled)]] = pooled
    return labels


def interchangeable(*pair_s: NDArray[np.float64]) -> NDArray[np.intp]:
    """Class of each device, shape `(N,)`, numbered by its first member: devices that no cost can tell apart.

    Two devices are interchangeable if swapping them leaves every given symmetric matrix as it is; that is an
    equivalence, so one member stands for its class.
    """
    n = len(pair_s[0])
    off_diagonal = ~np.eye(n, dtype=bool)
    profiles = [np.sort(matrix[off_diagonal].reshape(n, n - 1), axis=1) for matrix in pair_s]
    result = np.empty(n, dtype=np.intp)
    members: dict[bytes, list[tuple[int, int]]] = {}
    n_classes = 0
    for device in range(n):
        alike = members.setdefault(b"".join(profile[device].tobytes() for profile in profiles), [])
        match = next((known for first, known in alike if _swappable(first, device, pair_s)), None)
        if match is None:
            match, n_classes = n_classes, n_classes + 1
            alike.append((device, match))
        result[device] = match
    return result


def _swappable(a: int, b: int, pair_s: tuple[NDArray[np.float64], ...]) -> bool:
    others = np.ones(len(pair_s[0]), dtype=bool)
    others[[a, b]] = False
    return all(np.array_equal(matrix[a, others], matrix[b, others]) for matrix in pair_s)
