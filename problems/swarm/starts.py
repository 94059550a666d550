"""Decisions of the field that take no search: in host order, fastest devices first, and the paper's rebalancing."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.pipeline_model.devices import Array
from tasklet_bench.problems.pipeline_model.model import split

Labels = NDArray[np.int64]

SAME = 1e-12
"""Rebalancing goes on while it gains more than this, relatively."""


def baselines(capacity: Array, flops: Array) -> Mapping[str, Labels]:
    """The named decisions for capacities c `(K, N)` and speeds `(N,)`; nobody is in reserve."""
    start = consecutive(*capacity.shape)
    return {
        "consecutive": start,
        "fill-slowest": fill_slowest(capacity, flops),
        "rebalanced": rebalance(capacity, start),
    }


def consecutive(n_stages: int, n_devices: int) -> Labels:
    """Devices in host order, nearly equally many a stage."""
    return np.repeat(np.arange(n_stages), split(n_devices, n_stages))


def fill_slowest(capacity: Array, flops: Array) -> Labels:
    """Devices from the fastest to the slowest, each to the stage that can do least so far."""
    labels = np.empty(len(flops), dtype=np.int64)
    total = np.zeros(len(capacity))
    for device in np.argsort(-flops, kind="stable"):
        stage = int(total.argmin())
        labels[device] = stage
        total[stage] += capacity[stage, device]
    return labels


def rebalance(capacity: Array, labels: Labels) -> Labels:
    """Move devices from the stage that can do most to the one that can do least, while the smaller of both gains.

    Adaptive rebalancing of SWARM (arXiv 2301.11913) made deterministic; the same authors' Petals rebalances so too
    (bigscience-workshop/petals@02dfbc7, server/block_selection.py). Devices in reserve stay there.
    """
    labels = labels.copy()
    k = len(capacity)
    while True:
        total = np.array([capacity[s, labels == s].sum() for s in range(k)])
        giver, taker = int(total.argmax()), int(total.argmin())
        devices = np.flatnonzero(labels == giver)
        if len(devices) < 2:
            return labels
        after = np.minimum(total[giver] - capacity[giver, devices], total[taker] + capacity[taker, devices])
        best = int(after.argmax())
        if not after[best] > total[taker] * (1 + SAME):
            return labels
        labels[devices[best]] = taker
