"""The machine and the versions that a record was made with."""

from __future__ import annotations

import math
import os
import platform
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

CALIBRATION = "calibration"
"""What stands before the milliseconds of a machine's calibration in its line."""

PACKAGES = ("tasklet-bench", "numpy", "scipy", "numba", "deap", "optuna", "ortools")


@cache
def fingerprint() -> str:
    """System, processor, number of cores and calibration in one line; no host name."""
    from tasklet_bench.problems.calibration import calibration_s

    kind = f"{platform.system()} {platform.machine()}, {_processor()}, {os.cpu_count()} cores"
    return f"{kind}; {CALIBRATION} {1000 * calibration_s():.3g} ms"


def split_calibration(line: str) -> tuple[str, float | None]:
    """A machine's line without its calibration, and that (in seconds); None where the line has none."""
    kind, separator, text = line.rpartition(f"; {CALIBRATION} ")
    number, _, unit = text.partition(" ")
    try:
        seconds = float(number) / 1000
    except ValueError:
        return line, None
    if not separator or unit != "ms" or not 0 < seconds < math.inf:
        return line, None
    return kind, seconds


@cache
def versions() -> dict[str, str]:
    """Versions of Python and of the packages that a result may depend on."""
    found = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def _processor() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return platform.processor() or "unknown processor"
    names = (line.partition(":")[2].strip() for line in text.splitlines() if line.startswith("model name"))
    return next(names, platform.processor() or "unknown processor")
