"""Sites of uneven sizes: fast inside, slow between, log-normal at both levels.

Every pair of sites draws a median delay (around 80 ms) and a median bandwidth (around 1 Gbps); every link between them
is drawn around these with the deviation `spread`, and every link inside a site around 0.7 ms and 8 Gbps. So sites
matter and yet no two devices are alike. Both directions alike; delays are round-trip times.
"""

from __future__ import annotations

import numpy as np

from tasklet_bench.problems.instances.generated import draw
from tasklet_bench.problems.topology import Site, Topology, site_index

INSIDE_MS, BETWEEN_MS = 0.7, 80.0
INSIDE_GBPS, BETWEEN_GBPS = 8.0, 1.0
BETWEEN_SIGMA = 0.7


def topology(n: int, seed: int, sites: int, spread: float) -> Topology:
    """N devices at `sites` sites of drawn sizes."""
    rng = draw.generator("clustered", n, seed)
    places = tuple(Site(f"site-{i}", size) for i, size in enumerate(draw.uneven_sizes(rng, n, sites)))
    site_of = site_index(places)
    figures = []
    for inside, between in ((INSIDE_MS, BETWEEN_MS), (INSIDE_GBPS, BETWEEN_GBPS)):
        medians = draw.symmetric(draw.log_normal(rng.random(draw.links(sites)), between, BETWEEN_SIGMA), sites)
        np.fill_diagonal(medians, inside)
        noise = draw.symmetric(draw.log_normal(rng.random(draw.links(n)), 1.0, spread), n)
        figures.append(medians[np.ix_(site_of, site_of)] * noise)
    return draw.topology(places, *figures)
