"""What tells afterwards how a run's process died: the end of its log, and the system's count of such deaths."""

from __future__ import annotations

import os
from pathlib import Path

LOG_TAIL = 4000
"""Characters of a log that are kept, from its end."""


def oom_kills() -> int:
    """How often the system has killed a process for want of memory; 0 where it does not say."""
    try:
        text = Path("/proc/vmstat").read_text()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in text.splitlines() if line.startswith("oom_kill ")), 0)


def log_tail(log: Path) -> str:
    """The end of a run's log, without the list of all extension modules that faulthandler ends with."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - 2 * LOG_TAIL))
            text = file.read().decode(errors="replace")
    except OSError:
        return ""
    return "\n".join(line for line in text.splitlines() if not line.startswith("Extension modules:"))[-LOG_TAIL:]
