"""The warden: makes one run at a time in a child of its own, and leaves nothing of it behind.

It sleeps until something happens: the child enters a phase, a process ends, the coordinator speaks or is gone, or a
deadline falls due. CPU seconds are looked up when their limit could have been reached at the earliest.
"""

from __future__ import annotations

import contextlib
import json
import mmap
import os
import select
import shutil
import signal
import socket
import tempfile
import time
from pathlib import Path
from typing import Any, NoReturn

from tasklet_bench.bench.execution import limits, messages, process_tree, worker
from tasklet_bench.bench.execution.problem_cache import ReadyProblems
from tasklet_bench.bench.execution.remains import log_tail, oom_kills
from tasklet_bench.bench.runs.budget import EPILOGUE_LIMIT_S, Budget
from tasklet_bench.bench.runs.spec import ProblemRef
from tasklet_bench.problems.problem import Problem

TERM_TO_KILL_S = 0.5
"""Between asking a run to end and ending it."""
SOONEST_LOOK_S = 0.02
"""CPU seconds are looked up no more often than this."""
CLEAR_S = 10.0
"""How long to wait for killed processes to be gone: some cannot be, while the system holds them."""


def serve(sock: socket.socket, root: Path) -> NoReturn:
    """Make runs as they are sent, until the coordinator is gone."""
    process_tree.become_subreaper()
    wakeup, wakeup_write = os.pipe()
    os.set_blocking(wakeup, False)
    os.set_blocking(wakeup_write, False)
    signal.set_wakeup_fd(wakeup_write, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    problems = ReadyProblems()
    while (order := messages.receive_job(sock)) is not None:
        job, results = order
        report = _Watch(sock, wakeup, root).over(job, problems.get(ProblemRef(**job["spec"]["problem"])), results)
        if report is None:
            break
        messages.send_exit(sock, report)
        if process_tree.has_children():
            break  # what could not be ended is left to the nursery, and must not count as a later run's
    os._exit(0)


class _Watch:
    """The watch over one run."""

    def __init__(self, sock: socket.socket, wakeup: int, root: Path) -> None:
        self._sock = sock
        self._wakeup = wakeup
        self._root = root
        self._pid = 0
        self._code: int | None = None
        self._deadline = float("inf")
        self._deadline_of = "prepare"
        self._cpu_limit_s = float("inf")
        self._meter_s = memoryview(mmap.mmap(-1, mmap.PAGESIZE)).cast("d")  # shared with the child
        self._look_at = float("inf")
        self._search_at = time.monotonic()
        self._cpu_at_search_s = 0.0
        self._ended_at = 0.0
        self._reaped_cpu_s = 0.0
        self._orphans_cpu_s = 0.0
        self._peak_bytes = 0

    def over(self, job: dict[str, Any], problem: Problem | None, results: int) -> messages.Exit | None:
        """Start the child, wait for its end or bring it about, and clear away what it leaves.

        Returns None when the coordinator is gone, with nothing left alive.
        """
        folder = Path(tempfile.mkdtemp(dir=self._root))
        kills_before = oom_kills()
        phases = self._start(job, problem, results, folder)
        self._deadline = time.monotonic() + job["spec"]["prepare_limit_s"]
        try:
            killed = self._wait(Budget(**job["spec"]["budget"]), phases)
            if killed is not None and killed != "abandoned":
                self._ask_to_end()
            self._clear()
            if killed == "abandoned":
                return None
            return messages.Exit(
                code=-signal.SIGKILL if self._code is None else self._code,
                killed=killed,
                cpu_s=self._reaped_cpu_s - self._cpu_at_search_s,
                wall_s=self._ended_at - self._search_at,
                orphans_cpu_s=self._orphans_cpu_s,
                peak_memory_bytes=self._peak_bytes,
                system_out_of_memory=self._code == -signal.SIGKILL and oom_kills() > kills_before,
                log_tail=log_tail(folder / worker.LOG_NAME),
            )
        finally:
            os.close(phases)
            shutil.rmtree(folder, ignore_errors=True)

    def _start(self, job: dict[str, Any], problem: Problem | None, results: int, folder: Path) -> int:
        """Fork the child; returns where it tells its phases."""
        phases, phases_write = os.pipe()
        job["warden"] = os.getpid()
        self._pid = os.fork()
        if self._pid == 0:
            worker.main(job, problem, folder, results, phases_write, self._meter_s)
        os.close(results)
        os.close(phases_write)
        return phases

    def _wait(self, budget: Budget, phases: int) -> str | None:
        """Wait until the child has ended by itself (None) or has to be ended; returns why, as in `Exit.killed`."""
        watched: list[Any] = [self._sock, self._wakeup, phases]
        while self._code is None:
            now = time.monotonic()
            if now >= self._deadline:
                return self._deadline_of
            if now >= self._look_at and self._cpu_is_up(now):
                return "cpu"
            ready, _, _ = select.select(watched, [], [], min(self._deadline, self._look_at) - now)
            if self._sock in ready:
                return "stop" if self._sock.recv(messages.HEADER_BYTES) else "abandoned"
            if phases in ready:
                told = os.read(phases, 1 << 16)
                for line in told.splitlines():
                    with contextlib.suppress(ValueError, TypeError, KeyError):  # a strategy may write here too
                        self._enter(json.loads(line), budget)
                if not told:
                    watched.remove(phases)
            self._reap()
        return None

    def _enter(self, phase: dict[str, Any], budget: Budget) -> None:
        """Set the deadlines of the phase that the child has entered."""
        if phase["kind"] == "search":
            self._deadline, self._deadline_of = phase["at"] + budget.wall_limit_s, "wall"
            self._search_at, self._cpu_at_search_s = phase["at"], phase["cpu_s"]
            if budget.cpu_limit_s is not None:
                self._cpu_limit_s = budget.cpu_limit_s
                self._look_at = phase["at"] + self._cpu_limit_s / len(limits.cores())
        else:
            self._deadline, self._deadline_of = phase["at"] + EPILOGUE_LIMIT_S, "epilogue"
            self._look_at = float("inf")

    def _cpu_is_up(self, now: float) -> bool:
        """Whether the limit of CPU seconds, without the meter's, is reached; if not, look again when it could be."""
        used_s = self._reaped_cpu_s + process_tree.descendants_cpu_s(os.getpid()) - self._cpu_at_search_s
        spent_s = used_s - max(0.0, self._meter_s[0])
        left_s = self._cpu_limit_s - spent_s
        self._look_at = now + max(left_s / len(limits.cores()), SOONEST_LOOK_S)
        return left_s <= 0

    def _ask_to_end(self) -> None:
        """SIGTERM to everybody, and a moment to follow it."""
        process_tree.signal_descendants(signal.SIGTERM)
        until = time.monotonic() + TERM_TO_KILL_S
        while process_tree.has_children() and (left := until - time.monotonic()) > 0:
            select.select([self._wakeup], [], [], left)
            self._reap()

    def _clear(self) -> None:
        """SIGKILL everybody who is left, until nobody is."""
        self._reap()
        until = time.monotonic() + CLEAR_S
        while process_tree.has_children() and time.monotonic() < until:
            process_tree.signal_descendants(signal.SIGKILL)
            select.select([self._wakeup], [], [], 0.05)
            self._reap()

    def _reap(self) -> None:
        """Wait for all who have ended, and count what they used."""
        with contextlib.suppress(BlockingIOError):
            os.read(self._wakeup, 1 << 16)
        with contextlib.suppress(ChildProcessError):
            while True:
                pid, status, usage = os.wait4(-1, os.WNOHANG)
                if pid == 0:
                    return
                cpu_s = usage.ru_utime + usage.ru_stime
                self._reaped_cpu_s += cpu_s
                self._peak_bytes = max(self._peak_bytes, usage.ru_maxrss * limits.MAXRSS_UNIT)
                if pid == self._pid:
                    self._code, self._ended_at = os.waitstatus_to_exitcode(status), time.monotonic()
                else:
                    self._orphans_cpu_s += cpu_s
