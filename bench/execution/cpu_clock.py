"""CPU seconds of this process and its descendants, cheap enough to be read at every evaluation.

Reading the own clock takes half a microsecond. Descendants that are still alive are looked up in the process table,
only if there are any and at most every `DESCENDANTS_EVERY_S`, so their CPU is seen up to that much late.
"""

from __future__ import annotations

import math
import resource
import time

from tasklet_bench.bench.execution.process_tree import living_descendants_cpu_s

DESCENDANTS_EVERY_S = 0.05


class CpuClock:
    """CPU seconds since `start`."""

    def __init__(self) -> None:
        self._own_start = 0.0
        self._reaped_start = 0.0
        self._living_start = 0.0
        self._descendants = 0.0
        self._next_look = math.inf

    def start(self) -> None:
        """Count from now on; what descendants used before is not counted, whether they live on or not."""
        self._reaped_start, self._living_start = _reaped_cpu_s(), living_descendants_cpu_s()
        self._next_look = time.monotonic()
        self._own_start = time.process_time()

    def own_s(self) -> float:
        """Of this process and of the descendants that it has waited for; read anew."""
        return time.process_time() - self._own_start + _reaped_cpu_s() - self._reaped_start

    def spent_s(self) -> float:
        """Of this process and all its descendants; theirs as they were when last looked up."""
        now = time.monotonic()
        if now >= self._next_look:
            before = self._reaped_start + self._living_start
            self._descendants = _reaped_cpu_s() + living_descendants_cpu_s() - before
            self._next_look = now + DESCENDANTS_EVERY_S
        return time.process_time() - self._own_start + self._descendants


def _reaped_cpu_s() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
