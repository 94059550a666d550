"""Shades of a heat map: seconds on a logarithmic scale, from dark blue (fast) to yellow (slow), after cividis."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Colour = tuple[int, int, int]

_CIVIDIS: tuple[Colour, ...] = (
    (0, 34, 78), (18, 53, 112), (59, 73, 108), (87, 93, 109), (112, 113, 115),
    (138, 134, 120), (165, 156, 116), (195, 179, 105), (225, 204, 85), (254, 232, 56),
)  # fmt: skip
LEVELS = 255
"""Shades that a picture tells apart."""


@dataclass(frozen=True)
class Shades:
    """Where each figure of a matrix is between the smallest (0) and the largest (1) of them; NaN for no link.

    `low_s` and `high_s` are the two ends in seconds, `share` has the matrix's shape.
    """

    low_s: float
    high_s: float
    share: NDArray[np.float64]

    @classmethod
    def of(cls, matrix_s: NDArray[np.float64]) -> Shades:
        """Shades of a matrix in seconds, NaN and 0 for no link."""
        used = matrix_s[np.isfinite(matrix_s) & (matrix_s > 0)]
        low, high = (float(used.min()), float(used.max())) if used.size else (1.0, 1.0)
        with np.errstate(divide="ignore", invalid="ignore"):
            share = np.log(matrix_s / low) / max(np.log(high / low), 1e-12)
        return cls(low, high, np.where(np.isfinite(share), np.clip(share, 0, 1), np.nan))

    def levels(self) -> NDArray[np.uint8]:
        """Each share as a level from 1 to `LEVELS`; 0 is no link."""
        share = np.nan_to_num(self.share)
        return np.where(np.isnan(self.share), 0, 1 + np.rint((LEVELS - 1) * share)).astype(np.uint8)


def colour(share: float) -> Colour:
    """Red, green and blue (0 to 255) of a share from 0 to 1."""
    at = share * (len(_CIVIDIS) - 1)
    below = min(len(_CIVIDIS) - 2, int(at))
    low, high = _CIVIDIS[below], _CIVIDIS[below + 1]
    red, green, blue = (round(a + (at - below) * (b - a)) for a, b in zip(low, high, strict=True))
    return red, green, blue
