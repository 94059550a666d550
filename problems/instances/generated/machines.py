"""Machines of several GPUs in one data centre: fast links inside a machine, one fabric between all.

Inside a machine 0.01 ms and 545 Gbps (`node_gbps`): what Sailor measured between four V100 of one machine (2025);
NVIDIA's data sheet gives a V100 1,200 Gbps a direction, and Sailor measured 1,946 between four A100. Between machines
25 Gbps (`fabric_gbps`), the network of Amazon's p3.16xlarge, and a round trip drawn for each pair,
uniform in 0.05–0.15 ms. With `rack` machines to a rack, dealt to racks at random as host lists do not follow racks,
links between racks have a quarter of that: a usual oversubscription, assumed. Devices of one machine are
interchangeable; the last machine may be short. Both directions alike; delays are round-trip times.
"""

from __future__ import annotations

import numpy as np

from tasklet_bench.problems.instances.generated import draw
from tasklet_bench.problems.topology import Site, Topology, site_index

INSIDE_MS = 0.01
BETWEEN_MS = (0.05, 0.15)
OVERSUBSCRIPTION = 4.0


def topology(n: int, seed: int, node: int, node_gbps: float, fabric_gbps: float, rack: int) -> Topology:
    """N devices in machines of `node`; `rack` machines share a switch, 0 stands for all."""
    machines = -(-n // node)
    sizes = [min(node, n - i * node) for i in range(machines)]
    sites = tuple(Site(f"machine-{i}", size) for i, size in enumerate(sizes))
    rng = draw.generator("machines", n, seed)
    delay_ms = draw.symmetric(draw.between(rng.random(draw.links(machines)), *BETWEEN_MS), machines)
    gbps = np.full((machines, machines), fabric_gbps)
    if rack:
        rack_of = draw.shuffled(rng, machines) // rack
        gbps[rack_of[:, None] != rack_of[None, :]] /= OVERSUBSCRIPTION
    np.fill_diagonal(delay_ms, INSIDE_MS)
    np.fill_diagonal(gbps, node_gbps)
    pick = np.ix_(site_index(sites), site_index(sites))
    return draw.topology(sites, delay_ms[pick], gbps[pick])
