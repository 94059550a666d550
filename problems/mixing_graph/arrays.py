"""What compiled code takes of a problem: its rules and its seconds as plain arrays."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Arrays(NamedTuple):
    """Rules and seconds of a mixing graph on N devices in C clusters; device v is of cluster v mod C.

    `least`: λ₂ that is demanded inside each cluster, `(C,)`. `compute_s`: seconds of computing, `(N,)`; `floor_s`:
    those of them after which a device's neighbours go on at the earliest, `before_s`: those that sending waits for.
    `delay_s`, `airtime_s`: delay of a link, and seconds that a model takes on it, `(N, N)`, rows send.
    """

    degree: int
    least: NDArray[np.float64]
    compute_s: NDArray[np.float64]
    floor_s: NDArray[np.float64]
    before_s: NDArray[np.float64]
    delay_s: NDArray[np.float64]
    airtime_s: NDArray[np.float64]
