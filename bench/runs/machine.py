"""The machine and the versions that a record was made with."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PACKAGES = ("tasklet-bench", "numpy", "scipy", "numba", "deap", "optuna", "ortools")


_calibrates = True


def fingerprint() -> str:
    """System, processor, number of cores and calibration in one line; no host name."""
    machine = f"{platform.system()} {platform.machine()}, {_processor()}, {os.cpu_count()} cores"
    if not _calibrates:
        return machine
    from tasklet_bench.problems.calibration import with_calibration

    return with_calibration(machine)


@contextmanager
def without_calibration() -> Iterator[None]:
    """Name the machine without how fast it is, for records that nobody keeps: the job takes seconds to compile."""
    global _calibrates
    _calibrates = False
    try:
        yield
    finally:
        _calibrates = True


@cache
def versions() -> dict[str, str]:
    """Versions of Python and of the packages that a result may depend on."""
    result = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            result[package] = version(package)
        except PackageNotFoundError:
            continue
    return result


@cache
def _processor() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return platform.processor() or "unknown processor"
    names = (line.partition(":")[2].strip() for line in text.splitlines() if line.startswith("model name"))
    return next(names, platform.processor() or "unknown processor")
