"""The machine and the versions that a record was made with."""

from __future__ import annotations

import os
import platform
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PACKAGES = ("tasklet-bench", "numpy", "scipy", "numba", "deap", "optuna", "ortools")


@cache
def fingerprint() -> str:
    """System, processor, number of cores and calibration in one line; no host name."""
    from tasklet_bench.problems.calibration import with_calibration

    return with_calibration(f"{platform.system()} {platform.machine()}, {_processor()}, {os.cpu_count()} cores")


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


def _processor() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return platform.processor() or "unknown processor"
    names = (line.partition(":")[2].strip() for line in text.splitlines() if line.startswith("model name"))
    return next(names, platform.processor() or "unknown processor")
