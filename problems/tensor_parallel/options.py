"""What an instance allows: the modes, the sizes of micro-batches, and how many devices a shape may and must use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from tasklet_bench.problems.bad_input import BadInput

Mode = Literal["1d", "1d-sequence", "2d", "2.5d", "3d"]
MODES: tuple[Mode, ...] = get_args(Mode)


@dataclass(frozen=True)
class TensorParallelOptions:
    """The limits of the list of shapes.

    `most_tensor` is the largest tensor group; a shape uses at least the share `least_used` of the devices. Raises
    `BadInput` for values that make no sense.
    """

    modes: tuple[Mode, ...] = MODES
    micro_batch_sizes: tuple[int, ...] = (1, 2, 4, 8, 16)
    most_tensor: int = 16
    least_used: float = 0.75

    def __post_init__(self) -> None:
        for mode in self.modes:
            if mode not in MODES:
                raise BadInput.unknown("mode", str(mode), MODES)
        if not self.modes or len(set(self.modes)) < len(self.modes):
            raise BadInput.at("tensor-parallel", "modes", ", ".join(self.modes) or "none", "every mode once at most")
        sizes = self.micro_batch_sizes
        if not sizes or list(sizes) != sorted(set(sizes)) or min(sizes) < 1:
            result = ", ".join(map(str, sizes)) or "none"
            raise BadInput.at("tensor-parallel", "micro_batch_sizes", result, "rising whole numbers of at least 1")
        if self.most_tensor < 1:
            raise BadInput.at("tensor-parallel", "most_tensor", self.most_tensor, "a whole number of at least 1")
        if not 0 < self.least_used <= 1:
            raise BadInput.at("tensor-parallel", "least_used", self.least_used, "a number above 0 and at most 1")
