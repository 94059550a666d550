"""What each device needs, whoever its partners are."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.gossip.bounds.instance import Instance


def device_bound_s(instance: Instance) -> float:
    """The slowest device's computing, or its computing and the quickest exchanges that it can have.

    A device waits for its own group in every round, so the mean over a period of what it takes is a lower bound.
    """
    alone_s = instance.compute_s.mean(axis=0)
    if not instance.hop_s:
        return float(alone_s.max())
    mean_s = instance.before_s + exchanges_s(instance) / instance.n_rounds
    least_s = least_exchange_s(instance, min(instance.rounds_of))
    return float(max(alone_s.max(), mean_s.max(), instance.mean_told_s(least_s).max()))


def exchanges_s(instance: Instance) -> NDArray[np.float64]:
    """The least that a device's exchanges in a period can take together, shape `(N,)`."""
    if instance.in_pairs:
        pair_s = np.sort(instance.pair_s, axis=1)
        return np.asarray(pair_s[:, : instance.n_rounds].sum(axis=1))
    rounds = instance.rounds_of.items()
    return np.sum([times * least_exchange_s(instance, size) for size, times in rounds], axis=0)


def least_exchange_s(instance: Instance, size: int) -> NDArray[np.float64]:
    """The least that an exchange in a group of `size` takes for each device, shape `(N,)`."""
    if size == 1:
        return np.zeros(instance.n_devices)
    hop_s = instance.hop_s[size]
    return np.maximum(hop_s.min(axis=1), hop_s.min(axis=0))
