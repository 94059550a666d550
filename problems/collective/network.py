"""Devices with the links between them and the model that each of them holds: what an instance is before its rules."""

from __future__ import annotations

from dataclasses import dataclass, replace

from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.collective.devices import Devices
from tasklet_bench.problems.topology import Topology
from tasklet_bench.problems.workload import Transformer


@dataclass(frozen=True, eq=False)
class Network:
    """A named topology, what its devices can do, and their model."""

    name: str
    topology: Topology
    devices: Devices
    model: Transformer


def first_devices(topology: Topology, count: int, source: str) -> Topology:
    """The first `count` devices with the links between them; raises `BadInput` if there are fewer.

    Sites without any of them are left out.
    """
    n = topology.n_devices
    if not 1 <= count <= n:
        raise BadInput.at(source, "first", str(count), f"a whole number from 1 to {n}, the number of devices")
    sites = []
    left = count
    for site in topology.sites:
        if left > 0:
            sites.append(replace(site, devices=min(site.devices, left)))
            left -= site.devices
    return Topology(
        tuple(sites),
        topology.delay_s[:count, :count],
        topology.bandwidth_bytes_s[:count, :count],
        topology.delay_is,
    )
