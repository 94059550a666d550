"""A clean stop: Ctrl-C, SIGTERM and SIGHUP become something that can be waited for."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any


class Stop:
    """Whether to stop. When it is requested, `fileno` becomes readable and `on_request` is called."""

    def __init__(self) -> None:
        self._read, self._write = os.pipe()
        self.requested = False
        self.on_request: Callable[[], None] = lambda: None

    def request(self) -> None:
        """Ask for a stop; from any thread, or from a signal handler."""
        if not self.requested:
            self.requested = True
            os.write(self._write, b"s")
            self.on_request()

    def go_through(self, steps: Iterable[object]) -> None:
        """Take steps one after the other, and no further one once a stop is requested."""
        left, end = iter(steps), object()
        while not self.requested and next(left, end) is not end:
            pass

    def fileno(self) -> int:
        """The descriptor to wait on."""
        return self._read

    def close(self) -> None:
        """Close both ends."""
        os.close(self._read)
        os.close(self._write)


@contextmanager
def stop_on_signals() -> Iterator[Stop]:
    """A `Stop` that the first Ctrl-C, SIGTERM or SIGHUP requests; a second Ctrl-C raises `KeyboardInterrupt` as ever.

    A SIGHUP that is ignored, as under `nohup`, stays so. Signals are left alone outside the main thread, where
    Python gives none.
    """
    stop = Stop()
    before: dict[int, Any] = {}

    def ask(number: int, _: FrameType | None) -> None:
        stop.request()
        signal.signal(number, before[number])

    if threading.current_thread() is threading.main_thread():
        for handled in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if handled == signal.SIGHUP and signal.getsignal(handled) == signal.SIG_IGN:
                continue
            before[handled] = signal.signal(handled, ask)
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        stop.close()
