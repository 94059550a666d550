"""The coordinator's side of the nursery: starts it, and gets wardens from it."""

from __future__ import annotations

import os
import select
import selectors
import socket
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import tasklet_bench
from tasklet_bench.bench.execution.limits import ONE_THREAD
from tasklet_bench.bench.execution.outcome import never_started
from tasklet_bench.bench.execution.slot import Slot, WardenGone
from tasklet_bench.bench.execution.stopping import Stop, stop_on_signals
from tasklet_bench.bench.runs.canonical import canonical_json
from tasklet_bench.bench.runs.record import Improvement, RunRecord
from tasklet_bench.bench.runs.spec import Entrant, RunSpec
from tasklet_bench.strategies.registry import STRATEGIES

_PROJECT = str(Path(tasklet_bench.__file__).parent.parent)
_CLOSE_S = 10.0


class Nursery:
    """A running nursery; close it, or use it as a context, and nothing of it is left.

    Registered strategies among `entrants` are prepared in advance, in the nursery, so that their runs start at once.
    """

    def __init__(self, entrants: Iterable[Entrant] = ()) -> None:
        registered = {canonical_json([e.target, e.parameters]) for e in entrants if e.target in STRATEGIES}
        self._control, theirs = socket.socketpair()
        path = os.pathsep.join(filter(None, (_PROJECT, os.environ.get("PYTHONPATH"))))
        self._process = subprocess.Popen(  # noqa: S603 - our own module
            [
                sys.executable,
                "-P",
                "-m",
                "tasklet_bench.bench.execution.fork_server",
                str(theirs.fileno()),
                *sorted(registered),
            ],
            pass_fds=[theirs.fileno()],
            env={**os.environ, **ONE_THREAD, "PYTHONHASHSEED": "0", "PYTHONPATH": path},
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        theirs.close()
        self._ready = False

    def slot(self) -> Slot:
        """A place to make one run at a time; raises `RuntimeError` if the nursery did not start."""
        self.wait()
        ours, theirs = socket.socketpair()
        socket.send_fds(self._control, [b"w"], [theirs.fileno()])
        theirs.close()
        return Slot(ours)

    def wait(self, stop: Stop | None = None) -> bool:
        """Wait until everything is loaded, compiled for the first time even; False if a stop is requested meanwhile."""
        if not self._ready:
            watched: list[Any] = [self._control] if stop is None else [self._control, stop]
            ready, _, _ = select.select(watched, [], [])
            if self._control not in ready:
                return False
            if not self._control.recv(1):
                raise RuntimeError("the nursery did not start; what it said stands on standard error")
            self._ready = True
        return True

    @property
    def alive(self) -> bool:
        """Whether it can still give slots."""
        return self._process.poll() is None

    @property
    def pid(self) -> int:
        """Its process."""
        return self._process.pid

    def close(self) -> None:
        """End the nursery; runs that are still on are killed."""
        self._control.close()
        try:
            self._process.wait(_CLOSE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def run(spec: RunSpec, on_improvement: Callable[[Improvement], None] = lambda _: None) -> RunRecord:
    """Make one run in a nursery of its own and return its record; Ctrl-C ends it, and it says what it has found."""
    with stop_on_signals() as stop, Nursery([spec.entrant]) as nursery, selectors.DefaultSelector() as selector:
        if not nursery.wait(stop):
            return never_started(spec)
        selector.register(stop, selectors.EVENT_READ)
        with nursery.slot() as slot:
            slot.start(spec, selector, on_improvement)
            try:
                return heard_out(slot, selector)
            except WardenGone as gone:
                return gone.record


def heard_out(slot: Slot, selector: selectors.BaseSelector) -> RunRecord:
    """Wait for the record of the run that is on in a slot; anything else that the selector hears asks to stop it."""
    while True:
        for key, _ in selector.select():
            if key.data is slot:
                record: RunRecord | None = slot.hear(key.fd)
                if record is not None:
                    return record
            else:
                selector.unregister(key.fileobj)
                slot.stop()
