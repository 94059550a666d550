"""What the processes of a run say to each other: JSON, never pickle, as one side runs foreign code."""

from __future__ import annotations

import json
import os
import socket
from dataclasses import asdict, dataclass
from typing import Any

HEADER_BYTES = 8
"""A job starts with its length in so many bytes; a length of 0 asks to stop the run that is on."""
OUT_OF_MEMORY = b"MemoryError: no memory left to say more\n"
"""What a child writes to its log where it can do nothing else."""


@dataclass(frozen=True)
class Exit:
    """A warden's report: how the child ended and what it leaves behind.

    `code` is the exit code, negative for a signal. `killed` says for which deadline the warden killed it: `prepare`,
    `cpu`, `wall`, `epilogue`, or `stop` where the coordinator asked for it; None if it ended by itself.
    """

    code: int
    killed: str | None
    cpu_s: float
    """User plus system of the child and all its descendants, since `search` was entered (or from its birth)."""
    wall_s: float
    """Wall seconds of the child, since the same moment."""
    orphans_cpu_s: float
    """Of the CPU seconds, what descendants used that the child did not wait for."""
    peak_memory_bytes: int
    system_out_of_memory: bool
    log_tail: str


def send_job(sock: socket.socket, job: dict[str, Any], descriptor: int) -> None:
    """Send a job together with a file descriptor."""
    body = json.dumps(job).encode()
    socket.send_fds(sock, [len(body).to_bytes(HEADER_BYTES, "little")], [descriptor])
    sock.sendall(body)


def send_stop(sock: socket.socket) -> None:
    """Ask a warden to end the run that is on; it does nothing if none is."""
    sock.sendall(bytes(HEADER_BYTES))


def receive_job(sock: socket.socket) -> tuple[dict[str, Any], int] | None:
    """Wait for a job and its file descriptor; None when the other side is gone."""
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


def send_exit(sock: socket.socket, report: Exit) -> None:
    """Send a warden's report as one line."""
    sock.sendall(json.dumps(asdict(report)).encode() + b"\n")


def read_exit(line: bytes) -> Exit:
    """Read a warden's report."""
    return Exit(**json.loads(line))


def line(kind: str, **values: Any) -> bytes:
    """One thing that a child says, as one line."""
    return json.dumps({"kind": kind, **values}, separators=(",", ":")).encode() + b"\n"
