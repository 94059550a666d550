"""Sites, their devices, and the directed links between all devices."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

DelayConvention = Literal["rtt", "one-way"]

BYTES_PER_S_PER_GBPS = 1e9 / 8
MS_PER_S = 1e3


@dataclass(frozen=True)
class Host:
    """A machine of a site, by the name that a launcher reaches it by, with the devices (`slots`) that it holds."""

    name: str
    slots: int


@dataclass(frozen=True)
class Filled:
    """Links whose figure nobody measured: which figure, what was taken instead, and the pairs of site numbers.

    A pair is (source, destination); a site with itself is the links inside it.
    """

    figure: Literal["delay_ms", "bandwidth_gbps"]
    by: str
    links: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Site:
    """A place with devices that are numbered one after the other; all figures are those of one of its devices.

    `host_memory_gb` is a device's part of its machine's memory, `host_link_gbps` the rate between card and host in one
    direction, both at once. `price_per_hour` is what a device costs, `egress_price_per_gb` what each GB costs that
    leaves the site, in one currency everywhere. `hosts` are its machines in the order of its devices; their slots add
    up to `devices`.
    """

    name: str
    devices: int
    latitude: float | None = None
    longitude: float | None = None
    provider: str | None = None
    device: str | None = None
    tflops: float | None = None
    memory_gb: float | None = None
    host_memory_gb: float | None = None
    host_link_gbps: float | None = None
    upload_gbps: float | None = None
    download_gbps: float | None = None
    price_per_hour: float | None = None
    egress_price_per_gb: float | None = None
    hosts: tuple[Host, ...] | None = None

    def __post_init__(self) -> None:
        if self.devices < 1:
            raise ValueError(f"site {self.name!r} has {self.devices} devices, expected at least 1")
        if self.hosts is not None and sum(host.slots for host in self.hosts) != self.devices:
            raise ValueError(f"the hosts of site {self.name!r} do not have {self.devices} slots together")


@dataclass(frozen=True, eq=False)
class Topology:
    """N devices at sites, and the delay and bandwidth of every directed link.

    `delay_s` and `bandwidth_bytes_s` have shape `(N, N)`, rows are sources; they are copied, made read-only, and their
    diagonals (a device to itself, never used) are set to 0 and infinity. `delay_is` only labels what the delays are,
    `filled` only which of them nobody measured.
    Raises `ValueError` for a wrong shape, a negative or non-finite delay, or a bandwidth that is not positive.
    """

    sites: tuple[Site, ...]
    delay_s: NDArray[np.float64] = field(repr=False)
    bandwidth_bytes_s: NDArray[np.float64] = field(repr=False)
    delay_is: DelayConvention = "rtt"
    filled: tuple[Filled, ...] = ()

    def __post_init__(self) -> None:
        n = sum(site.devices for site in self.sites)
        delay = np.array(self.delay_s, dtype=np.float64)
        bandwidth = np.array(self.bandwidth_bytes_s, dtype=np.float64)
        for name, matrix in (("delay_s", delay), ("bandwidth_bytes_s", bandwidth)):
            if matrix.shape != (n, n):
                raise ValueError(f"{name} has shape {matrix.shape}, expected {(n, n)} for {n} devices")
        np.fill_diagonal(delay, 0.0)
        np.fill_diagonal(bandwidth, np.inf)
        if not (np.isfinite(delay).all() and (delay >= 0).all()):
            raise ValueError("delay_s has a negative or non-finite entry, expected finite values of at least 0")
        if not (bandwidth > 0).all():
            raise ValueError("bandwidth_bytes_s has an entry that is not positive, expected values above 0")
        for matrix in (delay, bandwidth):
            matrix.flags.writeable = False
        object.__setattr__(self, "delay_s", delay)
        object.__setattr__(self, "bandwidth_bytes_s", bandwidth)

    @classmethod
    def between_sites(
        cls,
        sites: tuple[Site, ...],
        delay_ms: ArrayLike,
        bandwidth_gbps: ArrayLike,
        delay_is: DelayConvention = "rtt",
        filled: tuple[Filled, ...] = (),
    ) -> Topology:
        """Expand site × site figures (delay in ms, bandwidth in Gbps) to devices.

        The diagonals are the links inside a site; for a site of one device they are never used and may hold anything.
        """
        index = site_index(sites)
        pick = np.ix_(index, index)
        return cls(
            sites,
            np.asarray(delay_ms, dtype=np.float64)[pick] / MS_PER_S,
            np.asarray(bandwidth_gbps, dtype=np.float64)[pick] * BYTES_PER_S_PER_GBPS,
            delay_is,
            filled,
        )

    @property
    def n_devices(self) -> int:
        """Number of devices N."""
        return len(self.delay_s)

    @cached_property
    def site_of(self) -> NDArray[np.intp]:
        """Index of each device's site, shape `(N,)`, read-only."""
        index = site_index(self.sites)
        index.flags.writeable = False
        return index

    @property
    def symmetric(self) -> bool:
        """Whether both directions of every link are alike."""
        return all(np.array_equal(m, m.T) for m in (self.delay_s, self.bandwidth_bytes_s))

    def figures(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Delays and bandwidths of all links between different devices, both `(N(N-1),)`."""
        different = ~np.eye(self.n_devices, dtype=bool)
        return self.delay_s[different], self.bandwidth_bytes_s[different]

    def expanded(self) -> Topology:
        """The same links, kept by device."""
        return self

    def with_sites(self, sites: tuple[Site, ...]) -> Topology:
        """The same links between sites of the same sizes that have other particulars."""
        return replace(self, sites=sites)

    def one_way(self) -> Topology:
        """The same links with half the round-trip time as their delay; refuses delays that are one-way already."""
        if self.delay_is == "one-way":
            raise ValueError("the delays are one-way already, expected round-trip times")
        return replace(self, delay_s=self.delay_s / 2, delay_is="one-way")


def site_index(sites: tuple[Site, ...]) -> NDArray[np.intp]:
    """Index of each device's site, shape `(N,)`: devices are numbered in site order."""
    return np.repeat(np.arange(len(sites)), [site.devices for site in sites])
