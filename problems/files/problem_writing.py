"""Write a problem as a problem file."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.allocation.problem import AllocationProblem
from tasklet_bench.problems.files.profile_file import profile_to_json
from tasklet_bench.problems.site_topology import SiteTopology
from tasklet_bench.problems.topology import BYTES_PER_S_PER_GBPS, MS_PER_S, Host, Site, Topology

Matrix = NDArray[np.float64]


def problem_to_json(problem: AllocationProblem) -> dict[str, Any]:
    """Write a problem as a problem file's content; reading it gives the same problem, digest included.

    (A figure that no number in the file's units reads back to, to the last bit, becomes the float next to it.)
    Devices whose links differ from those of their site's others become sites of their own, as the file knows links
    between sites only.
    """
    topology = problem.topology
    sites, first, delay, bandwidth = _by_site(topology)
    profile = problem.workload.profile
    return {
        "name": problem.name,
        "sites": [_site(site) for site in sites],
        "delay_ms": [[_written(s, lambda ms: ms / MS_PER_S, lambda s: s * MS_PER_S) for s in row] for row in delay],
        "bandwidth_gbps": [
            [_written(b, lambda g: g * BYTES_PER_S_PER_GBPS, lambda b: b / BYTES_PER_S_PER_GBPS) for b in row]
            for row in bandwidth
        ],
        "delay_is": topology.delay_is,
        **({"filled": _filled(topology, first)} if topology.filled else {}),
        "grid": {
            "data_parallel": problem.shape.data_parallel,
            "pipeline_parallel": problem.shape.pipeline_parallel,
        },
        "workload": {
            "gradient_bytes": problem.workload.gradient_bytes,
            "activation_bytes": problem.workload.activation_bytes,
        },
        **problem.rules.to_json(),
        **({} if profile is None else {"profile": profile_to_json(profile)}),
    }


def _by_site(topology: Topology) -> tuple[Sequence[Site], list[int], Matrix, Matrix]:
    """Sites, the first device of each, and their figures, both `(S, S)` in seconds and bytes a second."""
    if isinstance(topology, SiteTopology):
        first = np.searchsorted(topology.site_of, np.arange(len(topology.sites))).tolist()
        return topology.sites, first, topology.site_delay_s, topology.site_bandwidth_bytes_s
    sites, first = _uniform_sites(topology)
    pick = np.ix_(first, first)
    inside = [index + 1 if site.devices > 1 else index for index, site in zip(first, sites, strict=True)]
    delay, bandwidth = topology.delay_s[pick].copy(), topology.bandwidth_bytes_s[pick].copy()
    np.fill_diagonal(delay, topology.delay_s[first, inside])
    np.fill_diagonal(bandwidth, topology.bandwidth_bytes_s[first, inside])
    return sites, first, delay, bandwidth


def _site(site: Site) -> dict[str, Any]:
    written = {key: value for key, value in vars(site).items() if value is not None}
    return {**written, "hosts": [vars(host) for host in site.hosts]} if site.hosts else written


def _filled(topology: Topology, first: list[int]) -> list[dict[str, Any]]:
    """What was filled, by the numbers of the sites as they are written; `first` is the first device of each."""
    written_as: dict[int, list[int]] = {}
    for number, device in enumerate(first):
        written_as.setdefault(int(topology.site_of[device]), []).append(number)
    return [
        {
            "figure": entry.figure,
            "by": entry.by,
            "links": [[i, j] for a, b in entry.links for i in written_as[a] for j in written_as[b]],
        }
        for entry in topology.filled
    ]


def _uniform_sites(topology: Topology) -> tuple[list[Site], list[int]]:
    """Sites whose devices all have the same links, and the first device of each."""
    sites: list[Site] = []
    first: list[int] = []
    start = 0
    for site in topology.sites:
        devices = range(start, start + site.devices)
        start += site.devices
        if all(_same_links(topology, device, devices[0], devices) for device in devices):
            sites.append(site)
            first.append(devices[0])
        else:
            hosts: list[tuple[Host, ...] | None] = [None] * site.devices
            if site.hosts:
                hosts = [(Host(host.name, 1),) for host in site.hosts for _ in range(host.slots)]
            sites += [replace(site, name=f"{site.name}/{i}", devices=1, hosts=hosts[i]) for i in range(site.devices)]
            first += devices
    return sites, first


def _same_links(topology: Topology, device: int, model: int, mates: range) -> bool:
    """Whether a device has the links of another to everyone else, and all links among `mates` are one."""
    outside = np.ones(topology.n_devices, dtype=bool)
    outside[mates] = False
    inside = np.array([mate for mate in mates if mate != device])
    for matrix in (topology.delay_s, topology.bandwidth_bytes_s):
        if (matrix[device, outside] != matrix[model, outside]).any():
            return False
        if (matrix[outside, device] != matrix[outside, model]).any():
            return False
        if inside.size and (matrix[device, inside] != matrix[mates[0], mates[1]]).any():
            return False
    return True


def _written(value: float, to_si: Callable[[float], float], from_si: Callable[[float], float]) -> float | None:
    """The shortest figure in the file's unit that reads back as `value`; None for an unused infinity."""
    if math.isinf(value):
        return None
    near = from_si(value)
    for digits in range(3, 18):
        figure = float(f"{near:.{digits}g}")
        if to_si(figure) == value:
            return figure
    return next((x for x in _around(near) if to_si(x) == value), near)


def _around(value: float) -> Iterator[float]:
    """Floats at and next to a value, nearest first."""
    below = above = value
    yield value
    for _ in range(8):
        below, above = math.nextafter(below, -math.inf), math.nextafter(above, math.inf)
        yield below
        yield above
