"""The process table: who descends from whom, what they have used, and how to end them all.

Linux: the table is `/proc`, and a subreaper keeps every orphan in its tree, sessions of their own included. Elsewhere
there is no subreaper: `ps` gives the table, and an orphan can slip away.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
from collections import defaultdict
from collections.abc import Collection
from pathlib import Path
from typing import NamedTuple

LINUX = sys.platform.startswith("linux")

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36


class _Process(NamedTuple):
    parent: int
    cpu_s: float
    """User plus system, of the process and of its children that it has reaped."""
    dead: bool


def become_subreaper() -> None:
    """Adopt every orphan among this process's descendants (Linux only)."""
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def die_with_parent(parent: int) -> None:
    """Be killed when the parent process ends (Linux only); exits at once if it has ended already."""
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def has_children() -> bool:
    """Whether this process has children, dead ones that nobody has waited for included."""
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return False
    return True


def living_descendants_cpu_s() -> float:
    """CPU seconds of all living descendants of this process."""
    if not has_children():
        return 0.0
    table = _table()
    return sum(table[pid].cpu_s for pid in _descendants(table, os.getpid()))


def descendants_cpu_s(root: int) -> float:
    """CPU seconds of all living descendants of a process."""
    table = _table()
    return sum(table[pid].cpu_s for pid in _descendants(table, root))


def signal_descendants(number: int, keep: Collection[int] = ()) -> list[int]:
    """Send a signal to all living descendants of this process, except to `keep` and theirs; returns who got it."""
    table = _table()
    reached = [pid for pid in _descendants(table, os.getpid(), keep) if not table[pid].dead]
    for pid in reached:
        try:
            os.kill(pid, number)
        except (ProcessLookupError, PermissionError):
            continue
    return reached


def _descendants(table: dict[int, _Process], root: int, keep: Collection[int] = ()) -> list[int]:
    children = defaultdict(list)
    for pid, process in table.items():
        children[process.parent].append(pid)
    found: list[int] = []
    waiting = [root]
    while waiting:
        fresh = [pid for pid in children[waiting.pop()] if pid not in keep]
        found += fresh
        waiting += fresh
    return found


def _table() -> dict[int, _Process]:
    return _table_of_proc() if LINUX else _table_of_ps()


def _table_of_proc() -> dict[int, _Process]:
    ticks = os.sysconf("SC_CLK_TCK")
    table = {}
    for entry in os.listdir("/proc"):  # noqa: PTH208 - thousands of names, no objects needed
        if not entry.isdigit():
            continue
        try:
            text = Path(f"/proc/{entry}/stat").read_bytes()
        except (FileNotFoundError, ProcessLookupError):
            continue
        fields = text[text.rindex(b")") + 2 :].split()  # the command before it may hold blanks and brackets
        cpu_s = sum(map(int, fields[11:15])) / ticks
        table[int(entry)] = _Process(int(fields[1]), cpu_s, fields[0] in b"ZX")
    return table


def _table_of_ps() -> dict[int, _Process]:
    text = subprocess.run(["/bin/ps", "-axo", "pid=,ppid=,stat=,time="], capture_output=True, check=True, text=True)
    table = {}
    for line in text.stdout.splitlines():
        pid, parent, state, clock = line.split()
        seconds = sum(float(part) * 60**i for i, part in enumerate(reversed(clock.replace("-", ":").split(":"))))
        table[int(pid)] = _Process(int(parent), seconds, state.startswith("Z"))
    return table


_LIBC = ctypes.CDLL(None, use_errno=True)


def _prctl(option: int, value: int) -> None:
    if LINUX and _LIBC.prctl(option, value, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), f"prctl({option}, {value}) failed")
