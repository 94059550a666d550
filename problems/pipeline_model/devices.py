"""Devices as the three families count them: speed, memory, host, network card, and the directed links between them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.pipeline_model.model import Model
from tasklet_bench.problems.topology import BYTES_PER_S_PER_GBPS, Site, Topology

Array = NDArray[np.float64]

FLOPS_PER_TFLOPS = 1e12
BYTES_PER_GB = 1e9
EFFICIENCY = 0.4
"""Share of a card's dense fp16 speed that training reaches, where nothing else is said."""

_DECLARED = {
    "tflops": FLOPS_PER_TFLOPS,
    "memory_gb": BYTES_PER_GB,
    "host_memory_gb": BYTES_PER_GB,
    "host_link_gbps": BYTES_PER_S_PER_GBPS,
}
"""What a site must declare, and the factor to SI."""


@dataclass(frozen=True, eq=False)
class Devices:
    """N devices; arrays have shape `(N,)`, links `(N, N)` with sources as rows; all are copied and made read-only.

    `flops` is effective FLOP/s, `host_link_bytes_s` the rate between card and host memory in one direction, both at
    once, `upload_bytes_s` and `download_bytes_s` the rates of the network card. The links' diagonals are set to 0 and
    infinity. Raises `ValueError` for a wrong shape or a figure that is not positive (delays: negative).
    """

    sites: tuple[Site, ...]
    flops: Array = field(repr=False)
    memory_bytes: Array = field(repr=False)
    host_memory_bytes: Array = field(repr=False)
    host_link_bytes_s: Array = field(repr=False)
    upload_bytes_s: Array = field(repr=False)
    download_bytes_s: Array = field(repr=False)
    delay_s: Array = field(repr=False)
    bandwidth_bytes_s: Array = field(repr=False)

    def __post_init__(self) -> None:
        n = sum(site.devices for site in self.sites)
        for name in _ARRAYS:
            array = np.array(getattr(self, name), dtype=np.float64)
            expected = (n, n) if name in _LINKS else (n,)
            if array.shape != expected:
                raise ValueError(f"{name} has shape {array.shape}, expected {expected} for {n} devices")
            if name in _LINKS:
                np.fill_diagonal(array, _LINKS[name])
            if np.isnan(array).any() or not ((array >= 0) if name == "delay_s" else (array > 0)).all():
                least = "of at least 0" if name == "delay_s" else "above 0"
                raise ValueError(f"{name} has an entry that is no number {least}, expected numbers {least}")
            array.flags.writeable = False
            object.__setattr__(self, name, array)

    @classmethod
    def of_topology(cls, topology: Topology, source: str, efficiency: float = EFFICIENCY) -> Devices:
        """The devices of a topology whose sites declare their figures.

        A rate of a card that is not declared is that of the device's fastest link. Raises `BadInput` for a site without
        speed, memory, host memory or host link.
        """
        figures: dict[str, Array] = {}
        for key, factor in _DECLARED.items():
            for site in topology.sites:
                if getattr(site, key) is None:
                    raise BadInput.at(
                        source, f"{key} of site {site.name!r}", "none", "a number above 0; cards=… sets it"
                    )
            figures[key] = np.array([getattr(site, key) for site in topology.sites])[topology.site_of] * factor
        upload, download = (
            np.array([_or_nan(getattr(site, key)) for site in topology.sites])[topology.site_of] * BYTES_PER_S_PER_GBPS
            for key in ("upload_gbps", "download_gbps")
        )
        return cls(
            topology.sites,
            figures["tflops"] * efficiency,
            figures["memory_gb"],
            figures["host_memory_gb"],
            figures["host_link_gbps"],
            *card_rates(upload, download, topology.bandwidth_bytes_s),
            topology.delay_s,
            topology.bandwidth_bytes_s,
        )

    @property
    def n_devices(self) -> int:
        """Number of devices N."""
        return len(self.flops)

    @cached_property
    def site_of(self) -> NDArray[np.int64]:
        """Index of each device's site, shape `(N,)`."""
        index = np.repeat(np.arange(len(self.sites)), [site.devices for site in self.sites])
        index.flags.writeable = False
        return index

    @cached_property
    def card_bytes_s(self) -> Array:
        """The slower of a card's two directions, b = min(up, down), shape `(N,)`."""
        slower: Array = np.minimum(self.upload_bytes_s, self.download_bytes_s)
        slower.flags.writeable = False
        return slower


_ARRAYS = tuple(spec.name for spec in fields(Devices) if spec.name != "sites")
_LINKS = {"delay_s": 0.0, "bandwidth_bytes_s": np.inf}


def card_rates(upload: Array, download: Array, bandwidth: Array) -> tuple[Array, Array]:
    """Rates of the cards, shapes `(N,)`: NaN becomes the rate of the device's fastest link in that direction."""
    links = np.array(bandwidth, dtype=np.float64)
    if len(links) == 1:
        links[:] = np.inf
    else:
        np.fill_diagonal(links, 0.0)
    fastest = links.max(axis=1), links.max(axis=0)
    return (
        np.where(np.isnan(upload), fastest[0], upload),
        np.where(np.isnan(download), fastest[1], download),
    )


def digest(
    family: str, devices: Devices, model: Model, options: Mapping[str, Any], unused: Collection[str] = ()
) -> str:
    """Hex SHA-256 of all that costs may depend on: options and model as JSON, and the devices' arrays.

    Host memory is left out: it says which instances there are, not what a decision costs. `unused` names arrays that no
    cost of the family depends on.
    """
    hasher = hashlib.sha256(json.dumps([family, vars(model), options], sort_keys=True).encode())
    for name in _ARRAYS:
        if name != "host_memory_bytes" and name not in unused:
            hasher.update(np.ascontiguousarray(getattr(devices, name), dtype="<f8").data)
    return hasher.hexdigest()


def _or_nan(value: float | None) -> float:
    return np.nan if value is None else value
