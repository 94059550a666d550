"""What a set of devices needs, some of which must average with others outside of it."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.gossip.bounds.instance import Instance


def site_bound_s(instance: Instance, members: NDArray[np.intp]) -> float:
    """A lower bound by a set of devices, such as a site, that is not all of them; 0 where it says nothing."""
    if instance.in_pairs:
        return _pairs_s(instance, members)
    return _alternating_s(instance, members) if instance.mixing == "alternating-exp-ring" else 0.0


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
    """Either some host lies across the border, and crosses it in every round; or hosts are whole.

    Then, as in a cube of hosts, some host is joined with others across the border so and so often.
    """
    local, joint = min(instance.rounds_of), max(instance.rounds_of)
    least_s = {size: instance.least_exchange_s[size][members] for size in (local, joint)}
    across_s = {size: np.maximum(least_s[size], _crossing_s(instance, members, size)) for size in (local, joint)}
    times = instance.rounds_of[joint]
    spent_s = []
    if local > 1:
        spent_s.append(times * (across_s[local] + across_s[joint]))
    if len(members) % local == 0:
        joined = crossings(instance.mixing, instance.n_devices, len(members))
        spent_s.append(times * least_s[local] + joined * across_s[joint] + (times - joined) * least_s[joint])
    return float(min((instance.before_s[members] + each_s / instance.n_rounds).min() for each_s in spent_s))


def _crossing_s(instance: Instance, members: NDArray[np.intp], size: int) -> float:
    """The least that an exchange of `size` across the border takes: a ring crosses it both ways."""
    if size == 1:
        return 0.0
    hop_s = instance.hop_s[size]
    leaving_s = np.delete(hop_s[members], members, axis=1)
    entering_s = np.delete(hop_s[:, members], members, axis=0)
    return float(max(leaving_s.min(), entering_s.min()))
