"""Points on the Earth, and how long light in fibre takes between them."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.instances.generated import portable

Array = NDArray[np.float64]

EARTH_RADIUS_KM = 6371.0
FIBRE_KM_PER_MS = 200.0
"""Light in fibre, about two thirds of its speed in vacuum."""


def points(rng: np.random.Generator, n: int) -> Array:
    """N uniform points on the unit sphere, shape `(n, 3)`, by rejection in the disc (Marsaglia 1972)."""
    result = np.empty((0, 3))
    while len(result) < n:
        disc = 2.0 * rng.random((n, 2)) - 1.0
        square = disc[:, 0] * disc[:, 0] + disc[:, 1] * disc[:, 1]
        disc, square = disc[square < 1.0], square[square < 1.0]
        root = 2.0 * np.sqrt(1.0 - square)
        result = np.vstack([result, np.column_stack([disc[:, 0] * root, disc[:, 1] * root, 1.0 - 2.0 * square])])
    return result[:n]


def round_trip_ms(xyz: Array) -> Array:
    """Round-trip time of light in fibre along the great circle, shape `(n, n)`, for points of shape `(n, 3)`."""
    chord = np.zeros((len(xyz), len(xyz)))
    for axis in xyz.T:
        difference = axis[:, None] - axis[None, :]
        chord += difference * difference
    np.minimum(chord, 4.0, out=chord)
    with np.errstate(divide="ignore"):
        angle = 2.0 * portable.arctan(np.sqrt(chord / (4.0 - chord)))
    return angle * (2.0 * EARTH_RADIUS_KM / FIBRE_KM_PER_MS)


def coordinates(point: Array) -> tuple[float, float]:
    """Latitude and longitude in degrees of a point on the unit sphere: for maps; no cost depends on them."""
    x, y, z = (float(value) for value in point)
    return round(math.degrees(math.asin(z)), 2), round(math.degrees(math.atan2(y, x)), 2)
