"""Bandwidth of long links where none was measured: what TCP's window lets through."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

MBIT_PER_ROUND_TRIP = 22.0
"""What one TCP stream moves in a round trip: measured bandwidth times delay of the long links in two of the tables."""


def streams_gbps(rtt_ms: NDArray[np.float64], streams: int, nic_gbps: float) -> NDArray[np.float64]:
    """Each stream moves 22 Mbit a round trip, and the network card caps them all."""
    with np.errstate(divide="ignore"):
        return np.minimum(nic_gbps, streams * MBIT_PER_ROUND_TRIP / rtt_ms)
