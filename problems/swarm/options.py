"""How the pipelines run: stages, micro-batches, wiring, and who is absent when."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.bad_input import BadInput

Wiring = Literal["best", "proportional"]


@dataclass(frozen=True)
class SwarmOptions:
    """The inputs of the family beside devices and model.

    `stage_layers`: layers of each stage. `in_flight`: micro-batches that a device holds at once.
    `bytes_per_activation`: 2, or 1 with the paper's 8-bit compression. `wiring`: how a stage hands its outputs on,
    see `problems.swarm.judge`. `absences`: who is absent in which scenario, rows of N; none is one scenario in
    which nobody is. `restart_s`: what a scenario costs more that leaves a stage empty. Raises `BadInput` for a
    value that makes no sense.
    """

    stage_layers: tuple[int, ...]
    micro_batch: int = 1
    in_flight: int = 4
    bytes_per_activation: float = 2.0
    wiring: Wiring = "best"
    absences: tuple[tuple[bool, ...], ...] = ()
    restart_s: float = 600.0

    def __post_init__(self) -> None:
        if not self.stage_layers or min(self.stage_layers) < 1:
            raise BadInput.at("swarm", "stage_layers", self.stage_layers, "at least one layer in each stage")
        for field in ("micro_batch", "in_flight"):
            if getattr(self, field) < 1:
                raise BadInput.at("swarm", field, getattr(self, field), "a whole number of at least 1")
        if not (math.isfinite(self.bytes_per_activation) and self.bytes_per_activation > 0):
            raise BadInput.at("swarm", "bytes_per_activation", self.bytes_per_activation, "a number above 0")
        if self.wiring not in get_args(Wiring):
            raise BadInput.unknown("wiring", self.wiring, get_args(Wiring))
        if not (math.isfinite(self.restart_s) and self.restart_s >= 0):
            raise BadInput.at("swarm", "restart_s", self.restart_s, "a number of at least 0")

    @property
    def n_stages(self) -> int:
        """Number of stages K."""
        return len(self.stage_layers)

    def absent(self, n_devices: int) -> NDArray[np.bool_]:
        """Who is absent in each scenario, shape `(scenarios, N)`; one scenario at least."""
        if not self.absences:
            return np.zeros((1, n_devices), dtype=np.bool_)
        return np.array(self.absences, dtype=np.bool_)

    def to_json(self) -> dict[str, Any]:
        """All inputs as plain data, for the digest; a scenario without absences is as good as none."""
        absences = [[int(away) for away in row] for row in self.absences]
        if len(absences) == 1 and not any(absences[0]):
            absences = []
        return vars(self) | {"stage_layers": list(self.stage_layers), "absences": absences}
