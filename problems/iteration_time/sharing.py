"""Which messages take rate from each other: at no shared place, at a device's NIC, or at a site's uplink."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.iteration_time.options import SimulationOptions
from tasklet_bench.problems.topology import BYTES_PER_S_PER_GBPS, Topology


@dataclass(frozen=True, eq=False)
class SharedRates:
    """Places with a rate that all messages through them share, max–min fairly.

    `capacity_bytes_s` has one entry per place. `leaving[d, e]` and `entering[d, e]`, shapes `(N, N)`, are the places
    that a message from device `d` to `e` passes, -1 where there is none. `notes` say what was assumed.
    """

    capacity_bytes_s: NDArray[np.float64]
    leaving: NDArray[np.int64] = field(repr=False)
    entering: NDArray[np.int64] = field(repr=False)
    notes: tuple[str, ...] = ()


def shared_rates(topology: Topology, options: SimulationOptions) -> SharedRates:
    """The places of a sharing rule.

    `nic`: every device sends through one and receives through one, at `nic_gbps` or at the rate of its fastest link.
    `site`: messages between sites leave through one place and enter through one, at the site's `upload_gbps` and
    `download_gbps`, or at the rate of its fastest link to or from another site. Links keep their own rate besides.
    """
    if options.sharing == "nic":
        return _nics(topology, options.nic_gbps)
    if options.sharing == "site":
        return _site_uplinks(topology)
    nowhere = np.full((topology.n_devices, topology.n_devices), -1)
    return SharedRates(np.empty(0), nowhere, nowhere)


def _nics(topology: Topology, nic_gbps: float | None) -> SharedRates:
    n = topology.n_devices
    source, target = np.indices((n, n))
    if nic_gbps is not None:
        return SharedRates(np.full(2 * n, nic_gbps * BYTES_PER_S_PER_GBPS), source, n + target)
    rates = np.where(np.eye(n, dtype=bool), 0.0, topology.bandwidth_bytes_s)
    notes = ("each device's NIC is taken to be as fast as its fastest link",)
    return SharedRates(np.concatenate([rates.max(axis=1), rates.max(axis=0)]), source, n + target, notes)


def _site_uplinks(topology: Topology) -> SharedRates:
    sites, site_of = topology.sites, topology.site_of
    between = site_of[:, None] != site_of[None, :]
    rates = np.where(between, topology.bandwidth_bytes_s, 0.0)
    up: list[float] = []
    down: list[float] = []
    assumed: list[str] = []
    for index, site in enumerate(sites):
        here = site_of == index
        for declared, fastest, places in (
            (site.upload_gbps, rates[here].max(), up),
            (site.download_gbps, rates[:, here].max(), down),
        ):
            places.append(fastest if declared is None else declared * BYTES_PER_S_PER_GBPS)
        if site.upload_gbps is None or site.download_gbps is None:
            assumed.append(site.name)
    which = "every site" if len(assumed) == len(sites) else ", ".join(assumed)
    note = f"{which}: where upload_gbps or download_gbps is not declared, it is that of the fastest link"
    source = np.where(between, site_of[:, None], -1)
    target = np.where(between, len(sites) + site_of[None, :], -1)
    return SharedRates(np.array(up + down), source, target, (note,) if assumed else ())
