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
import time
from collections import defaultdict
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

LINUX = sys.platform.startswith("linux")

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_CPU_CLOCK = 2
"""The kind of a process's clock, in its last three bits, which counts what its threads have run."""


class _Process(NamedTuple):
    parent: int
    cpu_s: float
    """User plus system, of the process and of its children that it has reaped."""
    dead: bool


def become_subreaper() -> None:
    """Adopt every orphan among this process's descendants (Linux only)."""
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def die_with_parent(parent: int) -> None:
    """Be killed when the parent process ends (Linux only); exits at once if it has ended already.

    In a process namespace of its own, where the parent has no number, that is left to whoever reads from this one.
    """
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() not in (parent, 0):
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


def descendants_cpu_s(root: int, leave_out: int = 0) -> float:
    """CPU seconds of all living descendants of a process, but for one of them."""
    table = _table()
    return sum(table[pid].cpu_s for pid in _descendants(table, root) if pid != leave_out)


def is_descendant(pid: int) -> bool:
    """Whether a process descends from this one."""
    return pid in _descendants(_table(), os.getpid())


def own_cpu_s(pid: int) -> float:
    """CPU seconds of a child that has not been waited for, and of all that it has waited for itself."""
    if not LINUX:
        return descendants_cpu_s(os.getpid())
    text = Path(f"/proc/{pid}/stat").read_bytes()
    waited_for = sum(map(int, text[text.rindex(b")") + 2 :].split()[13:15])) / os.sysconf("SC_CLK_TCK")
    return time.clock_gettime(~pid << 3 | _CPU_CLOCK) + waited_for


def is_alone(pid: int) -> bool:
    """Whether a process has no children and this process no other child; False where the system does not tell."""
    try:
        tasks = [*Path(f"/proc/{pid}/task").iterdir(), Path(f"/proc/self/task/{os.getpid()}")]
        children = [child for task in tasks for child in (task / "children").read_text().split()]
    except OSError:
        return False
    return children == [str(pid)]


def end_tree(root: int, seconds: float) -> None:
    """Kill a process and all its descendants, and wait for so many seconds until they are gone.

    The process is stopped first, so that it starts nobody, and killed last, as its orphans would leave its tree.
    """
    until = time.monotonic() + seconds
    _signal(root, signal.SIGSTOP)
    while True:
        table = _table()
        left = [pid for pid in _descendants(table, root) if not table[pid].dead]
        if not left or time.monotonic() > until:
            break
        for pid in left:
            _signal(pid, signal.SIGKILL)
        time.sleep(0.01)
    _signal(root, signal.SIGKILL)


def signal_descendants(number: int, keep: Collection[int] = ()) -> list[int]:
    """Send a signal to all living descendants of this process, except to `keep` and theirs; returns who got it."""
    table = _table()
    reached = [pid for pid in _descendants(table, os.getpid(), keep) if not table[pid].dead]
    for pid in reached:
        _signal(pid, number)
    return reached


def _signal(pid: int, number: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.kill(pid, number)


def _descendants(table: dict[int, _Process], root: int, keep: Collection[int] = ()) -> list[int]:
    children = defaultdict(list)
    for pid, process in table.items():
        children[process.parent].append(pid)
    result: list[int] = []
    waiting = [root]
    while waiting:
        fresh = [pid for pid in children[waiting.pop()] if pid not in keep]
        result += fresh
        waiting += fresh
    return result


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
