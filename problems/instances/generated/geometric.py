"""Points on a sphere: delay is distance, and bandwidth falls with delay.

Devices stand uniformly on the Earth. The round-trip time is that of light in fibre along the great circle times
`inflation`, plus 0.2 ms. A link's bandwidth is the window law's: `streams` TCP streams move 22 Mbit each a round trip,
up to a network card of 10 Gbps. So near devices are good at everything and the triangle inequality holds. Both
directions alike; delays are round-trip times.
"""

from __future__ import annotations

from tasklet_bench.problems.instances.generated import draw, sphere
from tasklet_bench.problems.instances.window_law import streams_gbps
from tasklet_bench.problems.topology import Site, Topology

NIC_GBPS = 10.0
LAST_MILE_MS = 0.2


def topology(n: int, seed: int, inflation: float, streams: int) -> Topology:
    """N devices, one to a site, with coordinates."""
    xyz = sphere.points(draw.generator("geometric", n, seed), n)
    delay_ms = inflation * sphere.round_trip_ms(xyz) + LAST_MILE_MS
    bandwidth_gbps = streams_gbps(delay_ms, streams, NIC_GBPS)
    sites = tuple(Site(f"node-{i}", 1, *sphere.coordinates(point)) for i, point in enumerate(xyz))
    return draw.topology(sites, delay_ms, bandwidth_gbps)
