"""The paper's five scenarios, in the device order in which their check values are stated.

Source: Yuan et al., "Decentralized Training of Foundation Models in Heterogeneous Environments", NeurIPS 2022, with
the figures of its released scheduler. A delay is a ping's round-trip time, as there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.instances.site_table import SiteTable
from tasklet_bench.problems.topology import Site, Topology

Matrix = NDArray[np.float64]


def topology(scenario: str) -> Topology:
    """The 64 devices of one of the five scenarios."""
    return _SCENARIOS[scenario]()


def _datacentre() -> Topology:
    return _instances([8] * 8, inside_gbps=100, between_gbps=3.125)


def _spot() -> Topology:
    return _instances([4] * 8 + [1] * 32, inside_gbps=100, between_gbps=1.25)


def _instances(sizes: list[int], inside_gbps: float, between_gbps: float) -> Topology:
    """Instances of one data centre: no delay, fast inside an instance, the same everywhere else."""
    sites = tuple(Site(f"instance-{i}", size, provider="aws", device="V100") for i, size in enumerate(sizes))
    bandwidth_gbps = np.full((len(sites), len(sites)), between_gbps, dtype=np.float64)
    np.fill_diagonal(bandwidth_gbps, inside_gbps)
    return Topology.between_sites(sites, np.zeros_like(bandwidth_gbps), bandwidth_gbps)


_REGIONS = {
    "Virginia": (39.0458, -77.4874),
    "Oregon": (45.84, -119.7),
    "California": (37.7749, -122.4194),
    "Ohio": (39.9612, -82.9988),
}

_REGIONAL = {
    ("Virginia", "Oregon"): (67, 1.15),
    ("Virginia", "California"): (59, 1.05),
    ("Virginia", "Ohio"): (11, 1.12),
    ("Oregon", "California"): (12, 1.25),
    ("Oregon", "Ohio"): (49, 1.10),
    ("California", "Ohio"): (52, 1.02),
}
"""Delay (ms) and bandwidth (Gbps) between two regions of scenario 4."""


def _two_datacentres() -> Topology:
    return _regions({"Ohio": 32, "Virginia": 32}, {("Ohio", "Virginia"): (11, 1.12)}, inside=(1, 5))


def _regional() -> Topology:
    return _regions(dict.fromkeys(_REGIONS, 16), _REGIONAL, inside=(5, 2))


def _regions(
    devices: Mapping[str, int], between: Mapping[tuple[str, str], tuple[float, float]], inside: tuple[float, float]
) -> Topology:
    """Regions with the same links inside each, and symmetric figures (ms, Gbps) between them."""
    names = list(devices)
    figures = np.empty((2, len(names), len(names)))
    figures[:] = np.array(inside, dtype=np.float64)[:, None, None]
    for (a, b), link in between.items():
        i, j = names.index(a), names.index(b)
        figures[:, i, j] = figures[:, j, i] = link
    sites = tuple(Site(name, devices[name], *_REGIONS[name], provider="aws", device="V100") for name in names)
    return Topology.between_sites(sites, *figures)


def _worldwide() -> Topology:
    cities = ("Oregon", "Virginia", "Ohio", "Tokyo", "Seoul", "London", "Frankfurt", "Ireland")
    table = SiteTable.read("aws-dtfm").only(cities)
    return Topology.between_sites(
        tuple(Site(name, 8, *table.coordinates(name), provider="aws", device="V100") for name in cities),
        table.with_inside(table.rtt_ms, 5),
        table.with_inside(table.gbps, 2),
    )


_SCENARIOS: dict[str, Callable[[], Topology]] = {
    "datacentre": _datacentre,
    "spot": _spot,
    "two-datacentres": _two_datacentres,
    "regional": _regional,
    "worldwide": _worldwide,
}
