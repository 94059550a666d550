"""How fast a machine is at what all runs do: CPU seconds of a fixed number of costs of one fixed problem.

Nothing is drawn and nothing is read: every machine scores the same 2,000 partitions of 64 devices, by compiled code,
one call each. The shortest of some repetitions counts, as whatever else the machine does can only make one longer.
"""

from __future__ import annotations

import math
import time
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Callable

    from tasklet_bench.problems.allocation.kernels import Pack

SCORED = 2_000
REPETITIONS = 5
REFERENCE_S = 0.015
"""CPU seconds of the job on a machine that calibrated seconds are those of."""

_BEFORE = "; calibration "


@cache
def calibration_s() -> float:
    """CPU seconds of the job on this machine; measured once in a process, in about a tenth of a second."""
    from tasklet_bench.problems.allocation.kernels.evaluation import NO_GRID, evaluate_or_wire
    from tasklet_bench.problems.allocation.kernels.packing import pack_matrices

    devices = np.arange(64)
    seconds = 1.0 + (7 * (devices[:, None] + devices) + 13 * abs(devices[:, None] - devices)) % 97
    np.fill_diagonal(seconds, 0.0)
    others = 100.0 - seconds
    np.fill_diagonal(others, 0.0)
    pack = pack_matrices(seconds, others, 8, 8)
    partitions = [(devices * step) % 64 // 8 for step in range(1, 64, 2)]
    return min(_once(evaluate_or_wire, pack, partitions, NO_GRID) for _ in range(REPETITIONS))


def with_calibration(machine: str) -> str:
    """A machine's line with how long the job takes on this one, in milliseconds, behind it."""
    return f"{machine}{_BEFORE}{1000 * calibration_s():.3g} ms"


def split_calibration(line: str) -> tuple[str, float | None]:
    """A machine's line without its calibration, and that (in seconds); None where the line has none."""
    machine, separator, text = line.rpartition(_BEFORE)
    number, _, unit = text.partition(" ")
    try:
        seconds = float(number) / 1000
    except ValueError:
        return line, None
    if not separator or unit != "ms" or not 0 < seconds < math.inf:
        return line, None
    return machine, seconds


def _once(
    evaluate: Callable[..., object], pack: Pack, partitions: list[NDArray[np.int64]], grid: NDArray[np.int64]
) -> float:
    begun = time.thread_time()
    for nth in range(SCORED):
        evaluate(pack, partitions[nth % len(partitions)], grid)
    return time.thread_time() - begun
