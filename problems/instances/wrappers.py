"""Topologies made from other topologies: noisy, asymmetric, with failed links, with devices relabelled.

Each is drawn once, from a seed, so that the cost stays a function. They take any topology and can be stacked. What was
drawn is rounded to whole µs and kbit/s, as in generated instances.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.instances.generated import draw
from tasklet_bench.problems.topology import BYTES_PER_S_PER_GBPS, MS_PER_S, Topology, site_index

FAILED_TIMES_SLOWER = 1e6


def noisy(topology: Topology, sigma: float, seed: int) -> Topology:
    """Multiply every pair's delay and bandwidth, both directions alike, by log-normals of median 1."""
    rng = draw.generator("noise", topology.n_devices, seed)
    topology = topology.expanded()
    delay_ms = topology.delay_s * MS_PER_S * _factors(rng, topology.n_devices, sigma)
    bandwidth_gbps = topology.bandwidth_bytes_s / BYTES_PER_S_PER_GBPS * _factors(rng, topology.n_devices, sigma)
    return replace(
        topology,
        delay_s=draw.whole_us_s(delay_ms),
        bandwidth_bytes_s=draw.whole_kbps_bytes_s(bandwidth_gbps),
    )


def asymmetric(topology: Topology, sigma: float, seed: int) -> Topology:
    """Multiply one direction's bandwidth by a log-normal of median 1, and divide the other's by it."""
    factors = _factors(draw.generator("asymmetry", topology.n_devices, seed), topology.n_devices, sigma)
    backwards = np.tri(topology.n_devices, dtype=bool)
    factors[backwards] = 1.0 / factors[backwards]
    bandwidth_gbps = topology.bandwidth_bytes_s / BYTES_PER_S_PER_GBPS * factors
    return replace(topology, bandwidth_bytes_s=draw.whole_kbps_bytes_s(bandwidth_gbps))


def with_failed_links(topology: Topology, count: int, seed: int) -> Topology:
    """Make `count` drawn pairs of devices a million times slower, in delay and bandwidth, both directions.

    Raises `ValueError` for more failed links than there are pairs.
    """
    n = topology.n_devices
    if count > draw.links(n):
        raise ValueError(f"{count} failed links among {n} devices, expected at most {draw.links(n)}")
    ranks = draw.shuffled(draw.generator("failed-links", n, seed), draw.links(n))
    slower = np.ones(draw.links(n))
    slower[ranks[:count]] = FAILED_TIMES_SLOWER
    factor = draw.symmetric(slower, n)
    np.fill_diagonal(factor, 1.0)
    return replace(topology, delay_s=topology.delay_s * factor, bandwidth_bytes_s=topology.bandwidth_bytes_s / factor)


def scaled(topology: Topology, factor: float) -> Topology:
    """Multiply all bandwidths, and the rates of network cards that sites declare, by a factor."""
    sites = tuple(
        replace(site, upload_gbps=_times(site.upload_gbps, factor), download_gbps=_times(site.download_gbps, factor))
        for site in topology.sites
    )
    return replace(topology, sites=sites, bandwidth_bytes_s=topology.bandwidth_bytes_s * factor)


def with_shared_cards(topology: Topology) -> Topology:
    """Declare, for each site of several devices, an equal part of its fastest link to elsewhere as a device's rate.

    It is the rate of all that a device sends, inside its site too. Rates that are declared stay.
    """
    elsewhere = topology.site_of[:, None] != topology.site_of[None, :]
    gbps = np.where(elsewhere, topology.bandwidth_bytes_s / BYTES_PER_S_PER_GBPS, 0.0)
    sites = list(topology.sites)
    for i, site in enumerate(sites):
        mine = topology.site_of == i
        if site.devices > 1 and len(sites) > 1 and site.upload_gbps is None and site.download_gbps is None:
            up, down = (float(links[mine].max()) / site.devices for links in (gbps, gbps.T))
            sites[i] = replace(site, upload_gbps=up, download_gbps=down)
    return replace(topology, sites=tuple(sites))


def resized(topology: Topology, sizes: Sequence[int]) -> Topology:
    """Give each site another number of devices; all links inside a site, and all between two, must be alike.

    Raises `ValueError` for a wrong number of sizes, and for a site of one device that is to grow.
    """
    if len(sizes) != len(topology.sites):
        raise ValueError(f"{len(sizes)} sizes for {len(topology.sites)} sites, expected one for each")
    first = np.searchsorted(topology.site_of, np.arange(len(sizes)))
    for site, size in zip(topology.sites, sizes, strict=True):
        if size > 1 and site.devices == 1:
            raise ValueError(f"{size} devices at site {site.name!r}, expected 1: nothing is known of links inside it")
    sites = tuple(replace(site, devices=size) for site, size in zip(topology.sites, sizes, strict=True))
    site_of = site_index(sites)
    inside = np.minimum(first + 1, topology.n_devices - 1)[site_of]
    pick = first[site_of]
    same = site_of[:, None] == site_of[None, :]
    delay_s, bandwidth_bytes_s = (
        np.where(same, matrix[pick, inside][:, None], matrix[np.ix_(pick, pick)])
        for matrix in (topology.delay_s, topology.bandwidth_bytes_s)
    )
    return Topology(sites, delay_s, bandwidth_bytes_s, topology.delay_is)


def relabelled(topology: Topology, seed: int) -> Topology:
    """Number the devices anew, at random, each a site of its own: what the declared sites reported is gone."""
    order = draw.shuffled(draw.generator("relabelling", topology.n_devices, seed), topology.n_devices)
    pick = np.ix_(order, order)
    sites = tuple(
        replace(topology.sites[site], name=f"node-{i}", devices=1) for i, site in enumerate(topology.site_of[order])
    )
    return replace(
        topology, sites=sites, delay_s=topology.delay_s[pick], bandwidth_bytes_s=topology.bandwidth_bytes_s[pick]
    )


def _times(figure: float | None, factor: float) -> float | None:
    return None if figure is None else figure * factor


def _factors(rng: np.random.Generator, n: int, sigma: float) -> NDArray[np.float64]:
    """A log-normal of median 1 for each pair, shape `(n, n)`, symmetric."""
    factors = draw.symmetric(draw.log_normal(rng.random(draw.links(n)), 1.0, sigma), n)
    np.fill_diagonal(factors, 1.0)
    return factors
