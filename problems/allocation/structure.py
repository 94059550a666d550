"""Two partitions that a look at the declared sites suggests, without any search.

*Aligned* gives all data-parallel groups the same make-up: fast links inside a site become pipeline links. *Site-pure*
keeps every group inside one site as far as site sizes allow: fast links carry gradients. Which one is better flips with
the ratio of activation to gradient bytes.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from problems.topology import Site, site_index

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
    site_of = site_index(tuple(sites))
    members = [list(np.flatnonzero(site_of == site)) for site in range(len(sites))]
    labels = np.full(sum(group_sizes), -1, dtype=np.int64)
    mixed = []
    for group, size in enumerate(group_sizes):
        site = max(range(len(members)), key=lambda s: len(members[s]))
        if len(members[site]) < size:
            mixed.append(group)
            continue
        labels[members[site][:size]] = group
        members[site] = members[site][size:]
    leftover = [device for site in sorted(members, key=len, reverse=True) for device in site]
    labels[leftover] = np.repeat(mixed, [group_sizes[group] for group in mixed])
    return labels
