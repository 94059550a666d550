"""Devices that are interchangeable: exchanging two of them leaves both matrices as they were.

Found from the matrices alone, never from declared sites. Being interchangeable is an equivalence, so the devices fall
into classes, and a swap inside one changes no cost.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]


def interchangeable(dp_pair_s: Matrix, pp_pair_s: Matrix) -> NDArray[np.int64]:
    """Class of each device, int64 `(N,)`, numbered by their first device; matrices symmetric, `(N, N)`.

    The rows of two interchangeable devices hold the same values in another order, so only devices with equal sorted
    rows are compared one to one, each with the first device of the classes so far.
    """
    alike: dict[tuple[bytes, bytes], list[int]] = {}
    classes = np.empty(len(dp_pair_s), dtype=np.int64)
    count = 0
    signatures = zip(np.sort(dp_pair_s, axis=1), np.sort(pp_pair_s, axis=1), strict=True)
    for device, (dp_row, pp_row) in enumerate(signatures):
        firsts = alike.setdefault((dp_row.tobytes(), pp_row.tobytes()), [])
        for first in firsts:
            if _exchangeable(dp_pair_s, first, device) and _exchangeable(pp_pair_s, first, device):
                classes[device] = classes[first]
                break
        else:
            firsts.append(device)
            classes[device] = count
            count += 1
    return classes


def _exchangeable(matrix: Matrix, a: int, b: int) -> bool:
    """Whether two devices pay the same to every third one."""
    differs = matrix[a] != matrix[b]
    differs[[a, b]] = False
    return not differs.any()
