"""The coordinator's side of the nursery: starts it, and gets wardens from it."""

from __future__ import annotations

import os
import selectors
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from bench.isolation.limits import ONE_THREAD, cores
from bench.isolation.slot import Slot
from bench.record import Improvement, RunRecord, RunSpec

_PROJECT = str(Path(__file__).resolve().parents[2])
_CLOSE_S = 10.0


class Nursery:
    """A running nursery; close it, or use it as a context, and nothing of it is left."""

    def __init__(self) -> None:
        self._control, theirs = socket.socketpair()
        path = os.pathsep.join(filter(None, (_PROJECT, os.environ.get("PYTHONPATH"))))
        self._process = subprocess.Popen(  # noqa: S603 - our own module
            [sys.executable, "-P", "-m", "bench.isolation.server", str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
            env={**os.environ, **ONE_THREAD, "PYTHONHASHSEED": "0", "PYTHONPATH": path},
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        theirs.close()

    def slot(self, core: int | None) -> Slot:
        """A place to make one run at a time, on one core."""
        ours, theirs = socket.socketpair()
        socket.send_fds(self._control, [b"w"], [theirs.fileno()])
        theirs.close()
        return Slot(ours, core)

    @property
    def alive(self) -> bool:
        """Whether it can still give slots."""
        return self._process.poll() is None

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


def run(spec: RunSpec, on_improvement: Callable[[Improvement], None] | None = None) -> RunRecord:
    """Make one run in a nursery of its own and return its record; Ctrl-C stops it and returns what it has found."""
    with Nursery() as nursery, nursery.slot(cores()[-1]) as slot, selectors.DefaultSelector() as selector:
        slot.start(spec, selector, on_improvement)
        while True:
            try:
                for key, _ in selector.select():
                    record = slot.hear(key.fd)
                    if record is not None:
                        return record
            except KeyboardInterrupt:
                slot.stop()
