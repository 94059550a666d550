"""What there is to tell of an instance and to draw of a candidate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from tasklet_bench.problems.candidate import Candidate
from tasklet_bench.problems.drawing import Drawing, Link

if TYPE_CHECKING:
    from tasklet_bench.problems.mixing_graph.problem import MixingGraphProblem

BYTES_PER_MB = 1e6


def facts(problem: MixingGraphProblem) -> Mapping[str, str | int | float]:
    """Rules and weights, by heading."""
    options, least = problem.options, problem.least_connectivity
    return {
        "devices": problem.n_devices,
        "sites": len(problem.sites),
        "largest degree": options.degree,
        "clusters": options.clusters,
        "connectivity demanded": f"{options.connectivity_factor:g} of the reference's, λ₂ ≥ {least.max():.4g}",
        "overlap": options.overlap,
        "model": f"{problem.message_bytes / BYTES_PER_MB:.4g} MB",
        "slowest device's computing": f"{problem.compute_s.max():.4g} s",
    }


def kinds(problem: MixingGraphProblem) -> Mapping[str, str]:
    """Dimensions for tables by kind."""
    n, topology = problem.n_devices, problem.network.topology
    sizes = {site.devices for site in problem.sites}
    directed = not np.array_equal(topology.bandwidth_bytes_s, topology.bandwidth_bytes_s.T)
    return {
        "devices": "up to 32" if n <= 32 else "33–64" if n <= 64 else "65–128" if n <= 128 else "above 128",
        "sites": "none" if sizes == {1} else "even" if len(sizes) == 1 else "uneven",
        "links": "directed" if directed else "symmetric",
        "clusters": "one" if problem.options.clusters == 1 else "several",
        "demand": "half or less" if problem.options.connectivity_factor <= 0.5 else "more than half",
        "overlap": problem.options.overlap,
    }


def drawing(problem: MixingGraphProblem, candidate: Candidate) -> Drawing:
    """Clusters as groups; an edge with the airtime of a model in its slower direction."""
    edges = problem.decision.canonical(problem.decision.check(candidate))
    airtime_s = problem.message_bytes / problem.network.topology.bandwidth_bytes_s
    slower_s = np.maximum(airtime_s, airtime_s.T)
    clusters = problem.options.clusters
    links = tuple(
        Link(i, j, float(slower_s[i, j]), "inside" if i % clusters == j % clusters else "between clusters")
        for i, j in edges.tolist()
    )
    groups = {f"cluster {c}": tuple(members.tolist()) for c, members in enumerate(problem.clusters)}
    return Drawing(f"{len(edges)} pairs of devices exchange models", groups, links)
