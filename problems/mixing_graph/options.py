"""What is demanded of a mixing graph, and how models are exchanged along its edges."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.validation import StrictModel

LEAST_DEGREE = 2
LEAST_DEGREE_OF_CLUSTERS = 4
"""Two edges are left free for other clusters, where there are several."""


class MixingGraphOptions(StrictModel):
    """The rules of the graph, and what runs beside the exchange.

    A device has at most `degree` neighbours. Device v belongs to cluster v mod `clusters`; inside each, the graph has
    at least the share `connectivity_factor` of the algebraic connectivity of a reference. `local_steps` steps of
    computing come between two exchanges.
    """

    degree: int = Field(default=6, ge=LEAST_DEGREE)
    clusters: int = Field(default=1, ge=1)
    connectivity_factor: float = Field(default=0.5, gt=0, le=1)
    overlap: Literal["delayed", "backward", "none"] = "delayed"
    local_steps: int = Field(default=1, ge=1)
    bytes_per_parameter: float = Field(default=4.0, gt=0)


def check_size(options: MixingGraphOptions, n_devices: int, source: str) -> None:
    """Raise `BadInput` for more clusters than devices, or a degree that leaves a cluster no edges of its own."""
    if options.clusters > n_devices:
        raise BadInput.at(source, "clusters", options.clusters, f"at most {n_devices}, the number of devices")
    if options.clusters > 1 and options.degree < LEAST_DEGREE_OF_CLUSTERS:
        expected = f"at least {LEAST_DEGREE_OF_CLUSTERS} where there are clusters, as two edges are left for others"
        raise BadInput.at(source, "degree", options.degree, expected)
