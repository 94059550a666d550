"""Limits that the operating system puts on a run's process."""

from __future__ import annotations

import os
import random
import resource
import socket

from tasklet_bench.bench.execution.process_tree import LINUX

ONE_THREAD = {
    **dict.fromkeys(
        (
            "OMP_NUM_THREADS",
            "OPENBLAS_NUM_THREADS",
            "MKL_NUM_THREADS",
            "BLIS_NUM_THREADS",
            "VECLIB_MAXIMUM_THREADS",
            "NUMEXPR_NUM_THREADS",
            "NUMBA_NUM_THREADS",
        ),
        "1",
    ),
    "JE_ARROW_MALLOC_CONF": "background_thread:false",  # pyarrow's allocator, which comes with pandas and ortools
}
"""Environment in which libraries keep to one thread; it must stand before they are imported."""

FILE_BYTES = 2**30
"""The largest file that a run may write: a run that prints without end must not fill the disk."""

CLAIM = "tasklet-bench-core"
"""Beginning of the names under which cores are claimed."""

MAXRSS_UNIT = 1024 if LINUX else 1
"""Bytes in which the system counts a process's peak memory."""


def limit(memory_bytes: int, core: int | None) -> None:
    """Cap this process: address space, file size, no core dumps, one core.

    Elsewhere than on Linux no address space and no core: macOS ignores `RLIMIT_AS` and has no affinity.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _lower(resource.RLIMIT_FSIZE, FILE_BYTES)
    if LINUX:
        _lower(resource.RLIMIT_AS, memory_bytes)
        if core is not None:
            os.sched_setaffinity(0, {core})


def cores() -> list[int]:
    """The cores that this process may use; as many numbers as there are cores where affinity is unknown."""
    return sorted(os.sched_getaffinity(0)) if LINUX else list(range(os.cpu_count() or 1))


class Core:
    """One core for the runs of one slot, claimed so that campaigns and workers do not share one while another is free.

    The claim is a name in the kernel's abstract socket namespace: it goes when its owner does, however that ends.
    Where all cores are claimed, runs share one, and `exclusive` is False. Elsewhere than on Linux `number` is None.
    """

    def __init__(self) -> None:
        self.number: int | None = None
        self._claim: socket.socket | None = None
        for number in reversed(cores()) if LINUX else ():
            claim = socket.socket(socket.AF_UNIX)
            try:
                claim.bind(f"\0{CLAIM}-{number}")
            except OSError:
                claim.close()
                continue
            self.number, self._claim = number, claim
            return
        if LINUX:
            self.number = random.choice(cores())  # noqa: S311 - any will do

    @property
    def exclusive(self) -> bool:
        """Whether no other slot on this machine runs there."""
        return self._claim is not None

    def release(self) -> None:
        """Let others have it."""
        if self._claim is not None:
            self._claim.close()


def _lower(kind: int, value: int) -> None:
    _, hard = resource.getrlimit(kind)
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(kind, (value, value))
