"""How much of its computing a device does before it starts to exchange, and how much it can hide the exchange behind.

If a device computes for `c` seconds and the exchange takes `τ`, what it has to tell is with the others `max(a·c, b·c +
τ)` seconds after the iteration began.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Overlap:
    """The shares `a` (of computing that must be done by then) and `b` (of computing that comes before the exchange)."""

    a: float
    b: float

    def seconds(self, compute_s: NDArray[np.float64], exchange_s: NDArray[np.float64] | float) -> NDArray[np.float64]:
        """From the beginning of an iteration until all is with the others; the arguments broadcast."""
        return np.maximum(self.a * compute_s, self.b * compute_s + exchange_s)


OVERLAPS: dict[str, Overlap] = {
    "delayed": Overlap(0.0, 0.0),
    "backward": Overlap(1.0, 1.0 / 3.0),
    "none": Overlap(1.0, 1.0),
}
"""`none`: compute, then exchange. `backward`: in buckets during the backward pass, two thirds of computing. `delayed`:
the model of the last step travels during the whole next one, as in Decent-DP (github.com/WangZesen/Decent-DP, commit
8749e97, ddp.py: averaging starts when a bucket is updated and is awaited at the same bucket one step later)."""
