"""The nursery's own process: loads everything once, then forks a warden whenever it is handed a socket.

Run as `python -m tasklet_bench.bench.execution.fork_server DESCRIPTOR STRATEGY…`, each strategy as JSON,
`["name", {parameters}]`. It stays single-threaded, so that forking it is safe.
"""

from __future__ import annotations

import os
import select
import shutil
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tasklet_bench.bench.execution import process_tree, supervisor
from tasklet_bench.bench.execution.preload import preload

WARDENS_END_S = 5.0


def main(descriptor: int, prepared: Sequence[str]) -> None:
    """Serve until the coordinator is gone, then see that everybody else is."""
    control = socket.socket(fileno=descriptor)
    preload(prepared)
    process_tree.become_subreaper()
    wakeup, wakeup_write = os.pipe()
    os.set_blocking(wakeup_write, False)
    signal.set_wakeup_fd(wakeup_write, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    try:
        control.sendall(b"r")
    except BrokenPipeError:
        return  # the coordinator has gone meanwhile
    root = Path(tempfile.mkdtemp(prefix="tasklet-bench-"))
    wardens: set[int] = set()
    try:
        while True:
            watched: list[Any] = [control, wakeup]
            ready, _, _ = select.select(watched, [], [])
            if wakeup in ready:
                os.read(wakeup, 1 << 16)
                _bury(wardens)
            if control in ready:
                _, sockets, _, _ = socket.recv_fds(control, 1, 1)
                if not sockets:
                    break
                wardens.add(_warden(socket.socket(fileno=sockets[0]), control, root))
        _end(wardens)
    finally:
        shutil.rmtree(root, ignore_errors=True)


def _warden(sock: socket.socket, control: socket.socket, root: Path) -> int:
    pid = os.fork()
    if pid == 0:
        try:
            control.close()
            os.set_inheritable(sock.fileno(), False)
            supervisor.serve(sock, root)
        finally:
            os._exit(1)
    sock.close()
    return pid


def _bury(wardens: set[int]) -> None:
    """Wait for processes that have ended; where a warden died before its time, end what it watched over."""
    abandoned = False
    while process_tree.has_children():
        pid, status = os.waitpid(-1, os.WNOHANG)
        if pid == 0:
            break
        wardens.discard(pid)
        abandoned |= status != 0
    if abandoned:
        process_tree.signal_descendants(signal.SIGKILL, keep=wardens)


def _end(wardens: set[int]) -> None:
    """The wardens have seen the coordinator go too: wait for them, and make sure."""
    until = time.monotonic() + WARDENS_END_S
    while process_tree.has_children():
        if time.monotonic() > until:
            process_tree.signal_descendants(signal.SIGKILL)
        _bury(wardens)
        time.sleep(0.01)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
