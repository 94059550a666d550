"""What a set of devices needs, some of which must average with others outside of it."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.gossip.bounds.devices import least_exchange_s
from tasklet_bench.problems.gossip.bounds.instance import Instance


def site_bound_s(instance: Instance, members: NDArray[np.intp]) -> float:
    """A lower bound by a set of devices, such as a site, that is not all of them."""
    if instance.in_pairs:
        return _pairs_s(instance, members)
    if instance.mixing == "complete":
        return float(instance.overlap.seconds(instance.compute_s, _crossing_s(instance, members)).max(axis=1).mean())
    return _alternating_s(instance, members) if instance.hop_s else 0.0


def crossings(mixing: str, n_devices: int, size: int) -> int:
    """How often in a period some device of any set of that size must average across its border, at least.

    In a cube, a set of s ranks has at most s·log2(s)/2 edges inside (S. Hart, "A note on the edges of the n-cube",
    Discrete Mathematics 14, 1976).
    """
    if mixing == "ring":
        return 2 if size == 1 else 1
    return math.ceil(math.log2(n_devices / size))


def _pairs_s(instance: Instance, members: NDArray[np.intp]) -> float:
    pair_s = instance.pair_s[members]
    times = crossings(instance.mixing, instance.n_devices, len(members))
    outside_s = np.sort(np.delete(pair_s, members, axis=1), axis=1)
    others_s = np.sort(pair_s, axis=1)[:, : instance.n_rounds - times]
    # fewer devices outside than crossings: partners repeat in this relaxation
    places = np.minimum(np.arange(times), outside_s.shape[1] - 1)
    sums_s = outside_s[:, places].sum(axis=1) + others_s.sum(axis=1)
    return float((instance.before_s[members] + sums_s / instance.n_rounds).min())


def _alternating_s(instance: Instance, members: NDArray[np.intp]) -> float:
    largest = max(instance.rounds_of)
    spent_s = sum(
        (times - (size == largest)) * least_exchange_s(instance, size)[members]
        for size, times in instance.rounds_of.items()
    )
    crossing_s = _crossing_s(instance, members)
    return float((instance.before_s[members] + (crossing_s + spent_s) / instance.n_rounds).min())


def _crossing_s(instance: Instance, members: NDArray[np.intp]) -> float:
    """The least that an exchange across the border takes: a ring crosses it both ways."""
    ways_s = []
    for hop_s in instance.hop_s.values():
        leaving_s = np.delete(hop_s[members], members, axis=1)
        entering_s = np.delete(hop_s[:, members], members, axis=0)
        ways_s.append(max(leaving_s.min(), entering_s.min()))
    return float(min(ways_s))
