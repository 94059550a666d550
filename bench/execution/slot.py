"""A place for one run at a time: the coordinator's end of a supervisor."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import select
import selectors
import socket
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self

from tasklet_bench.bench.execution import messages, process_tree
from tasklet_bench.bench.execution.limits import Core
from tasklet_bench.bench.execution.outcome import build_record
from tasklet_bench.bench.execution.reception import LONGEST_LINE_BYTES, ReceivedMessages
from tasklet_bench.bench.runs.budget import EPILOGUE_LIMIT_S
from tasklet_bench.bench.runs.record import Improvement, RunRecord, Status
from tasklet_bench.bench.runs.spec import RunSpec

OVERDUE_S = 5.0
"""Seconds after its limit that a supervisor has for ending a run, before the coordinator ends both."""
_HELLO_S = 20.0
_CHUNK = 1 << 16
_MOST_CHUNKS = 64
"""More than a pipe can hold: what is still read after a run's end is not written by it."""


class SupervisorGone(Exception):
    """A supervisor ended before its run did, or had to be ended; the slot is of no more use.

    `record` says what is known of the run.
    """

    def __init__(self, record: RunRecord) -> None:
        super().__init__("a supervisor ended before its run")
        self.record = record


class Slot:
    """Starts runs, on a core of its own where one is free, and takes in their messages.

    Whoever owns it waits on its descriptors with a selector, for `seconds_left` at most; where these are over,
    `give_up` is due. Raises `OSError` or `TimeoutError` where no supervisor answers.
    """

    def __init__(self, sock: socket.socket, *, untrusted: bool = False) -> None:
        self._sock = sock
        self._untrusted = untrusted
        self._results = -1
        self._selector: selectors.BaseSelector | None = None
        self._on_improvement: Callable[[Improvement], None] = lambda _: None
        self._line = bytearray()
        self._reports = bytearray()
        self._spec: RunSpec | None = None
        self._received = ReceivedMessages()
        self._deadline = float("inf")
        self._stopping = False
        sock.settimeout(_HELLO_S)
        self._supervisor = int(self._receive()["pid"])
        self.core = Core()

    @property
    def usable(self) -> bool:
        """Whether its supervisor still waits for a run: an idle one has nothing to say unless it is gone."""
        return not select.select([self._sock], [], [], 0)[0]

    @property
    def spec(self) -> RunSpec | None:
        """The run that is on."""
        return self._spec

    @property
    def seconds_left(self) -> float | None:
        """Seconds until the supervisor is overdue, at least 0; None while no run is on."""
        return None if self._spec is None else max(0.0, self._deadline - time.monotonic())

    def start(
        self,
        spec: RunSpec,
        selector: selectors.BaseSelector,
        on_improvement: Callable[[Improvement], None] = lambda _: None,
    ) -> None:
        """Start a run and have its descriptors watched, with this slot as the data of their keys."""
        self._spec, self._selector, self._on_improvement = spec, selector, on_improvement
        key = secrets.token_bytes(messages.KEY_BYTES)
        started_at = datetime.now(UTC).isoformat(timespec="milliseconds")
        self._received = ReceivedMessages(started_at=started_at, seal=messages.Seal(key))
        self._line.clear()
        self._stopping = False
        self._allow(spec.prepare_limit_s)
        self._results, results = os.pipe()
        os.set_blocking(self._results, False)
        try:
            job = {"spec": spec.to_json(), "core": self.core.number, "key": key.hex(), "untrusted": self._untrusted}
            with contextlib.suppress(BrokenPipeError, ConnectionError):  # a supervisor that is gone is found out next
                messages.send_job(self._sock, job, results)
        finally:
            os.close(results)
        for descriptor in (self._results, self._sock.fileno()):
            selector.register(descriptor, selectors.EVENT_READ, self)

    def stop(self) -> None:
        """Ask for the run that is on to be ended; its record will say `interrupted`."""
        self._stopping = True
        self._deadline = min(self._deadline, time.monotonic() + OVERDUE_S)
        with contextlib.suppress(OSError):  # a supervisor that is gone need not be asked
            messages.send_stop(self._sock)

    def hear(self, descriptor: int) -> RunRecord | None:
        """Take in what has come on a descriptor; returns the record when the run is over.

        Raises `SupervisorGone` when the supervisor was killed.
        """
        if descriptor == self._results:
            if self._hear_worker() == 0:
                self._unwatch(self._results)
            return None
        assert self._spec is not None  # noqa: S101 - nothing is received unless a run was started
        while (report := self._receive()).get("kind") == "phase":
            self._allow(self._spec.budget.wall_limit_s if report["name"] == "search" else EPILOGUE_LIMIT_S)
            if b"\n" not in self._reports:
                return None
        report.pop("kind", None)
        return self._over(messages.Exit(**report) if report else None)

    def give_up(self) -> None:
        """End a run and its supervisor, which did neither end it nor say so; always raises `SupervisorGone`."""
        process_tree.end_tree(self._supervisor, OVERDUE_S)
        try:
            self._over(None)
        except SupervisorGone as gone:
            status: Status = "interrupted" if self._stopping else "timeout"
            error = None if self._stopping else "killed: its supervisor did not end it when its limits were reached"
            raise SupervisorGone(replace(gone.record, status=status, error=error)) from None

    def close(self) -> None:
        """Let the supervisor go; a run that is on is killed."""
        self._sock.close()
        self.core.release()
        if self._results >= 0:
            os.close(self._results)
            self._results = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _allow(self, limit_s: float) -> None:
        if not self._stopping:
            self._deadline = time.monotonic() + limit_s + OVERDUE_S

    def _over(self, report: messages.Exit | None) -> RunRecord:
        assert self._spec is not None  # noqa: S101 - nothing is received unless a run was started
        for _ in range(_MOST_CHUNKS):
            if not self._hear_worker():
                break
        self._unwatch(self._sock.fileno())
        self._unwatch(self._results)
        os.close(self._results)
        self._results = -1
        spec, self._spec = self._spec, None
        record = build_record(spec, self._received, report)
        if report is None:
            raise SupervisorGone(record)
        return record

    def _receive(self) -> dict[str, Any]:
        """A supervisor's next report; empty if the supervisor is gone, or stuck in the middle of it."""
        while b"\n" not in self._reports:
            try:
                chunk = self._sock.recv(_CHUNK)
            except (ConnectionError, TimeoutError):
                chunk = b""
            if not chunk:
                if self._spec is None:
                    raise TimeoutError("a supervisor has not started")
                return {}
            self._reports += chunk
        line, _, rest = self._reports.partition(b"\n")
        self._reports = bytearray(rest)
        report: dict[str, Any] = json.loads(line)
        return report

    def _unwatch(self, descriptor: int) -> None:
        assert self._selector is not None  # noqa: S101 - as above
        if descriptor in self._selector.get_map():
            self._selector.unregister(descriptor)

    def _hear_worker(self) -> int | None:
        """Take in what the worker has written: how many bytes, 0 at the end of them, None while there are none yet.

        There may be none although a selector said so: what it said of the run before holds for the next one's pipe,
        too, where that was given the same number.
        """
        try:
            chunk = os.read(self._results, _CHUNK)
        except BlockingIOError:
            return None
        if self._received.malformed is None:
            self._take(chunk)
        return len(chunk)

    def _take(self, chunk: bytes) -> None:
        """Take in the lines that a chunk completes, and keep the rest for the next."""
        first, *others = chunk.split(b"\n")
        self._line += first
        for part in others:
            row = self._received.note(bytes(self._line))
            self._line = bytearray(part)
            if row is not None:
                self._on_improvement(row)
        if len(self._line) > LONGEST_LINE_BYTES:
            self._received.refuse(f"a line of more than {LONGEST_LINE_BYTES} bytes")
            self._line.clear()
