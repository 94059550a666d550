"""Farms: sites of uneven sizes, each with devices of one kind, that differ in speed and memory.

Kinds are drawn without repetition from cards that people have (A100, V100, T4, RTX 3090, A10, L4), and sites take them
in turn, so that each kind stands at a place or two. Links inside a site are 50 Gbps and 0.1 ms; between sites a
bandwidth is drawn from 2 to 25 Gbps and a delay from 1 to 40 ms, both log-uniformly. Both directions alike; delays are
round-trip times.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tasklet_bench.problems.instances.generated import draw
from tasklet_bench.problems.instances.measured import with_card
from tasklet_bench.problems.site_topology import SiteTopology
from tasklet_bench.problems.topology import Site, Topology

KINDS = ("A100-40", "V100-16", "T4", "RTX3090", "A10", "L4")
INSIDE_MS, INSIDE_GBPS = 0.1, 50.0
BETWEEN_MS, BETWEEN_GBPS = (1.0, 40.0), (2.0, 25.0)


def topology(n: int, seed: int, sites: int, kinds: int) -> Topology:
    """N devices at `sites` sites, of `kinds` kinds; raises `ValueError` for fewer sites than kinds."""
    return site_topology(n, seed, sites, kinds).expanded()


def site_topology(n: int, seed: int, sites: int, kinds: int) -> SiteTopology:
    """The same links, kept by site."""
    if sites < kinds:
        raise ValueError(f"{kinds} kinds at {sites} sites, expected at most one for each site")
    rng = draw.generator("farm", n, seed)
    chosen = [KINDS[i] for i in draw.shuffled(rng, len(KINDS))[:kinds]]
    sizes = draw.uneven_sizes(rng, n, sites)
    places = tuple(
        replace(with_card(Site(f"site-{i}", size), chosen[i % kinds]), provider="farm") for i, size in enumerate(sizes)
    )
    pairs = draw.links(sites)
    delay_ms = draw.symmetric(draw.log_between(rng.random(pairs), *BETWEEN_MS), sites)
    gbps = draw.symmetric(draw.log_between(rng.random(pairs), *BETWEEN_GBPS), sites)
    np.fill_diagonal(delay_ms, INSIDE_MS)
    np.fill_diagonal(gbps, INSIDE_GBPS)
    return SiteTopology(places, draw.whole_us_s(delay_ms), draw.whole_kbps_bytes_s(gbps))
