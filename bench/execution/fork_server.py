"""The fork server: loads everything once, then forks a supervisor whenever it is handed a socket.

Run as `python -m tasklet_bench.bench.execution.fork_server DESCRIPTOR HIDDEN INSTANCES STRATEGY…`, each strategy as
JSON, `["name", {parameters}]`. `HIDDEN` is null, or for untrusted runs a JSON list of the folders that they do not see;
`INSTANCES` is a JSON list of names from the catalogue. The process stays single-threaded, so that forking it is safe.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import select
import shutil
import signal
import socket
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tasklet_bench.bench.execution import process_tree, sandbox, supervisor
from tasklet_bench.bench.execution.compiling import Compiling
from tasklet_bench.bench.execution.preload import preload
from tasklet_bench.problems.code import private_folder

SUPERVISORS_END_S = 5.0
READY, REFUSED, COMPILING = b"r", b"x", b"c"
"""First byte to the coordinator: all is loaded; or runs cannot be separated, followed by the reason.

Before it may come lines that begin with `c` and hold a `Compiling` as JSON.
"""


def main(descriptor: int, hidden: Sequence[str] | None, instances: Sequence[str], prepared: Sequence[str]) -> None:
    """Serve until the coordinator is gone, then see that everybody else is."""
    control = socket.socket(fileno=descriptor)
    with _ended_with(control):
        preload(prepared, instances, lambda news: _report(control, news))
    process_tree.become_subreaper()
    wakeup, wakeup_write = os.pipe()
    os.set_blocking(wakeup_write, False)
    signal.set_wakeup_fd(wakeup_write, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    compiled = private_folder("")
    root = Path(tempfile.mkdtemp(prefix="tasklet-bench-"))
    supervisors: set[int] = set()
    try:
        if not _is_ready(control, root, hidden):
            return
        while True:
            watched: list[Any] = [control, wakeup]
            ready, _, _ = select.select(watched, [], [])
            if wakeup in ready:
                os.read(wakeup, 1 << 16)
                _reap(supervisors)
            if control in ready:
                line = _accept(control)
                if line is None:
                    break
                supervisors.add(_supervisor(line, control, root, compiled))
        _end(supervisors)
    finally:
        shutil.rmtree(root, ignore_errors=True)


def _accept(control: socket.socket) -> socket.socket | None:
    """The socket of a supervisor that is asked for; None when the coordinator is gone."""
    with contextlib.suppress(ConnectionError):  # gone with news of this side unread
        _, sockets, _, _ = socket.recv_fds(control, 1, 1)
        if sockets:
            return socket.socket(fileno=sockets[0])
    return None


def _report(control: socket.socket, news: Compiling) -> None:
    with contextlib.suppress(ConnectionError):  # the coordinator has gone meanwhile
        control.sendall(COMPILING + json.dumps(asdict(news)).encode() + b"\n")


@contextlib.contextmanager
def _ended_with(control: socket.socket) -> Iterator[None]:
    """Let the system end this process when the coordinator does: loading may compile for minutes, and looks at nothing.

    The coordinator sends nothing before it receives that all is loaded, so that only its end raises a signal.
    """
    fcntl.fcntl(control, fcntl.F_SETOWN, os.getpid())
    flags = fcntl.fcntl(control, fcntl.F_GETFL)
    fcntl.fcntl(control, fcntl.F_SETFL, flags | os.O_ASYNC)
    with contextlib.suppress(BlockingIOError):
        if not control.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT):
            sys.exit()  # it has ended before this could be asked for
    try:
        yield
    finally:
        fcntl.fcntl(control, fcntl.F_SETFL, flags)


def _is_ready(control: socket.socket, root: Path, hidden: Sequence[str] | None) -> bool:
    """Separate from what untrusted runs shall not see, where that is asked for, and tell the coordinator."""
    said = READY
    if hidden is not None:
        try:
            sandbox.enter_server(root, hidden)
        except (sandbox.Refused, OSError) as fault:
            said = REFUSED + str(fault).encode(errors="replace")[:1000]
    try:
        control.sendall(said)
    except ConnectionError:
        return False  # the coordinator has gone meanwhile
    return said == READY


def _supervisor(sock: socket.socket, control: socket.socket, root: Path, compiled: Path) -> int:
    pid = os.fork()
    if pid == 0:
        try:
            control.close()
            os.set_inheritable(sock.fileno(), False)
            supervisor.serve(sock, root, compiled)
        except Exception:
            traceback.print_exc()
        finally:
            os._exit(1)
    sock.close()
    return pid


def _reap(supervisors: set[int]) -> None:
    """Wait for processes that have ended; where a supervisor died before its time, end what it watched over."""
    abandoned = False
    while process_tree.has_children():
        pid, status = os.waitpid(-1, os.WNOHANG)
        if pid == 0:
            break
        supervisors.discard(pid)
        abandoned |= status != 0
    if abandoned:
        process_tree.signal_descendants(signal.SIGKILL, keep=supervisors)


def _end(supervisors: set[int]) -> None:
    """The supervisors have seen the coordinator go too: wait for them, and make sure."""
    until = time.monotonic() + SUPERVISORS_END_S
    while process_tree.has_children():
        if time.monotonic() > until:
            process_tree.signal_descendants(signal.SIGKILL)
        _reap(supervisors)
        time.sleep(0.01)


if __name__ == "__main__":
    main(int(sys.argv[1]), json.loads(sys.argv[2]), json.loads(sys.argv[3]), sys.argv[4:])
