"""How many samples each device has where nobody says it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_LEAST = 0.2
"""Share that everybody has, beside a uniform one in [0, 1)."""
_ITERATIONS = 10
"""Iterations' worth of sequences that a round works on."""


def draw_samples(n: int, sequences_per_iteration: int, seed: int) -> NDArray[np.float64]:
    """Uneven samples, shape `(n,)`, whole numbers: ten iterations' sequences in shares of 0.2 to 1.2."""
    share = _LEAST + np.random.Generator(np.random.PCG64(seed)).random(n)
    return np.asarray(np.floor(_ITERATIONS * sequences_per_iteration * share / share.sum()))
