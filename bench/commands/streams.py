"""The standard streams, so that a closed one, a full disk or a poor encoding costs output and never work.

Whoever reads has left (`| head -1`), the stream is closed (`>&-`), its disk is full: what is printed from then on goes
nowhere, and the command goes on to its end, as its files and its store are what matter. What the encoding cannot write
becomes a question mark.
"""

from __future__ import annotations

import errno
import io
import os
import sys
from typing import Any

_LOST: list[OSError] = []
"""Why standard output could not be written, the first time."""


def secure() -> None:
    """Replace standard output and error by streams that never raise; a closed descriptor becomes the null device.

    A free descriptor below 3 would be given to the next file that is opened, and then printed into.
    """
    for descriptor in (0, 1, 2):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    sys.stdin = sys.stdin or open(0, closefd=False)  # noqa: SIM115 - it is open as long as the process is
    sys.stdout = _wrapped(sys.stdout, 1, _LOST)
    sys.stderr = _wrapped(sys.stderr, 2, [])


def finish() -> OSError | None:
    """Write what is waiting; returns why output was lost, unless its reader had just left."""
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    return _LOST[0] if _LOST and _LOST[0].errno not in (errno.EPIPE, errno.EBADF) else None


def _wrapped(stream: Any, descriptor: int, lost: list[OSError]) -> io.TextIOWrapper:
    encoding = "utf-8"
    if stream is not None:
        stream.flush()
        encoding = stream.encoding
    buffer = io.BufferedWriter(_Sturdy(descriptor, lost))
    return io.TextIOWrapper(buffer, encoding, "replace", line_buffering=descriptor == 2 or os.isatty(descriptor))


class _Sturdy(io.RawIOBase):
    """Writes to a descriptor until that fails, and to nowhere from then on."""

    def __init__(self, descriptor: int, lost: list[OSError]) -> None:
        self._descriptor = descriptor
        self._lost = lost
        self._gone = False

    def write(self, data: Any) -> int:
        if not self._gone:
            try:
                return os.write(self._descriptor, data)
            except BlockingIOError:
                return 0
            except OSError as error:
                self._gone = True
                self._lost.append(error)
        return len(data)

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._descriptor

    def isatty(self) -> bool:
        return os.isatty(self._descriptor)
