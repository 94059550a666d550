"""What each device needs, whoever its partners are."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.gossip.bounds.instance import Instance
from tasklet_bench.problems.gossip.bounds.round_trips import bottlenecks


def device_bound_s(instance: Instance) -> float:
    """The slowest device's computing, or its computing and the quickest exchanges that it can have.

    A device waits for its own group in every round, so the mean over a period of what it takes is a lower bound. Where
    all are in one group, each round takes as long as the slowest of them.
    """
    alone_s = instance.compute_s.mean(axis=0)
    if not instance.least_exchange_s:
        return float(alone_s.max())
    mean_s = instance.before_s + exchanges_s(instance) / instance.n_rounds
    least_s = instance.least_exchange_s[min(instance.rounds_of)]
    sent_s = instance.overlap.seconds(instance.compute_s, least_s)
    together_s = sent_s.max(axis=1).mean() if instance.mixing == "complete" else sent_s.mean(axis=0).max()
    return float(max(alone_s.max(), mean_s.max(), together_s))


def exchanges_s(instance: Instance) -> NDArray[np.float64]:
    """The least that a device's exchanges in a period can take together, shape `(N,)`."""
    if instance.in_pairs:
        pair_s = np.sort(instance.pair_s, axis=1)
        return np.asarray(pair_s[:, : instance.n_rounds].sum(axis=1))
    rounds = instance.rounds_of.items()
    return np.asarray(np.sum([times * instance.least_exchange_s[size] for size, times in rounds], axis=0))


def least_exchange_s(hop_s: NDArray[np.float64], size: int) -> NDArray[np.float64]:
    """The least that an exchange in a group of `size` takes for each device, shape `(N,)`.

    A pair's slower direction decides. A ring of m devices needs m that reach each other by hops as quick as that.
    """
    if size == 2:
        return np.asarray(np.maximum(hop_s, hop_s.T).min(axis=1))
    return np.asarray(np.partition(bottlenecks(hop_s), size - 1, axis=1)[:, size - 1])
