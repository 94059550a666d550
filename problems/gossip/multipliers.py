"""How computing varies from iteration to iteration: factors that are drawn once and then repeat."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

LEAST_ITERATIONS = 16
"""Factors repeat after at least so many iterations, a whole number of periods of the schedule."""
DECIMALS = 6
_LEAST_UNIFORM = 2.0**-54


def draw_multipliers(jitter: float, draw: int, n_rounds: int, n_devices: int) -> NDArray[np.float64]:
    """Log-normal factors of mean 1 on each iteration's computing, shape `(W, N)`, W a multiple of the rounds.

    Without jitter they are 1, and W is the number of rounds. They are rounded, so that every machine draws the same.
    """
    if jitter == 0:
        return np.ones((n_rounds, n_devices))
    rng = np.random.Generator(np.random.PCG64(draw))
    uniform = rng.random((n_rounds * math.ceil(LEAST_ITERATIONS / n_rounds), n_devices))
    quantile = NormalDist().inv_cdf
    factors = [math.exp(jitter * quantile(max(u, _LEAST_UNIFORM)) - jitter**2 / 2) for u in uniform.flat]
    return np.round(np.reshape(factors, uniform.shape), DECIMALS)
