"""A place for one run at a time: the coordinator's end of a warden."""

from __future__ import annotations

import contextlib
import os
import select
import selectors
import socket
from collections.abc import Callable
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from tasklet_bench.bench.execution import messages
from tasklet_bench.bench.execution.limits import Core
from tasklet_bench.bench.execution.outcome import build_record
from tasklet_bench.bench.execution.reception import ReceivedMessages
from tasklet_bench.bench.runs.record import Improvement, RunRecord
from tasklet_bench.bench.runs.spec import RunSpec

_CHUNK = 1 << 16


class WardenGone(Exception):
    """A warden ended before its run did; the slot is of no more use. `record` says what is known of the run."""

    def __init__(self, record: RunRecord) -> None:
        super().__init__("a warden ended before its run")
        self.record = record


class Slot:
    """Starts runs, on a core of its own where one is free, and hears what they say.

    Whoever owns it waits on its descriptors with a selector.
    """

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self.core = Core()
        self._results = -1
        self._selector: selectors.BaseSelector | None = None
        self._on_improvement: Callable[[Improvement], None] = lambda _: None
        self._line = bytearray()
        self._spec: RunSpec | None = None
        self._received = ReceivedMessages()

    @property
    def usable(self) -> bool:
        """Whether its warden still waits for a run: an idle warden has nothing to say unless it is gone."""
        return not select.select([self._sock], [], [], 0)[0]

    @property
    def spec(self) -> RunSpec | None:
        """The run that is on."""
        return self._spec

    def start(
        self,
        spec: RunSpec,
        selector: selectors.BaseSelector,
        on_improvement: Callable[[Improvement], None] = lambda _: None,
    ) -> None:
        """Start a run and have its descriptors watched, with this slot as the data of their keys."""
        self._spec, self._selector, self._on_improvement = spec, selector, on_improvement
        self._received = ReceivedMessages(started_at=datetime.now(UTC).isoformat(timespec="milliseconds"))
        self._line.clear()
        self._results, results = os.pipe()
        os.set_blocking(self._results, False)
        try:
            job = {"spec": spec.to_json(), "core": self.core.number}
            messages.send_job(self._sock, job, results)
        finally:
            os.close(results)
        for descriptor in (self._results, self._sock.fileno()):
            selector.register(descriptor, selectors.EVENT_READ, self)

    def stop(self) -> None:
        """Ask for the run that is on to be ended; its record will say `interrupted`."""
        with contextlib.suppress(OSError):  # a warden that is gone needs no telling
            messages.send_stop(self._sock)

    def hear(self, descriptor: int) -> RunRecord | None:
        """Take in what has come on a descriptor; returns the record when the run is over.

        Raises `WardenGone` when the warden was killed.
        """
        if descriptor == self._results:
            if not self._hear_child():
                self._unwatch(self._results)
            return None
        report = self._receive()
        return self._over(messages.read_exit(report) if report else None)

    def close(self) -> None:
        """Let the warden go; a run that is on is killed."""
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

    def _over(self, report: messages.Exit | None) -> RunRecord:
        assert self._spec is not None  # noqa: S101 - nothing is heard unless a run was started
        while self._hear_child():
            pass
        self._unwatch(self._sock.fileno())
        self._unwatch(self._results)
        os.close(self._results)
        self._results = -1
        spec, self._spec = self._spec, None
        record = build_record(spec, self._received, report)
        if report is None:
            raise WardenGone(record)
        return record

    def _receive(self) -> bytes:
        """A warden's report, one line; empty if the warden is gone."""
        report = b""
        while not report.endswith(b"\n"):
            try:
                chunk = self._sock.recv(_CHUNK)
            except ConnectionError:
                chunk = b""
            if not chunk:
                return b""
            report += chunk
        return report

    def _unwatch(self, descriptor: int) -> None:
        assert self._selector is not None  # noqa: S101 - as above
        if descriptor in self._selector.get_map():
            self._selector.unregister(descriptor)

    def _hear_child(self) -> bool:
        """Take in what the child has written; False when there is nothing more for now, or for good."""
        try:
            chunk = os.read(self._results, _CHUNK)
        except BlockingIOError:
            return False
        self._line += chunk
        *lines, rest = self._line.split(b"\n")
        self._line = bytearray(rest)
        for line in lines:
            self._note(bytes(line))
        return bool(chunk)

    def _note(self, line: bytes) -> None:
        improvement = self._received.note(line)
        if improvement is not None:
            self._on_improvement(improvement)
