"""How peers compute and exchange: micro-batch, accumulations, bytes of a gradient."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from tasklet_bench.problems.bad_input import BadInput

ACCUMULATIONS = (1, 2, 4, 8, 16, 32, 64)


@dataclass(frozen=True)
class AtomOptions:
    """The inputs of the family beside devices and model; raises `BadInput` for a value that makes no sense.

    `accumulations`: how many micro-batches a peer may run through the model in one pass, ascending.
    """

    micro_batch: int = 1
    accumulations: tuple[int, ...] = ACCUMULATIONS
    bytes_per_gradient: float = 4.0

    def __post_init__(self) -> None:
        if self.micro_batch < 1:
            raise BadInput.at("atom", "micro_batch", self.micro_batch, "a whole number of at least 1")
        rising = list(self.accumulations)
        if not rising or rising[0] < 1 or sorted(set(rising)) != rising:
            raise BadInput.at("atom", "accumulations", rising, "ascending whole numbers of at least 1")
        if not (math.isfinite(self.bytes_per_gradient) and self.bytes_per_gradient > 0):
            raise BadInput.at("atom", "bytes_per_gradient", self.bytes_per_gradient, "a number above 0")

    def to_json(self) -> dict[str, Any]:
        """All inputs as plain data, for the digest."""
        return vars(self) | {"accumulations": list(self.accumulations)}
