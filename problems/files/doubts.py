"""Figures that look like another unit: what a reader of a problem would ask."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.topology import Topology

FASTEST_GBPS = 400.0
"""No link between two sites that are a millisecond apart is faster."""
FAR_MS = 1.0
LEAST_INSIDE_MS = 0.0005
"""No two devices answer each other in less."""
LIGHT_KM_PER_MS = 300.0
"""In a vacuum, one way."""
SLOWEST_GBPS = 1e-5
LONGEST_MS = 5000.0


def doubt_units(topology: Topology) -> list[str]:
    """Questions on figures that would make sense in another unit, and none as they stand; empty for most."""
    questions = []
    delay_ms = topology.delay_s * 1e3
    gbps = topology.bandwidth_bytes_s * 8e-9
    apart = topology.site_of[:, None] != topology.site_of[None, :]
    inside = ~apart & ~np.eye(topology.n_devices, dtype=bool)
    far = apart & (delay_ms >= FAR_MS)
    if far.any() and np.median(gbps[far]) > FASTEST_GBPS:
        questions.append(f"bandwidths of up to {gbps[far].max():.4g} Gbps between sites: are they in Mbit/s?")
    if apart.any() and gbps[apart].max() < SLOWEST_GBPS:
        questions.append(
            f"bandwidths of at most {gbps[apart].max():.4g} Gbps between sites: are they in Tbit/s or GB/s?"
        )
    if inside.any() and 0 < delay_ms[inside].max() < LEAST_INSIDE_MS:
        questions.append(f"delays of {delay_ms[inside].max():.4g} ms inside sites: are they in seconds?")
    elif _faster_than_light(topology, delay_ms):
        questions.append("delays shorter than light takes between the sites' coordinates: are they in seconds?")
    if apart.any() and delay_ms[apart].min() > LONGEST_MS:
        questions.append(f"delays of at least {delay_ms[apart].min():.4g} ms between sites: are they in microseconds?")
    return questions


def _faster_than_light(topology: Topology, delay_ms: NDArray[np.float64]) -> bool:
    """Whether most pairs of sites with coordinates answer each other faster than light could."""
    from tasklet_bench.problems.files.measured.tools.graph import kilometres

    factor = 2 if topology.delay_is == "rtt" else 1
    first = np.cumsum([0, *(site.devices for site in topology.sites)])
    verdicts = []
    for i, a in enumerate(topology.sites):
        for j, b in enumerate(topology.sites[:i]):
            if None in (a.latitude, a.longitude, b.latitude, b.longitude):
                continue
            km = kilometres((a.latitude or 0.0, a.longitude or 0.0), (b.latitude or 0.0, b.longitude or 0.0))
            if km > 100:
                verdicts.append(delay_ms[first[i], first[j]] < factor * km / LIGHT_KM_PER_MS / 10)
    return bool(verdicts) and sum(verdicts) > math.floor(len(verdicts) / 2)
