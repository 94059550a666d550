"""The coordinator's side of the fork server: starts it, and gets supervisors from it."""

from __future__ import annotations

import contextlib
import json
import os
import select
import selectors
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import tasklet_bench
from tasklet_bench.bench.execution import sandbox
from tasklet_bench.bench.execution.compiling import Compiling
from tasklet_bench.bench.execution.fork_server import COMPILING, READY
from tasklet_bench.bench.execution.limits import ONE_THREAD
from tasklet_bench.bench.execution.outcome import never_started
from tasklet_bench.bench.execution.slot import Slot, SupervisorGone
from tasklet_bench.bench.execution.stopping import Stop, stop_on_signals
from tasklet_bench.bench.runs.canonical import canonical_json
from tasklet_bench.bench.runs.record import Improvement, RunRecord
from tasklet_bench.bench.runs.spec import Entrant, ProblemRef, RunSpec
from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.strategies.registry import STRATEGIES

_PROJECT = str(Path(tasklet_bench.__file__).parent.parent)
_CLOSE_S = 8.0
MOST_INSTANCES = 32
"""So many instances of a campaign tell what is compiled in advance; what others need is compiled in their runs."""
NOT_GUARANTEED = (
    "without it, runs can read the tables and each other's files, reach the network, and signal whatever their user may"
)


class ForkServer:
    """A running fork server; close it, or use it as a context, and nothing of it is left.

    Registered strategies among `entrants` are prepared in advance, in the fork server, so that their runs start at
    once, and for instances of the catalogue among `problems` alone. With `hidden`, a list of folders that runs shall
    not see, they are untrusted: see `execution.sandbox`.
    """

    def __init__(
        self,
        entrants: Iterable[Entrant] = (),
        hidden: Sequence[str] | None = None,
        problems: Iterable[ProblemRef] = (),
    ) -> None:
        registered = {canonical_json([e.target, e.parameters]) for e in entrants if e.target in STRATEGIES}
        instances = dict.fromkeys(ref.name for ref in problems if ref.content is None)
        self._untrusted = hidden is not None
        self._control, theirs = socket.socketpair()
        path = os.pathsep.join(filter(None, (_PROJECT, os.environ.get("PYTHONPATH"))))
        known = dict(os.environ) if hidden is None else sandbox.environment()
        self._process = subprocess.Popen(  # noqa: S603 - our own module
            [
                sys.executable,
                "-P",
                "-m",
                "tasklet_bench.bench.execution.fork_server",
                str(theirs.fileno()),
                json.dumps(None if hidden is None else list(hidden)),
                json.dumps(_few(list(instances))),
                *sorted(registered),
            ],
            pass_fds=[theirs.fileno()],
            env={**known, **ONE_THREAD, "PYTHONHASHSEED": "0", "PYTHONPATH": path},
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        theirs.close()
        self._ready = False

    def slot(self) -> Slot:
        """A place to make one run at a time; raises `RuntimeError` if the fork server did not start or is stuck."""
        self.wait()
        ours, theirs = socket.socketpair()
        try:
            socket.send_fds(self._control, [b"w"], [theirs.fileno()])
            return Slot(ours, untrusted=self._untrusted)
        except (OSError, TimeoutError) as fault:
            ours.close()
            self._process.kill()
            raise RuntimeError(f"the fork server does not answer: {fault}") from None
        finally:
            theirs.close()

    def wait(self, stop: Stop | None = None, on_compiling: Callable[[Compiling], None] = lambda _: None) -> bool:
        """Wait until everything is loaded, compiled for the first time even; False if a stop is requested meanwhile.

        `on_compiling` receives the progress. Raises `BadInput` where the system does not separate untrusted runs.
        """
        if not self._ready:
            watched: list[Any] = [self._control] if stop is None else [self._control, stop]
            said = self._answer(watched, on_compiling)
            if said is None:
                return False
            if not said:
                raise RuntimeError("the fork server did not start; its message stands on standard error")
            if said != READY:
                reason = said[1:].decode(errors="replace")
                raise BadInput.at("option --untrusted", "system", f"refuses {reason}", f"namespaces; {NOT_GUARANTEED}")
            self._ready = True
        return True

    def _answer(self, watched: list[Any], on_compiling: Callable[[Compiling], None]) -> bytes | None:
        """What the fork server says when it has loaded all; empty if it ended before, None if a stop came first."""
        said = b""
        while not said or said[:1] == COMPILING:
            ready, _, _ = select.select(watched, [], [])
            if self._control not in ready:
                return None
            received = self._control.recv(1 << 12)
            if not received:
                return b""
            said += received
            while said[:1] == COMPILING and b"\n" in said:
                line, _, said = said.partition(b"\n")
                on_compiling(Compiling(**json.loads(line[1:])))
        return said

    @property
    def alive(self) -> bool:
        """Whether it can still give slots."""
        return self._process.poll() is None

    @property
    def pid(self) -> int:
        """Its process."""
        return self._process.pid

    def close(self) -> None:
        """End the fork server; runs that are still on are killed, and so is one that is still loading or compiling."""
        self._control.close()
        if not self._ready:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
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


def _few(names: list[str]) -> list[str]:
    """At most `MOST_INSTANCES` of the names, spread over all of them."""
    step = -(-len(names) // MOST_INSTANCES)
    return names[:: max(1, step)]


class Session:
    """Runs one after the other in one fork server of their own; a context, after which nothing of it is left.

    `on_compiling` receives the progress, where the code of `entrants` for `problems` is not cached. Ctrl-C ends
    the run that is on, with what it has found.
    """

    def __init__(
        self,
        entrants: Iterable[Entrant],
        problems: Iterable[ProblemRef] = (),
        on_compiling: Callable[[Compiling], None] = lambda _: None,
    ) -> None:
        self._opened = contextlib.ExitStack()
        self._entrants = tuple(entrants)
        self._problems = tuple(problems)
        self._on_compiling = on_compiling

    def run(self, spec: RunSpec, on_improvement: Callable[[Improvement], None] = lambda _: None) -> RunRecord:
        """Make one run and return its record; one that was stopped before it began is `interrupted`."""
        if not self._server.wait(self._stop, self._on_compiling):
            return never_started(spec)
        with self._server.slot() as slot:
            slot.start(spec, self._selector, on_improvement)
            try:
                return wait_for_record(slot, self._selector)
            except SupervisorGone as gone:
                return gone.record

    def __enter__(self) -> Self:
        self._stop = self._opened.enter_context(stop_on_signals())
        self._server = self._opened.enter_context(ForkServer(self._entrants, problems=self._problems))
        self._selector = self._opened.enter_context(selectors.DefaultSelector())
        self._selector.register(self._stop, selectors.EVENT_READ)
        return self

    def __exit__(self, *ending: object) -> None:
        self._opened.close()


def run(
    spec: RunSpec,
    on_improvement: Callable[[Improvement], None] = lambda _: None,
    on_compiling: Callable[[Compiling], None] = lambda _: None,
) -> RunRecord:
    """Make one run in a fork server of its own and return its record; Ctrl-C ends it with what it has found."""
    with Session([spec.entrant], [spec.problem], on_compiling) as session:
        return session.run(spec, on_improvement)


def wait_for_record(slot: Slot, selector: selectors.BaseSelector) -> RunRecord:
    """Wait for the record of the run that is on in a slot; anything else that the selector receives asks to stop it.

    Raises `SupervisorGone` when its supervisor was killed, or is overdue.
    """
    while True:
        for key, _ in selector.select(slot.seconds_left):
            if key.data is slot:
                record: RunRecord | None = slot.hear(key.fd)
                if record is not None:
                    return record
            else:
                selector.unregister(key.fileobj)
                slot.stop()
        if slot.seconds_left == 0.0:
            slot.give_up()
