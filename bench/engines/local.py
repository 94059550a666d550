"""The local engine: as many runs at a time as there are cores, each in a worker of its own."""

from __future__ import annotations

import selectors
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from functools import partial

from tasklet_bench.bench.engines.events import Event, Finished, Improved, Started
from tasklet_bench.bench.execution.fork_server_client import ForkServer
from tasklet_bench.bench.execution.limits import cores
from tasklet_bench.bench.execution.slot import Slot, SupervisorGone
from tasklet_bench.bench.execution.stopping import Stop, stop_on_signals
from tasklet_bench.bench.runs.record import Improvement, RunRecord
from tasklet_bench.bench.runs.spec import RunSpec
from tasklet_bench.problems.bad_input import BadInput

MOST_SERVERS = 3
"""Fork servers that are tried one after the other, where they do not answer."""
OnEvent = Callable[[Event], None]


def run_all(
    specs: Sequence[RunSpec],
    on_record: Callable[[RunRecord], None],
    on_event: OnEvent = lambda _: None,
    workers: int | None = None,
    hidden: Sequence[str] | None = None,
    meanwhile: Iterable[object] = (),
    first: Iterable[object] = (),
) -> bool:
    """Make all runs, in order, and hand each record to `on_record` in this thread as it comes.

    The steps of `meanwhile` are taken while the fork server loads, and those of `first` afterwards, when what they
    need is compiled. `workers` is how many go on at a
    time: the number of cores unless given. With `hidden`, folders that runs shall not see, they are untrusted. Returns
    False if Ctrl-C, SIGTERM or SIGHUP stopped it; the runs that were on are ended, and their records handed over with
    the status `interrupted`. Raises `BadInput` if a run is to be timed and no core is free of other campaigns, or if
    untrusted runs cannot be separated.
    """
    with stop_on_signals() as stop, ExitStack() as opened:
        return _Engine(opened, specs, on_record, on_event, stop, hidden).go(workers or len(cores()), meanwhile, first)


class _Engine:
    def __init__(
        self,
        opened: ExitStack,
        specs: Sequence[RunSpec],
        on_record: Callable[[RunRecord], None],
        on_event: OnEvent,
        stop: Stop,
        hidden: Sequence[str] | None,
    ) -> None:
        self._opened = opened
        self._entrants = [spec.entrant for spec in specs]
        self._problems = [spec.problem for spec in specs]
        self._specs: Iterator[RunSpec] = iter(specs)
        self._on_record = on_record
        self._on_event = on_event
        self._stop = stop
        self._selector = opened.enter_context(selectors.DefaultSelector())
        self._hidden = hidden
        self._server: ForkServer | None = None
        self._busy: set[Slot] = set()
        """The slots with a run that is on."""

    def go(self, workers: int, meanwhile: Iterable[object], first: Iterable[object]) -> bool:
        self._selector.register(self._stop, selectors.EVENT_READ)
        server = self._new_server() if self._entrants else None
        self._stop.go_through(meanwhile)
        if server is not None:
            server.wait(self._stop, self._on_event)
        self._stop.go_through(first)
        for _ in range(workers):
            self._next()
        while self._busy:
            for key, _ in self._selector.select(min(slot.seconds_left or 0.0 for slot in self._busy)):
                if key.fileobj is self._stop:
                    self._stop_all()
                elif key.data in self._busy:
                    self._hear(key.data, partial(key.data.hear, key.fd))
            for slot in [slot for slot in self._busy if slot.seconds_left == 0.0]:
                self._hear(slot, slot.give_up)
        return not self._stop.requested

    def _next(self, slot: Slot | None = None) -> None:
        """Start the next run, if there is one, in a slot that has become free or in a new one."""
        spec = None if self._stop.requested else next(self._specs, None)
        if spec is None:
            return
        if slot is None or not slot.usable:
            slot = self._slot()
        if spec.timing and not slot.core.exclusive:
            raise BadInput.at("option --timing", "cores", "none free", "one: another campaign is on, wait for it")
        slot.start(spec, self._selector, partial(self._improved, spec))
        self._busy.add(slot)
        self._on_event(Started(spec))

    def _slot(self) -> Slot:
        for left in reversed(range(MOST_SERVERS)):
            server = self._server if self._server is not None and self._server.alive else self._new_server()
            try:
                return self._opened.enter_context(server.slot())
            except RuntimeError:
                self._server = None
                if not left:
                    raise
        raise AssertionError("unreachable")

    def _new_server(self) -> ForkServer:
        self._server = self._opened.enter_context(ForkServer(self._entrants, self._hidden, self._problems))
        return self._server

    def _hear(self, slot: Slot, take: Callable[[], RunRecord | None]) -> None:
        again: Slot | None = slot
        try:
            record = take()
        except SupervisorGone as gone:
            record, again = gone.record, None
            slot.close()
        if record is None:
            return
        self._busy.remove(slot)
        self._next(again)
        self._on_record(record)
        self._on_event(Finished(record))

    def _stop_all(self) -> None:
        self._selector.unregister(self._stop)
        for slot in self._busy:
            slot.stop()

    def _improved(self, spec: RunSpec, row: Improvement) -> None:
        self._on_event(Improved(spec, row))
