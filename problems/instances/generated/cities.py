"""The paper's ten cities with site sizes drawn at random: uneven sites over measured links.

Every split of N devices over the ten cities with 2 to 12 devices each is equally likely. Delays and bandwidths between
cities are the measured ones of the paper's scheduler, as in its world-wide scenario; inside a city 5 ms and 2 Gbps. So
devices of a city are interchangeable, and no two cities alike.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.instances.generated import draw
from tasklet_bench.problems.instances.site_table import SiteTable
from tasklet_bench.problems.topology import Site, Topology

LEAST, MOST = 2, 12
"""Devices of a city."""
INSIDE_MS, INSIDE_GBPS = 5.0, 2.0


def topology(n: int, seed: int) -> Topology:
    """N devices over the ten cities; raises `BadInput` where no split of N has 2 to 12 in each."""
    table = SiteTable.read("aws-dtfm")
    cities = table.names
    if not _ways(len(cities), n):
        expected = f"{LEAST * len(cities)} to {MOST * len(cities)}, {LEAST} to {MOST} in each of {len(cities)} cities"
        raise BadInput.at("generated/cities", "n", n, expected)
    sizes = _sizes(draw.generator("cities", n, seed), n, len(cities))
    sites = tuple(
        Site(name, size, *table.coordinates(name), provider="aws", device="V100")
        for name, size in zip(cities, sizes, strict=True)
    )
    return Topology.between_sites(
        sites, table.with_inside(table.rtt_ms, INSIDE_MS), table.with_inside(table.gbps, INSIDE_GBPS)
    )


def _sizes(rng: np.random.Generator, n: int, cities: int) -> list[int]:
    """One split of n, all equally likely: city by city, each size as likely as the rest has ways to follow it."""
    sizes: list[int] = []
    for following in range(cities - 1, -1, -1):
        at = int(rng.random() * _ways(following + 1, n))
        for size in range(LEAST, MOST + 1):
            ways = _ways(following, n - size)
            if at < ways:
                break
            at -= ways
        sizes.append(size)
        n -= size
    return sizes


@cache
def _ways(cities: int, n: int) -> int:
    """In how many ways n devices are split over so many cities."""
    if cities == 0 or n < 0:
        return int(cities == 0 and n == 0)
    return sum(_ways(cities - 1, n - size) for size in range(LEAST, MOST + 1))
