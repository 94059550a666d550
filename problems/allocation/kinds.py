"""What kind of instance a problem is, in the few words by which a reader finds their own topology again."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

import numpy as np

from tasklet_bench.problems.workload import GPT3_XL_REFERENCE

if TYPE_CHECKING:
    from tasklet_bench.problems.allocation.problem import AllocationProblem

_DEVICES = ((32, 64, 128), ("up to 32", "33 to 64", "65 to 128", "more than 128"))
_SITES = ((1, 4, 12), ("one site", "2 to 4", "5 to 12", "more than 12"))
_RATIO = ((0.5, 2.0), ("below half of the paper's", "about the paper's", "over twice the paper's"))


def kinds(problem: AllocationProblem) -> dict[str, str]:
    """Kind by dimension: `devices`, `sites`, `site sizes`, `links`, and `activations per gradient byte`."""
    sizes = {site.devices for site in problem.sites}
    without = sizes == {1}
    paper = GPT3_XL_REFERENCE.activation_bytes / GPT3_XL_REFERENCE.gradient_bytes
    gradient_bytes = problem.workload.gradient_bytes
    ratio = problem.workload.activation_bytes / gradient_bytes / paper if gradient_bytes else np.inf
    return {
        "devices": _class(problem.shape.n_devices, _DEVICES),
        "sites": "no sites" if without else _class(len(problem.sites), _SITES),
        "site sizes": "no sites" if without else "uneven" if len(sizes) > 1 else "even",
        "links": "symmetric" if problem.topology.symmetric else "directed",
        "activations per gradient byte": _class(ratio, _RATIO),
    }


def _class(value: float, classes: tuple[tuple[float, ...], tuple[str, ...]]) -> str:
    edges, names = classes
    return names[bisect_left(edges, value)]
