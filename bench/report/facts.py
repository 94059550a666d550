"""What a problem is like, in words: pairs of a name and a figure, for the terminal and for pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from tasklet_bench.bench.results.best_known import BestKnown
    from tasklet_bench.problems.allocation import AllocationProblem
    from tasklet_bench.problems.instances.features import Features

Rows = list[tuple[str, str]]


def made_of(problem: AllocationProblem) -> Rows:
    """Its devices, sites, workload and links."""
    topology, workload = problem.topology, problem.workload
    return [
        ("devices", f"{topology.n_devices} on a grid of {problem.shape}"),
        ("sites", _sites([site.devices for site in problem.sites])),
        ("gradients of a stage", f"{workload.gradient_bytes / 1e9:.6g} GB"),
        ("activations", f"{workload.activation_bytes / 1e9:.6g} GB at a boundary"),
        ("delay", f"{_range(topology.delay_s, 1e3)} ms ({topology.delay_is})"),
        ("bandwidth", f"{_range(topology.bandwidth_bytes_s, 8e-9)} Gbps"),
    ]


def measured(features: Features) -> Rows:
    """Its features: see `problems.instances.features`."""
    same = "both directions alike" if features.symmetric else "directed"
    return [
        ("kinds of devices", f"{features.device_classes:,}"),
        ("kinds of links", f"{features.link_classes:,}, {same}"),
        ("spread of delay", f"{features.delay_spread:.3g}-fold"),
        ("spread of bandwidth", f"{features.bandwidth_spread:.3g}-fold"),
        ("triangle violations", f"{features.triangle_violations:.1%} of detours are shorter"),
        ("pipeline / data parallel", f"{features.pipeline_over_data_parallel:.3g} at random"),
        ("ruggedness", f"{features.ruggedness:.3g} (0 is smooth)"),
        ("gap of aligned", f"{features.gap_aligned:.1%} at most"),
        ("gap of site-pure", f"{features.gap_site_pure:.1%} at most"),
    ]


def solved(problem: AllocationProblem, known: BestKnown | None) -> Rows:
    """Its bound, and the best allocation that is known."""
    rows = [("lower bound", f"{problem.bound():.6g} s, from links alone")]
    if known is None:
        return [*rows, ("best known", "nothing yet")]
    prover = "the lower bound" if known.bound_by == "problem" else known.bound_by
    status = f"proven optimal by {prover}" if known.proven else f"proven bound {known.bound_s:.6g} s"
    return [*rows, ("best known", f"{known.cost_s:.6g} s, {known.found_by}"), ("", status)]


def _sites(sizes: list[int]) -> str:
    if max(sizes) == 1:
        return "none: every device is by itself"
    each = f"{min(sizes)}" if min(sizes) == max(sizes) else f"{min(sizes)} to {max(sizes)}"
    return f"{len(sizes)} of {each} devices"


def _range(matrix: NDArray[np.float64], factor: float) -> str:
    """Smallest, largest and median figure over the links between different devices."""
    links = matrix[~np.eye(len(matrix), dtype=bool)] * factor
    if links.size == 0:
        return "no links,"
    return f"{links.min():.4g} to {links.max():.4g}, median {np.median(links):.4g}"
