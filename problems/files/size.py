"""How many devices a problem may have: where what is kept is N×N, a digit too many would ask for terabytes."""

from __future__ import annotations

import os
import resource
from pathlib import Path

from tasklet_bench.problems.bad_input import BadInput

MOST_DEVICES = 65_536
DENSE_DEVICES = 4096
"""Up to so many devices all links are kept by device, as all kernels and strategies take them; above, by site."""
LARGE = "TASKLET_BENCH_LARGE"
"""Environment variable that lifts `MOST_DEVICES`, in the processes of the runs as well; `--large` sets it."""
_BYTES_PER_PAIR = 6 * 8
"""Delay, bandwidth, both costs of a pair, and what is in hand while they are made."""


def allow_large() -> None:
    """Lift the limit on devices for this process and those that it starts."""
    os.environ[LARGE] = "1"


def check_devices(n: int, source: str, field: str = "devices", n_sites: int | None = None) -> None:
    """Raise `BadInput` for more devices than are allowed, or whose N² links do not fit into the memory that is left.

    `n_sites`: links are kept by so many sites, whose pairs count then.
    """
    if n > MOST_DEVICES and not os.environ.get(LARGE):
        raise BadInput.at(source, field, f"{n} in all", f"at most {MOST_DEVICES} (--large allows more)")
    kept = n if n_sites is None else n_sites
    needed, left = kept * kept * _BYTES_PER_PAIR, _bytes_left()
    if left is not None and needed > left:
        gib = f"{needed / 2**30:,.1f} GiB for {n} devices" + (f" at {kept} sites" if kept < n else "")
        raise BadInput(f"{source}: {field}: their links need {gib}, expected at most the {left / 2**30:,.1f} GiB left")


def _bytes_left() -> int | None:
    """Memory that is available to this process; None where the system does not say."""
    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    try:
        available = _kilobytes("/proc/meminfo", "MemAvailable:") * 1024
        used = _kilobytes("/proc/self/status", "VmSize:") * 1024
    except (OSError, LookupError, ValueError):
        return None
    return available if limit == resource.RLIM_INFINITY else min(available, limit - used)


def _kilobytes(file: str, key: str) -> int:
    for line in Path(file).read_text(encoding="ascii").splitlines():
        if line.startswith(key):
            return int(line.split()[1])
    raise LookupError(key)
