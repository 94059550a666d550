"""The most memory a process held.

`ru_maxrss` of `getrusage` would not do: a process inherits it from the one that started it, so a child of a large
parent seems large. The kernel's own high-water mark belongs to the process's own memory, and can be lowered.
"""

from __future__ import annotations

import re
from pathlib import Path

_PROCESS = Path("/proc/self")


def peak_bytes() -> int:
    """The largest resident memory of this process in bytes, since its start or the last `forget_peak`."""
    held = re.search(r"VmHWM:\s+(\d+) kB", (_PROCESS / "status").read_text())
    assert held is not None
    return 1024 * int(held[1])


def forget_peak() -> int:
    """Lower the mark to what is resident now, and return it in bytes."""
    (_PROCESS / "clear_refs").write_text("5")
    return peak_bytes()
