"""Seconds in which a group sums its gradients, each peer a share of the vector, and what no group can beat.

Every peer sums a share f of the vector and hands it back, so that its card carries V·(1 + (n−2)·f) each way: the rule
of the released butterfly averaging (yandex-research/swarm@f66855f, swarm/pipeline/src/averaging/load_balancing.py),
which finds the shares by a linear program. Here they have a closed form of the project's own; so have the seconds.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tasklet_bench.problems.pipeline_model.devices import Array, Devices


def shares(card_bytes_s: Array) -> Array:
    """Share of the vector that each peer sums, shape `(n,)`, sum 1, for the slower directions of their cards `(n,)`.

    f = max(0, T·b − 1)/(n − 2) with T from Σ max(0, T·b − 1) = n − 2; two peers take a half each.
    """
    n = len(card_bytes_s)
    if n <= 2:
        return np.full(n, 1.0 / n)
    falling = np.sort(card_bytes_s)[::-1]
    for k in range(1, n + 1):
        time = (n - 2 + k) / falling[:k].sum()
        if k == n or time * falling[k] <= 1.0:
            break
    share: Array = np.maximum(0.0, time * card_bytes_s - 1.0) / (n - 2)
    return share


def exchange(devices: Devices, group: Sequence[int], volume_bytes: float) -> float:
    """Seconds in which a group of devices sums a vector of so many bytes; 0 for one device.

    Link i→j carries j's share there and i's share back; links are independent of each other.
    """
    n = len(group)
    if n == 1:
        return 0.0
    pick = np.array(group)
    share = shares(devices.card_bytes_s[pick])
    links = ~np.eye(n, dtype=bool)
    of_links = (
        volume_bytes * (share[:, None] + share[None, :])[links] / devices.bandwidth_bytes_s[np.ix_(pick, pick)][links]
    )
    load = volume_bytes * (1.0 + (n - 2) * share)
    slowest_s = max(
        of_links.max(), (load / devices.upload_bytes_s[pick]).max(), (load / devices.download_bytes_s[pick]).max()
    )
    return float(2.0 * devices.delay_s[np.ix_(pick, pick)][links].max() + slowest_s)


def least(devices: Devices, n: int, volume_bytes: float) -> float:
    """Seconds that no group of n devices beats when it sums a vector of so many bytes; 0 for n = 1."""
    if n == 1:
        return 0.0
    links = ~np.eye(devices.n_devices, dtype=bool)
    fastest = np.sort(devices.card_bytes_s)[::-1][:n].sum()
    by_link = 2.0 * volume_bytes / (n * devices.bandwidth_bytes_s[links].max())
    by_card = volume_bytes * (2 * n - 2) / fastest
    return float(2.0 * devices.delay_s[links].min() + max(by_link, by_card))
