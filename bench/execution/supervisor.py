"""The supervisor: makes one run at a time in a worker process, and leaves nothing of it behind.

It sleeps until something happens: the worker enters a phase, a process ends, the coordinator sends or is gone, or a
deadline falls due. CPU seconds are looked up when their limit could have been reached at the earliest. The clocks of
a record are read here, while the worker waits.
"""

from __future__ import annotations

import contextlib
import mmap
import os
import select
import shutil
import signal
import socket
import tempfile
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any, NoReturn

from tasklet_bench.bench.execution import limits, messages, process_tree, sandbox, worker
from tasklet_bench.bench.execution.meter import EVALUATIONS, METER_S, PAGE_PLACES
from tasklet_bench.bench.execution.problem_cache import ReadyProblems
from tasklet_bench.bench.execution.remains import log_tail, oom_kills
from tasklet_bench.bench.runs.budget import EPILOGUE_LIMIT_S, Budget
from tasklet_bench.bench.runs.spec import ProblemRef
from tasklet_bench.problems.problem import Problem

TERM_TO_KILL_S = 0.5
"""Between asking a run to end and ending it."""
SOONEST_LOOK_S = 0.02
"""CPU seconds are looked up no more often than this."""
MOST_METERING = 0.9
"""Share of a run's CPU seconds that may be the meter's before the supervisor ends it."""
CLEAR_S = 10.0
"""How long to wait for killed processes to be gone: some cannot be, while the system holds them."""


def serve(sock: socket.socket, root: Path, compiled: Path) -> NoReturn:
    """Make runs as they are sent, until the coordinator is gone; each in a folder below `root`.

    `compiled` is the folder of compiled code, of which untrusted runs have a copy of their own.
    """
    process_tree.become_subreaper()
    wakeup, wakeup_write = os.pipe()
    os.set_blocking(wakeup, False)
    os.set_blocking(wakeup_write, False)
    signal.set_wakeup_fd(wakeup_write, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    problems = ReadyProblems()
    messages.send_report(sock, "hello", pid=os.getpid())
    while (order := messages.receive_job(sock)) is not None:
        job, results = order
        job["compiled"] = str(compiled)
        report = _Watch(sock, wakeup, root).over(job, problems.get(ProblemRef(**job["spec"]["problem"])), results)
        if report is None:
            break
        messages.send_report(sock, "exit", **asdict(report))
        if process_tree.has_children():
            break  # what could not be ended is left to the fork server, and must not count as a later run's
    os._exit(0)


class _Watch:
    """The watch over one run."""

    def __init__(self, sock: socket.socket, wakeup: int, root: Path) -> None:
        self._sock = sock
        self._wakeup = wakeup
        self._root = root
        self._pid = 0
        self._code: int | None = None
        self._phase = "prepare"
        self._deadline = float("inf")
        self._cpu_limit_s = float("inf")
        self._page = memoryview(mmap.mmap(-1, mmap.PAGESIZE)).cast("d")[:PAGE_PLACES]  # shared with the worker
        self._look_at = float("inf")
        self._search_at = time.monotonic()
        self._cpu_at_search_s = 0.0
        self._own_cpu_at_search_s = 0.0
        self._ended_at: float | None = None
        self._cpu_at_end_s: float | None = None
        self._own_cpu_at_end_s = 0.0
        self._reaped_cpu_s = 0.0
        self._peak_bytes = 0

    def over(self, job: dict[str, Any], problem: Problem | None, results: int) -> messages.Exit | None:
        """Start the worker, wait for its end or bring it about, and clear away what it leaves.

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
            ended_cpu_s = self._reaped_cpu_s if self._cpu_at_end_s is None else self._cpu_at_end_s
            return messages.Exit(
                code=-signal.SIGKILL if self._code is None else self._code,
                killed=killed,
                cpu_s=ended_cpu_s - self._cpu_at_search_s,
                wall_s=(time.monotonic() if self._ended_at is None else self._ended_at) - self._search_at,
                own_cpu_s=self._own_cpu_at_end_s - self._own_cpu_at_search_s,
                peak_memory_bytes=self._peak_bytes,
                system_out_of_memory=self._code == -signal.SIGKILL and oom_kills() > kills_before,
                log_tail=log_tail(folder / worker.LOG_NAME),
                evaluations=int(min(max(self._page[EVALUATIONS], 0.0), 1e15)),
                prepare_cpu_s=self._cpu_at_search_s,
                phase=self._phase,
            )
        finally:
            phases.close()
            shutil.rmtree(folder, ignore_errors=True)

    def _start(self, job: dict[str, Any], problem: Problem | None, results: int, folder: Path) -> socket.socket:
        """Fork the worker; returns the supervisor's end of where it announces its phases."""
        phases, theirs = socket.socketpair()
        job["supervisor"] = os.getpid()
        self._pid = sandbox.fork() if job["untrusted"] else os.fork()
        if self._pid == 0:
            worker.main(job, problem, folder, results, theirs.detach(), self._page)
        os.close(results)
        theirs.close()
        return phases

    def _wait(self, budget: Budget, phases: socket.socket) -> str | None:
        """Wait until the worker has ended by itself (None) or has to be ended; returns why, as in `Exit.killed`."""
        watched: list[Any] = [self._sock, self._wakeup, phases]
        while self._code is None:
            now = time.monotonic()
            if now >= self._deadline:
                return {"search": "wall"}.get(self._phase, self._phase)
            if now >= self._look_at and self._cpu_is_up(now):
                return "cpu"
            ready, _, _ = select.select(watched, [], [], max(0.0, min(self._deadline, self._look_at) - now))
            if self._sock in ready:
                return "stop" if messages.is_stop(self._sock) else "abandoned"
            if phases in ready and not self._hear_phase(budget, phases):
                watched.remove(phases)
            self._reap()
        return None

    def _hear_phase(self, budget: Budget, phases: socket.socket) -> bool:
        """Take in what the worker announces; False when it has closed its end. Whatever else comes says nothing."""
        with contextlib.suppress(OSError):
            announced = phases.recv(1 << 10)
            if self._phase == "prepare" and messages.SEARCH in announced:
                self._begin_search(budget)
            elif self._phase == "search" and messages.EPILOGUE in announced:
                self._begin_epilogue()
            if announced:
                phases.send(messages.GO_ON, socket.MSG_DONTWAIT)
            return bool(announced)
        return False

    def _begin_search(self, budget: Budget) -> None:
        """Read the clocks, and set the deadlines of the search."""
        self._enter("search", budget.wall_limit_s)
        self._cpu_at_search_s, self._own_cpu_at_search_s = self._read_cpu()
        if budget.cpu_limit_s is not None:
            self._cpu_limit_s = budget.cpu_limit_s
            self._look_at = time.monotonic() + self._cpu_limit_s / len(limits.cores())
        self._search_at = time.monotonic()

    def _begin_epilogue(self) -> None:
        """Read the clocks for the last time."""
        self._ended_at = time.monotonic()
        self._enter("epilogue", EPILOGUE_LIMIT_S)
        self._cpu_at_end_s, self._own_cpu_at_end_s = self._read_cpu()
        self._look_at = float("inf")

    def _enter(self, phase: str, limit_s: float) -> None:
        self._phase = phase
        self._deadline = time.monotonic() + limit_s
        messages.send_report(self._sock, "phase", name=phase)

    def _read_cpu(self) -> tuple[float, float]:
        """CPU seconds since birth: of the worker with all its descendants, and without the living and the orphans."""
        own_s = process_tree.own_cpu_s(self._pid)
        others_s = 0.0
        if not process_tree.is_alone(self._pid):
            others_s = process_tree.descendants_cpu_s(os.getpid(), leave_out=self._pid)
        return own_s + others_s + self._reaped_cpu_s, own_s

    def _cpu_is_up(self, now: float) -> bool:
        """Whether the limit of CPU seconds, without the meter's, is reached; if not, look again when it could be.

        What the worker's memory says of the meter counts for no more than a part of what was used.
        """
        used_s = self._reaped_cpu_s + process_tree.descendants_cpu_s(os.getpid()) - self._cpu_at_search_s
        metering_s = min(max(0.0, self._page[METER_S]), MOST_METERING * used_s)
        left_s = self._cpu_limit_s - (used_s - metering_s)
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
                    self._code = os.waitstatus_to_exitcode(status)
                    self._ended_at = self._ended_at or time.monotonic()
                    self._own_cpu_at_end_s = self._own_cpu_at_end_s or cpu_s
