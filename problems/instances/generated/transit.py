"""A backbone: routers joined by a few long lines that many pairs share.

Routers stand on the Earth, joined in the spanning tree of the shortest lines and to each router's two nearest.
 A line has the delay of light in fibre times 1.4 and a capacity of 10, 40 or 100 Gbps. Traffic takes the path
of least delay; a line's capacity is shared evenly by the pairs of routers that use it, and a path has what its tightest
line leaves. Each device hangs on a router by an access line of its own (round trip 0.5–5 ms, 1–10 Gbps), which caps all
its links. Both directions alike; delays are round-trip times.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.instances.generated import draw, sphere
from tasklet_bench.problems.topology import Site, Topology, site_index

ROUTE_FACTOR = 1.4
CAPACITIES_GBPS = (10.0, 40.0, 100.0)

Array = NDArray[np.float64]
Edges = list[tuple[int, int]]


def topology(n: int, seed: int, routers: int) -> Topology:
    """N devices at the sites of `routers` routers, of drawn sizes."""
    rng = draw.generator("transit", n, seed)
    xyz = sphere.points(rng, routers)
    line_us = np.rint(sphere.round_trip_ms(xyz) * ROUTE_FACTOR * 1e3).astype(np.int64)
    edges = _backbone(line_us)
    choice = np.floor(rng.random(len(edges)) * len(CAPACITIES_GBPS)).astype(np.int64)
    path_us, share_gbps = _routes(line_us, edges, np.array(CAPACITIES_GBPS)[choice])
    sizes = draw.uneven_sizes(rng, n, routers)
    sites = tuple(Site(f"router-{i}", sizes[i], *sphere.coordinates(xyz[i])) for i in range(routers))
    pick = np.ix_(site_index(sites), site_index(sites))
    access_ms = draw.between(rng.random(n), 0.5, 5.0)
    access_gbps = draw.log_between(rng.random(n), 1.0, 10.0)
    delay_ms = path_us[pick] / 1e3 + (access_ms[:, None] + access_ms[None, :])
    bandwidth_gbps = np.minimum(share_gbps[pick], np.minimum(access_gbps[:, None], access_gbps[None, :]))
    return draw.topology(sites, delay_ms, bandwidth_gbps)


def _backbone(line_us: NDArray[np.int64]) -> Edges:
    """Lines of the backbone: Prim's spanning tree, and each router's two nearest neighbours."""
    n = len(line_us)
    inside, edges = {0}, set()
    while len(inside) < n:
        _, a, b = min((line_us[a, b], a, b) for a in inside for b in range(n) if b not in inside)
        edges.add((min(a, b), max(a, b)))
        inside.add(b)
    for a in range(n):
        for b in np.argsort(line_us[a], kind="stable")[1:3]:
            edges.add((min(a, int(b)), max(a, int(b))))
    return sorted(edges)


def _routes(line_us: NDArray[np.int64], edges: Edges, capacity_gbps: Array) -> tuple[Array, Array]:
    """Delay (µs) and share of bandwidth (Gbps) between routers, `(R, R)`, along the paths of least delay.

    Delays are whole µs, so that ties are ties everywhere; the first path found wins one (Floyd–Warshall).
    """
    n = len(line_us)
    path_us = np.full((n, n), np.iinfo(np.int64).max // 4)
    np.fill_diagonal(path_us, 0)
    after = np.tile(np.arange(n), (n, 1))
    for a, b in edges:
        path_us[a, b] = path_us[b, a] = line_us[a, b]
    for via in range(n):
        through = path_us[:, via, None] + path_us[None, via, :]
        better = through < path_us
        path_us[better] = through[better]
        after[better] = np.broadcast_to(after[:, via, None], (n, n))[better]
    return path_us.astype(np.float64), _shares(after, edges, capacity_gbps)


def _shares(after: NDArray[np.intp], edges: Edges, capacity_gbps: Array) -> Array:
    """What the tightest line of each path leaves when the pairs that use a line share it evenly."""
    n = len(after)
    number = {edge: i for i, edge in enumerate(edges)}
    used: dict[tuple[int, int], list[int]] = {}
    for a in range(n):
        for b in range(a + 1, n):
            stops = [a]
            while stops[-1] != b:
                stops.append(int(after[stops[-1], b]))
            used[a, b] = [number[min(hop), max(hop)] for hop in pairwise(stops)]
    load = np.bincount([line for lines in used.values() for line in lines], minlength=len(edges))
    share = np.full((n, n), np.inf)
    for (a, b), lines in used.items():
        share[a, b] = share[b, a] = (capacity_gbps[lines] / load[lines]).min()
    return share
