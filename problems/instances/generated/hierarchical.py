"""Hosts in racks in sites: four levels of links, and devices of one host that are interchangeable.

Inside a host 0.01 ms and 200 Gbps, inside a rack 0.1 ms and 25 Gbps, inside a site 0.5 ms and 10 Gbps. Every pair of
sites draws its delay (uniform in 5–200 ms) and bandwidth (log-uniform in 0.2–5 Gbps). Racks are dealt to the sites as
evenly as they go; hosts and racks are filled in order, so the last may be short. Both directions alike; delays are
round-trip times.
"""

from __future__ import annotations

import numpy as np

from tasklet_bench.problems.instances.generated import draw
from tasklet_bench.problems.topology import Site, Topology, site_index

HOST = (0.01, 200.0)
RACK = (0.1, 25.0)
SITE = (0.5, 10.0)


def topology(n: int, seed: int, host: int, rack: int, sites: int) -> Topology:
    """N devices in hosts of `host`, racks of `rack` hosts, at `sites` sites."""
    places = _sites(n, host * rack, sites)
    rng = draw.generator("hierarchical", n, seed)
    between = (
        draw.symmetric(draw.between(rng.random(draw.links(sites)), 5.0, 200.0), sites),
        draw.symmetric(draw.log_between(rng.random(draw.links(sites)), 0.2, 5.0), sites),
    )
    device = np.arange(n)
    site_of = site_index(places)
    figures = []
    for column, matrix in enumerate(between):
        np.fill_diagonal(matrix, SITE[column])
        figure = matrix[np.ix_(site_of, site_of)]
        for unit, level in ((device // (host * rack), RACK), (device // host, HOST)):
            figure[unit[:, None] == unit[None, :]] = level[column]
        figures.append(figure)
    return draw.topology(places, *figures)


def _sites(n: int, rack_devices: int, sites: int) -> tuple[Site, ...]:
    """Racks dealt to sites in order; raises `ValueError` for fewer racks than sites."""
    racks = -(-n // rack_devices)
    if racks < sites:
        raise ValueError(f"{racks} racks of {rack_devices} devices for {sites} sites, expected at least as many racks")
    last = [racks * (i + 1) // sites * rack_devices for i in range(sites)]
    edges = [0, *(min(edge, n) for edge in last)]
    return tuple(Site(f"site-{i}", edges[i + 1] - edges[i]) for i in range(sites))
