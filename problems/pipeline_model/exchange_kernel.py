"""Compiled: the exchange of gradients of `problems.pipeline_model.exchange`, for groups that stand by falling cards."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.compiled import jit
from tasklet_bench.problems.pipeline_model.devices import Devices

Floats = NDArray[np.float64]


class Network(NamedTuple):
    """What an exchange needs to know: of each pair the larger delay and the seconds of a byte in the slower direction.

    `delay_s` and `byte_s` have shape `(N, N)`, `card` min(up, down) in bytes/s and `falling` devices by falling card,
    the lower number first, `(N,)`; `share` is scratch memory.
    """

    delay_s: Floats
    byte_s: Floats
    card: Floats
    falling: NDArray[np.int64]
    share: Floats


def network(devices: Devices) -> Network:
    """Make the links and cards of devices ready for compiled code."""
    with np.errstate(divide="ignore"):
        byte_s = 1.0 / np.minimum(devices.bandwidth_bytes_s, devices.bandwidth_bytes_s.T)
    return Network(
        np.maximum(devices.delay_s, devices.delay_s.T),
        byte_s,
        devices.card_bytes_s.copy(),
        np.argsort(-devices.card_bytes_s, kind="stable"),
        np.zeros(devices.n_devices),
    )


@jit(allocates=False)
def exchange_seconds(network, members, begin, end, volume):  # type: ignore[no-untyped-def]
    """Seconds in which `members[begin:end]`, by falling cards, sum a vector of so many bytes; 0 for one device."""
    share, card = network.share, network.card
    n = end - begin
    if n <= 1:
        return 0.0
    if n == 2:
        share[0] = share[1] = 0.5
    else:
        total = 0.0
        time = 0.0
        for k in range(1, n + 1):
            total += card[members[begin + k - 1]]
            time = (n - 2 + k) / total
            if k < n and time * card[members[begin + k]] <= 1.0:
                break
        for a in range(n):
            share[a] = max(0.0, time * card[members[begin + a]] - 1.0) / (n - 2)
    delay_s = 0.0
    slowest_s = 0.0
    for a in range(n):
        i = members[begin + a]
        slowest_s = max(slowest_s, (1.0 + (n - 2) * share[a]) / card[i])
        for b in range(a):
            j = members[begin + b]
            delay_s = max(delay_s, network.delay_s[i, j])
            slowest_s = max(slowest_s, (share[a] + share[b]) * network.byte_s[i, j])
    return 2.0 * delay_s + volume * slowest_s
