"""How fast the devices of a topology compute, and how much memory they have."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.topology import Topology

FLOPS_PER_TFLOPS = 1e12
BYTES_PER_GB = 1e9

TFLOPS = 125.0
"""Speed of a device whose site declares none: a V100's tensor cores in half precision."""
MEMORY_GB = 16.0
"""Memory of a device whose site declares none."""
EFFICIENCY = 0.4
"""Share of the speed that training reaches."""


@dataclass(frozen=True, eq=False)
class Devices:
    """Speed (in FLOP/s, efficiency included) and memory (in bytes) of each device, shapes `(N,)`.

    A speed is infinite where nobody has one: computing counts as 0 then.
    """

    flops_s: NDArray[np.float64] = field(repr=False)
    memory_bytes: NDArray[np.float64] = field(repr=False)

    def __post_init__(self) -> None:
        for array in (self.flops_s, self.memory_bytes):
            array.flags.writeable = False


def devices_of(
    topology: Topology,
    tflops: float = TFLOPS,
    memory_gb: float = MEMORY_GB,
    efficiency: float = EFFICIENCY,
    source: str = "topology",
) -> Devices:
    """Devices as their sites declare them, else with `tflops` (0: no speed) and `memory_gb`.

    Raises `BadInput`, in the name of `source`, if only some devices have a speed.
    """
    speeds = [tflops if site.tflops is None else site.tflops for site in topology.sites]
    slow = [site.name for site, speed in zip(topology.sites, speeds, strict=True) if speed == 0]
    if slow and len(slow) < len(speeds):
        raise BadInput.at(source, f"tflops of site {slow[0]!r}", "none", "a speed, as other sites have one")
    memory = [memory_gb if site.memory_gb is None else site.memory_gb for site in topology.sites]
    flops_s = np.array(speeds) * FLOPS_PER_TFLOPS * efficiency if not slow else np.full(len(speeds), np.inf)
    return Devices(flops_s[topology.site_of], (np.array(memory) * BYTES_PER_GB)[topology.site_of])
