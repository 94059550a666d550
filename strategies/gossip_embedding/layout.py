"""What moves need to know of an instance beside its system."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.gossip.system import System

NEAREST = 8
"""Devices that count as near to another."""


class Layout(NamedTuple):
    """Where ranks meet, and which devices are near.

    `group_of` `(R, N)` is each rank's group in each round, and `place_of` `(R, N)` its place among `members`. `share`
    `(R, G)` is the share of ranks and rounds that a group is, all together 1. `near` `(N, ≤8)` are the devices with
    which a device exchanges fastest. `n_scales` is how many sizes 2, 4, … of aligned blocks of ranks may change places;
    0 where N is no power of two. `longest` is the longest segment that is turned round or moved.
    """

    group_of: NDArray[np.int64]
    place_of: NDArray[np.int64]
    share: NDArray[np.float64]
    near: NDArray[np.int64]
    n_scales: int
    longest: int


def layout_of(system: System) -> Layout:
    """The layout of an instance."""
    rounds, n = system.members.shape
    group_of, place_of = np.zeros((rounds, n), dtype=np.int64), np.zeros((rounds, n), dtype=np.int64)
    share = np.zeros(system.ends.shape)
    for r in range(rounds):
        counts = np.diff(system.ends[r, : system.n_groups[r]], prepend=0)
        group_of[r, system.members[r]] = np.repeat(np.arange(len(counts)), counts)
        place_of[r, system.members[r]] = np.arange(n)
        share[r, : len(counts)] = counts / (rounds * n)
    pair_s = np.maximum(system.hop_s[0], system.hop_s[0].T)
    np.fill_diagonal(pair_s, np.inf)
    near = np.argsort(pair_s, axis=1, kind="stable")[:, : min(NEAREST, n - 1)]
    n_scales = n.bit_length() - 2 if n & (n - 1) == 0 else 0
    return Layout(group_of, place_of, share, np.ascontiguousarray(near), max(0, n_scales), max(2, n // 2))
