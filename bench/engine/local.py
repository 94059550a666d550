"""The local engine: as many runs at a time as there are cores, each in a child of its own."""

from __future__ import annotations

import selectors
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from functools import partial

from bench.engine.events import Event, Finished, Improved, Started
from bench.engine.stopping import Stop, stop_on_signals
from bench.isolation.limits import cores
from bench.isolation.nursery import Nursery
from bench.isolation.slot import Slot, WardenGone
from bench.record import Improvement, RunRecord, RunSpec

OnEvent = Callable[[Event], None]


def run_all(
    specs: Iterable[RunSpec],
    on_record: Callable[[RunRecord], None],
    on_event: OnEvent = lambda _: None,
    workers: int | None = None,
) -> bool:
    """Make all runs, in order, and hand each record to `on_record` in this thread as it comes.

    `workers` is how many go on at a time: the number of cores unless told. Returns False if Ctrl-C or SIGTERM stopped
    it; runs that were on are then ended and not handed over.
    """
    with stop_on_signals() as stop, ExitStack() as opened:
        engine = _Engine(opened, iter(specs), on_record, on_event, stop)
        return engine.go(workers or len(cores()))


class _Engine:
    def __init__(
        self,
        opened: ExitStack,
        specs: Iterator[RunSpec],
        on_record: Callable[[RunRecord], None],
        on_event: OnEvent,
        stop: Stop,
    ) -> None:
        self._opened = opened
        self._specs = specs
        self._on_record = on_record
        self._on_event = on_event
        self._stop = stop
        self._selector = opened.enter_context(selectors.DefaultSelector())
        self._nursery: Nursery | None = None
        self._busy = 0

    def go(self, workers: int) -> bool:
        self._selector.register(self._stop, selectors.EVENT_READ)
        usable = cores()
        for index in range(workers):
            self._next(core=usable[-1 - index % len(usable)])
        while self._busy and not self._stop.requested:
            for key, _ in self._selector.select():
                if isinstance(key.data, tuple):
                    self._hear(key.fd, *key.data)
        return not self._stop.requested

    def _next(self, core: int, slot: Slot | None = None) -> None:
        """Start the next run, if there is one, in a slot on that core."""
        spec = next(self._specs, None)
        if spec is None:
            return
        slot = slot or self._slot(core)
        slot.start(spec, self._selector, partial(self._improved, spec), data=(slot, core))
        self._busy += 1
        self._on_event(Started(spec))

    def _slot(self, core: int) -> Slot:
        if self._nursery is None or not self._nursery.alive:
            self._nursery = self._opened.enter_context(Nursery())
        return self._opened.enter_context(self._nursery.slot(core))

    def _hear(self, descriptor: int, slot: Slot, core: int) -> None:
        again: Slot | None = slot
        try:
            record = slot.hear(descriptor)
        except WardenGone as gone:
            record, again = gone.record, None
            slot.close()
        if record is None:
            return
        self._busy -= 1
        self._next(core, again)
        self._on_record(record)
        self._on_event(Finished(record))

    def _improved(self, spec: RunSpec, row: Improvement) -> None:
        self._on_event(Improved(spec, row))
