"""Limits that the operating system puts on a run's process."""

from __future__ import annotations

import os
import resource

from bench.isolation.processes import LINUX

ONE_THREAD = {
    name: "1"
    for name in (
        "OMP_NUM_THREADS",
        "OPENBLAS_NUM_THREADS",
        "MKL_NUM_THREADS",
        "BLIS_NUM_THREADS",
        "VECLIB_MAXIMUM_THREADS",
        "NUMEXPR_NUM_THREADS",
        "NUMBA_NUM_THREADS",
    )
}
"""Environment in which numerical libraries keep to one thread; it must stand before they are imported."""

FILE_BYTES = 2**30
"""The largest file that a run may write: a run that prints without end must not fill the disk."""

MAXRSS_UNIT = 1024 if LINUX else 1
"""Bytes in which the system counts a process's peak memory."""


def limit(memory_bytes: int, core: int | None) -> None:
    """Cap this process: address space, file size, no core dumps, one core. Elsewhere than on Linux, no cap and no core.

    macOS ignores `RLIMIT_AS` and has no affinity; `capped` says what holds.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _lower(resource.RLIMIT_FSIZE, FILE_BYTES)
    if LINUX:
        _lower(resource.RLIMIT_AS, memory_bytes)
        if core is not None:
            os.sched_setaffinity(0, {core})


def capped() -> bool:
    """Whether memory cap and affinity hold on this system."""
    return LINUX


def cores() -> list[int]:
    """The cores that this process may use; as many numbers as there are cores where affinity is unknown."""
    return sorted(os.sched_getaffinity(0)) if LINUX else list(range(os.cpu_count() or 1))


def _lower(kind: int, value: int) -> None:
    _, hard = resource.getrlimit(kind)
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(kind, (value, value))
