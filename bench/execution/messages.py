"""What the processes of a run send to each other: JSON, never pickle, as one side runs foreign code."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import os
import socket
from dataclasses import dataclass
from typing import Any

HEADER_BYTES = 8
"""A job starts with its length in so many bytes; a length of 0 asks to stop the run that is on."""
OUT_OF_MEMORY = b"MemoryError: no memory left to say more\n"
"""What a worker writes to its log where it can do nothing else."""
KEY_BYTES = 16
_SEAL_BYTES = 16

SEARCH, EPILOGUE, GO_ON = b"s", b"e", b"."
"""What a worker tells its supervisor as it enters a phase, and the answer that it waits for: between the two the
supervisor reads the clocks, so that no clock of a record is the worker's own."""


@dataclass(frozen=True)
class Exit:
    """A supervisor's report: how the worker ended and what it leaves behind.

    `code` is the exit code, negative for a signal. `killed` names the deadline for which the supervisor killed it:
    `prepare`, `cpu`, `wall`, `epilogue`, or `stop` where the coordinator asked for it; None if it ended by itself.
    `phase` is the last phase that it entered.
    """

    code: int
    killed: str | None
    cpu_s: float
    """User plus system of the worker and all its descendants while it searched (or from its birth, if it never did)."""
    wall_s: float
    """Wall seconds of the search, likewise."""
    peak_memory_bytes: int
    system_out_of_memory: bool
    log_tail: str
    own_cpu_s: float = 0.0
    """Of the CPU seconds, those of the worker and of what it has waited for."""
    evaluations: int = 0
    """Evaluations that the meter has counted in memory that it shares with the supervisor, submitted ones left out."""
    prepare_cpu_s: float = 0.0
    """CPU seconds before the search."""
    phase: str = "search"


class Seal:
    """Marks the lines of one run's meter and knows them again: a number that counts up, and a keyed hash over both.

    It tells the meter's lines from whatever else a strategy writes into the pipe. It is no secret from a strategy that
    takes the harness's memory apart: that needs another process, which `--untrusted` does not give to the meter either.
    """

    def __init__(self, key: bytes) -> None:
        self._keyed = hashlib.blake2b(key=key, digest_size=_SEAL_BYTES)
        self._number = 0

    def close(self, body: bytes) -> bytes:
        """The line that carries `body`, which has no line break in it."""
        return body + b"\t" + self._next(body) + b"\n"

    def open(self, line: bytes) -> bytes:
        """The body of a line without its line break; raises `ValueError` for one that is not the next of this seal."""
        body, _, mark = line.rpartition(b"\t")
        if not hmac.compare_digest(mark, self._next(body)):
            raise ValueError("a line that is not the meter's")
        return body

    def _next(self, body: bytes) -> bytes:
        keyed = self._keyed.copy()
        keyed.update(self._number.to_bytes(8, "little") + body)
        self._number += 1
        return keyed.hexdigest().encode()


def send_job(sock: socket.socket, job: dict[str, Any], descriptor: int) -> None:
    """Send a job together with a file descriptor."""
    body = json.dumps(job).encode()
    socket.send_fds(sock, [len(body).to_bytes(HEADER_BYTES, "little")], [descriptor])
    sock.sendall(body)


def send_stop(sock: socket.socket) -> None:
    """Ask a supervisor to end the run that is on; it does nothing if none is."""
    sock.sendall(bytes(HEADER_BYTES))


def receive_job(sock: socket.socket) -> tuple[dict[str, Any], int] | None:
    """Wait for a job and its file descriptor; None when the other side is gone."""
    try:
        return _receive_job(sock)
    except ConnectionError:  # gone with reports of this side unread
        return None


def _receive_job(sock: socket.socket) -> tuple[dict[str, Any], int] | None:
    length = 0
    descriptors: list[int] = []
    while not length:  # a request to stop may come when its run has just ended
        header, descriptors, _, _ = socket.recv_fds(sock, HEADER_BYTES, 1)
        if not header:
            return None
        length = int.from_bytes(header, "little")
    os.set_inheritable(descriptors[0], False)
    body = bytearray()
    while len(body) < length:
        chunk = sock.recv(min(1 << 20, length - len(body)))
        if not chunk:
            return None
        body += chunk
    return json.loads(body), descriptors[0]


def send_report(sock: socket.socket, kind: str, **values: Any) -> None:
    """Send what a supervisor has to say as one line: `hello` with its process, each phase, and the `exit`.

    Nothing happens where the other side is gone: whoever reads next from `sock` sees it.
    """
    with contextlib.suppress(ConnectionError):
        sock.sendall(line(kind, **values) + b"\n")


def is_stop(sock: socket.socket) -> bool:
    """Take in what came while a run goes on: True for a request to stop it, False when the other side is gone."""
    with contextlib.suppress(ConnectionError):
        return bool(sock.recv(HEADER_BYTES))
    return False


def line(kind: str, **values: Any) -> bytes:
    """A message as JSON in one line, without the line break."""
    return json.dumps({"kind": kind, **values}, separators=(",", ":")).encode()
