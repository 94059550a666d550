"""Everything that the cost of a round depends on, as plain arrays."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.federated_round.menu import Menu

MESSAGE_BYTES = 4.0
"""Bytes that a parameter takes where it travels, and at a head that adds up models."""
STATE_BYTES = 16.0
"""Bytes that a parameter takes where it is trained: weights, gradient and optimiser."""
TOKEN_BYTES = 4.0
"""Bytes of a token of a sample that is given away."""
UTILITY_SLACK = 1e-9
MEMORY_SLACK = 1e-12
"""How far a rule may be missed (memory relatively): sums of widths round."""


@dataclass(frozen=True, eq=False)
class Setting:
    """N devices, their links, the model, the samples and the menu.

    `delay_s`, `bandwidth_bytes_s`: directed links, `(N, N)`, rows send. `flop_s`, `memory_bytes`, `samples`: of each
    device, `(N,)`. `site_of`: index of each device's site, int64 `(N,)`. `sample_flop`: a sample through the whole
    model, forward and backward; `sample_bytes`: of one that is given away. `message_bytes`, `state_bytes`: of one
    parameter where it travels, and where it is trained. Raises `ValueError` for samples that are negative or none at
    all, and for other figures that are not above 0.
    """

    delay_s: NDArray[np.float64] = field(repr=False)
    bandwidth_bytes_s: NDArray[np.float64] = field(repr=False)
    flop_s: NDArray[np.float64] = field(repr=False)
    memory_bytes: NDArray[np.float64] = field(repr=False)
    samples: NDArray[np.float64] = field(repr=False)
    site_of: NDArray[np.int64] = field(repr=False)
    n_params: float
    sample_flop: float
    sample_bytes: float
    menu: Menu
    message_bytes: float = MESSAGE_BYTES
    state_bytes: float = STATE_BYTES

    def __post_init__(self) -> None:
        n = len(self.delay_s)
        for name in ("flop_s", "memory_bytes", "samples", "site_of"):
            if getattr(self, name).shape != (n,):
                raise ValueError(f"{name} has shape {getattr(self, name).shape}, expected ({n},)")
        if not (np.isfinite(self.samples).all() and (self.samples >= 0).all() and self.samples.sum() > 0):
            raise ValueError("samples are not finite numbers of at least 0 with some above 0")
        for name in (
            "flop_s",
            "memory_bytes",
            "n_params",
            "sample_flop",
            "sample_bytes",
            "message_bytes",
            "state_bytes",
        ):
            if not (np.asarray(getattr(self, name)) > 0).all():
                raise ValueError(f"{name} is not above 0")

    @property
    def n_devices(self) -> int:
        """Number of devices N."""
        return len(self.delay_s)

    @property
    def model_bytes(self) -> float:
        """Bytes P of the whole model where it travels."""
        return self.message_bytes * self.n_params

    @property
    def compute_s(self) -> NDArray[np.float64]:
        """Seconds that each device needs for one sample at full width, shape `(N,)`."""
        return self.sample_flop / self.flop_s

    @property
    def widths(self) -> NDArray[np.float64]:
        """The menu's widths, falling, shape `(L,)`."""
        return np.array(self.menu.widths)
