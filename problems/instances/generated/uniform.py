"""No structure at all: every link is drawn on its own, so no two devices are alike and no site helps.

Delays are uniform in 1–200 ms, bandwidths log-uniform in 0.1–10 Gbps. Both directions alike; delays are round-trip
times.
"""

from __future__ import annotations

from tasklet_bench.problems.instances.generated import draw
from tasklet_bench.problems.topology import Topology


def topology(n: int, seed: int) -> Topology:
    """N devices, one to a site."""
    rng = draw.generator("uniform", n, seed)
    delay_ms = draw.between(rng.random(draw.links(n)), 1.0, 200.0)
    bandwidth_gbps = draw.log_between(rng.random(draw.links(n)), 0.1, 10.0)
    return draw.topology(draw.single_sites(n), draw.symmetric(delay_ms, n), draw.symmetric(bandwidth_gbps, n))
