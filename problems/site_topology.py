"""Topologies kept by site: what two devices have follows from their sites; N×N matrices are made where asked for."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tasklet_bench.problems.topology import (
    BYTES_PER_S_PER_GBPS,
    MS_PER_S,
    DelayConvention,
    Filled,
    Site,
    Topology,
    site_index,
)


class SiteTopology(Topology):
    """N devices at S sites, where all links between two sites, and all links inside one, are alike.

    `site_delay_s` and `site_bandwidth_bytes_s` have shape `(S, S)`, rows are sources; the diagonals are the links
    inside a site, never used for a site of one device. They are copied and made read-only; memory is that of S²
    figures. `delay_s` and `bandwidth_bytes_s` are expanded to `(N, N)` when they are first read; they raise `BadInput`
    where they do not fit into memory.
    Raises `ValueError` for a wrong shape, a negative or non-finite delay, or a bandwidth that is not positive.
    """

    def __init__(
        self,
        sites: tuple[Site, ...],
        site_delay_s: ArrayLike,
        site_bandwidth_bytes_s: ArrayLike,
        delay_is: DelayConvention = "rtt",
        filled: tuple[Filled, ...] = (),
    ) -> None:
        delay = np.array(site_delay_s, dtype=np.float64)
        bandwidth = np.array(site_bandwidth_bytes_s, dtype=np.float64)
        alone = np.array([site.devices for site in sites]) == 1
        for name, matrix, unused in (
            ("site_delay_s", delay, 0.0),
            ("site_bandwidth_bytes_s", bandwidth, np.inf),
        ):
            if matrix.shape != (len(sites), len(sites)):
                raise ValueError(f"{name} has shape {matrix.shape}, expected {(len(sites), len(sites))}")
            matrix[alone, alone] = unused
        if not (np.isfinite(delay).all() and (delay >= 0).all()):
            raise ValueError("site_delay_s has a negative or non-finite entry, expected finite values of at least 0")
        if not (bandwidth > 0).all():
            raise ValueError("site_bandwidth_bytes_s has an entry that is not positive, expected values above 0")
        for matrix in (delay, bandwidth):
            matrix.flags.writeable = False
        fields = {
            "sites": sites,
            "site_delay_s": delay,
            "site_bandwidth_bytes_s": bandwidth,
            "delay_is": delay_is,
            "filled": filled,
        }
        for field, value in fields.items():
            object.__setattr__(self, field, value)

    site_delay_s: NDArray[np.float64]
    site_bandwidth_bytes_s: NDArray[np.float64]

    @classmethod
    def between_sites(
        cls,
        sites: tuple[Site, ...],
        delay_ms: ArrayLike,
        bandwidth_gbps: ArrayLike,
        delay_is: DelayConvention = "rtt",
        filled: tuple[Filled, ...] = (),
    ) -> SiteTopology:
        """Take site × site figures (delay in ms, bandwidth in Gbps), as `Topology.between_sites` does."""
        return cls(
            sites,
            np.asarray(delay_ms, dtype=np.float64) / MS_PER_S,
            np.asarray(bandwidth_gbps, dtype=np.float64) * BYTES_PER_S_PER_GBPS,
            delay_is,
            filled,
        )

    @cached_property
    def delay_s(self) -> NDArray[np.float64]:
        """Delay of every directed link (in seconds), `(N, N)`, read-only."""
        return self._expand(self.site_delay_s, 0.0)

    @cached_property
    def bandwidth_bytes_s(self) -> NDArray[np.float64]:
        """Bandwidth of every directed link, `(N, N)`, read-only."""
        return self._expand(self.site_bandwidth_bytes_s, np.inf)

    def _expand(self, figures: NDArray[np.float64], own: float) -> NDArray[np.float64]:
        from tasklet_bench.problems.files.size import check_devices

        check_devices(self.n_devices, f"all links of {len(self.sites)} sites")
        index = site_index(self.sites)
        matrix = figures[np.ix_(index, index)]
        np.fill_diagonal(matrix, own)
        matrix.flags.writeable = False
        return matrix

    @property
    def n_devices(self) -> int:
        """Number of devices N."""
        return sum(site.devices for site in self.sites)

    @property
    def symmetric(self) -> bool:
        """Whether both directions of every link are alike."""
        return all(np.array_equal(m, m.T) for m in (self.site_delay_s, self.site_bandwidth_bytes_s))

    def figures(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Delays and bandwidths of all links that differ by their sites, each once, however many devices have it."""
        sizes = np.array([site.devices for site in self.sites])
        used = ~np.eye(len(sizes), dtype=bool) | (sizes > 1)[:, None]
        return self.site_delay_s[used], self.site_bandwidth_bytes_s[used]

    def expanded(self) -> Topology:
        """The same links, kept by device."""
        return Topology(self.sites, self.delay_s, self.bandwidth_bytes_s, self.delay_is, self.filled)

    def with_sites(self, sites: tuple[Site, ...]) -> SiteTopology:
        """The same links between sites of the same sizes that have other particulars."""
        return SiteTopology(sites, self.site_delay_s, self.site_bandwidth_bytes_s, self.delay_is, self.filled)

    def one_way(self) -> SiteTopology:
        """The same links with half the round-trip time as their delay; refuses delays that are one-way already."""
        if self.delay_is == "one-way":
            raise ValueError("the delays are one-way already, expected round-trip times")
        return SiteTopology(self.sites, self.site_delay_s / 2, self.site_bandwidth_bytes_s, "one-way", self.filled)
