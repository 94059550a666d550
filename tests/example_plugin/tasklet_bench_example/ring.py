"""Instances of one's own: cities on a ring, four devices each; a message goes round the shorter way."""

import numpy as np

from tasklet_bench.problems import Shape, Site, Topology, Workload
from tasklet_bench.problems.allocation import AllocationProblem
from tasklet_bench.problems.bad_input import BadInput

PER_CITY = 4
HOP_MS, INSIDE_MS = 12.0, 0.1
HOP_GBPS, INSIDE_GBPS = 4.0, 25.0


def load(name):
    """`ring/16`: sixteen devices in four cities; delay grows and bandwidth falls with every hop."""
    devices = name.partition("/")[2]
    if not devices.isdigit() or int(devices) < 2 * PER_CITY or int(devices) % PER_CITY:
        raise BadInput.at(name, "devices", repr(devices), f"a multiple of {PER_CITY} from {2 * PER_CITY} on")
    cities = int(devices) // PER_CITY
    place = np.arange(cities)
    apart = np.abs(place[:, None] - place)
    hops = np.minimum(apart, cities - apart)
    links = Topology.between_sites(
        tuple(Site(f"city {number}", PER_CITY) for number in place),
        delay_ms=np.where(hops, hops * HOP_MS, INSIDE_MS),
        bandwidth_gbps=np.where(hops, HOP_GBPS / np.maximum(hops, 1), INSIDE_GBPS),
    )
    return AllocationProblem(name, links, Workload(6e8, 5e8), Shape(PER_CITY, cities))
