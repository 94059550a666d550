"""What a problem is made of, in words: figures by heading."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from tasklet_bench.problems.allocation.problem import AllocationProblem
    from tasklet_bench.problems.topology import Topology

MOST_LINKS_NAMED = 6


def facts(problem: AllocationProblem) -> dict[str, str]:
    """Devices, sites, workload and links."""
    topology, workload = problem.topology, problem.workload
    delay_s, bandwidth_bytes_s = topology.figures()
    return {
        "devices": f"{topology.n_devices} on a grid of {problem.shape}",
        **_spares(problem),
        "sites": _sites([site.devices for site in problem.sites]),
        "gradients of a stage": f"{workload.gradient_bytes / 1e9:.6g} GB",
        "activations": f"{workload.activation_bytes / 1e9:.6g} GB at a boundary",
        "delay": f"{_range(delay_s, 1e3)} ms ({topology.delay_is})",
        "bandwidth": f"{_range(bandwidth_bytes_s, 8e-9)} Gbps",
        **_filled(topology),
    }


def _spares(problem: AllocationProblem) -> dict[str, str]:
    """How many devices are left over, and the rules for who stands where."""
    rows = {"spares": str(problem.n_spares)} if problem.n_spares else {}
    for name, rule in problem.rules.to_json().items():
        rows[name] = f"{len(rule)} device{'s' * (len(rule) > 1)}" if name in ("pins", "exclude") else _bonds(rule)
    return rows


def _bonds(bonds: list[dict[str, Any]]) -> str:
    return "; ".join(f"{len(bond['devices'])} devices by {bond['in']}" for bond in bonds[:MOST_LINKS_NAMED]) + (
        f" and {len(bonds) - MOST_LINKS_NAMED} more" if len(bonds) > MOST_LINKS_NAMED else ""
    )


def _filled(topology: Topology) -> dict[str, str]:
    """Which figures nobody measured, and what was taken instead."""
    rows = {}
    for figure, title in (("delay_ms", "delays not measured"), ("bandwidth_gbps", "bandwidths not measured")):
        entries = [entry for entry in topology.filled if entry.figure == figure]
        if entries:
            named = "; ".join(f"{entry.by}: {_links(topology, entry.links)}" for entry in entries)
            rows[title] = f"{sum(len(entry.links) for entry in entries)} of {len(topology.sites) ** 2}: {named}"
    return rows


def _links(topology: Topology, links: tuple[tuple[int, int], ...]) -> str:
    name = [site.name for site in topology.sites]
    shown = [f"inside {name[a]}" if a == b else f"{name[a]} → {name[b]}" for a, b in links[:MOST_LINKS_NAMED]]
    more = len(links) - len(shown)
    return ", ".join(shown) + (f" and {more:,} more" if more else "")


def _sites(sizes: list[int]) -> str:
    if max(sizes) == 1:
        return "none: every device is by itself"
    each = f"{min(sizes)}" if min(sizes) == max(sizes) else f"{min(sizes)} to {max(sizes)}"
    return f"{len(sizes)} of {each} devices"


def _range(figures: NDArray[np.float64], factor: float) -> str:
    """Smallest, largest and median figure."""
    links = figures * factor
    if links.size == 0:
        return "no links,"
    return f"{links.min():.4g} to {links.max():.4g}, median {np.median(links):.4g}"
