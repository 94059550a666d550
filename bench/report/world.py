"""The world map: land and sites in the Equal Earth projection.

Source: Šavrič, Patterson and Jenny, "The Equal Earth map projection", IJGIS 2019. Land: see `assets/NOTICE`.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

_COEFFICIENTS = (1.340264, -0.081106, 0.000893, 0.003796)
_M = np.sqrt(3) / 2
UNITS = 1800
"""Units of the map per radian; the world is about 9,700 of them wide."""


def projected(longitude: ArrayLike, latitude: ArrayLike) -> NDArray[np.int64]:
    """Place degrees on the map, shape `(n, 2)`: x to the right, y downwards, in whole `UNITS`."""
    a1, a2, a3, a4 = _COEFFICIENTS
    theta = np.arcsin(_M * np.sin(np.radians(latitude)))
    square = theta**2
    slope = a1 + 3 * a2 * square + square**3 * (7 * a3 + 9 * a4 * square)
    x = np.radians(longitude) * np.cos(theta) / (_M * slope)
    y = theta * (a1 + a2 * square + square**3 * (a3 + a4 * square))
    return np.asarray(np.rint(UNITS * np.column_stack([x, -y])), dtype=np.int64)


@cache
def land_path() -> str:
    """Land as one SVG path."""
    rings = json.loads((Path(__file__).parent / "assets" / "land.json").read_text(encoding="utf-8"))
    return "".join(_ring_path(np.array(ring).reshape(-1, 2) / 10) for ring in rings)


def _ring_path(degrees: NDArray[np.float64]) -> str:
    points = projected(degrees[:, 0], degrees[:, 1])
    steps = np.diff(points, axis=0)
    moves = " ".join(f"{x} {y}" for x, y in steps[(steps != 0).any(axis=1)])
    return f"M{points[0, 0]} {points[0, 1]}l{moves}z"
