"""Trials: short runs of one strategy, each made as campaigns make theirs, in an isolated child under the real meter."""

from __future__ import annotations

import json
import selectors
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tasklet_bench.bench.contract.instances import Instances, instances_for
from tasklet_bench.bench.contract.trial import End, Trial, Watch
from tasklet_bench.bench.execution.fork_server_client import ForkServer
from tasklet_bench.bench.execution.slot import Slot, SupervisorGone
from tasklet_bench.bench.plugins import entrant, problem_named, problem_ref
from tasklet_bench.bench.runs.budget import PREPARE_LIMIT_S, Budget
from tasklet_bench.bench.runs.record import RunRecord
from tasklet_bench.bench.runs.spec import Entrant, RunSpec
from tasklet_bench.problems.problem import Problem

RIVALS = ("random", "exact-small")
"""Strategies that clauses compare with."""

PATIENCE_S = 15.0
"""Seconds on the clock after which a trial is ended, whatever its budget."""
SHORT_PATIENCE_S = 4.0
"""The same, once a trial had to be ended: a strategy that hangs shall not hang the check."""
SETTLED_S = 0.2
"""A run that is to be asked to end is asked so long after its first result."""

ENOUGH = Budget(evaluations=60)
"""The budget of trials for which any short one will do."""


class Trials:
    """Makes trials of one entrant; equal ones are made once. A context: its processes are gone at the end.

    A `server` that is given is shared with others and left to its owner.
    """

    def __init__(self, of: Entrant, server: ForkServer | None = None, instances: Instances | None = None) -> None:
        self.of = of
        self.instances = instances or instances_for(of)
        self._opened = ExitStack()
        self._made: dict[tuple[Any, ...], Trial] = {}
        self._problems: dict[str, Problem] = {}
        self._patience_s = PATIENCE_S
        self._server = server
        self._slot: Slot | None = None
        self._prepared = False

    @property
    def _rivals(self) -> tuple[str, ...]:
        return RIVALS if self.instances.provable else RIVALS[:1]

    def __enter__(self) -> Self:
        self._folder = Path(self._opened.enter_context(tempfile.TemporaryDirectory(prefix="tasklet-bench-check-")))
        self._selector = self._opened.enter_context(selectors.DefaultSelector())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._opened.close()

    def problem(self, name: str) -> Problem:
        """The instance of that name, in this process."""
        if name not in self._problems:
            self._problems[name] = problem_named(name)
        return self._problems[name]

    def make(
        self, problem: str, seed: int = 0, budget: Budget = ENOUGH, watch: Watch | None = None, again: int = 0
    ) -> Trial:
        """One run of the strategy; `again` tells trials apart that are to be made more than once."""
        key = (problem, seed, budget, watch, again)
        if key not in self._made:
            self._made[key] = self._trial(self._spec(problem, seed, budget), watch, None)
        return self._made[key]

    def asked_to_end(self, problem: str, budget: Budget) -> Trial:
        """One run that is asked to end shortly after its first result; never the same one twice."""
        return self._trial(self._spec(problem, 0, budget), None, SETTLED_S)

    def of_another(self, strategy: str, problem: str, seed: int, budget: Budget) -> RunRecord:
        """The record of one of the `RIVALS`, to compare with."""
        spec = replace(self._spec(problem, seed, budget), entrant=entrant(strategy))
        return self._wait_for_record(spec, End(PREPARE_LIMIT_S)).record

    def _spec(self, problem: str, seed: int, budget: Budget) -> RunSpec:
        return RunSpec(problem_ref(self.problem(problem)), self.of, seed, budget)

    def _trial(self, spec: RunSpec, watch: Watch | None, ask_after_s: float | None) -> Trial:
        if not self._prepared:
            self._prepare(spec)
        end = End(self._patience_s, ask_after_s)
        trial = self._wait_for_record(spec, end) if watch is None else self._watched(spec, end, watch)
        if trial.cut_off:
            self._patience_s = SHORT_PATIENCE_S
        return trial

    def _prepare(self, spec: RunSpec) -> None:
        """One run that does not search: what has to be compiled for the first time is compiled before any clause."""
        self._prepared = True
        self._watched(spec, End(PREPARE_LIMIT_S), Watch(idle=True))

    def _watched(self, spec: RunSpec, end: End, watch: Watch) -> Trial:
        notes = self._folder / f"notes-{len(list(self._folder.iterdir()))}"
        notes.touch()
        of = json.dumps(asdict(spec.entrant))
        eyes = entrant(f"{Path(__file__).with_name('watched.py')}:Watched", {"of": of, "notes": notes, **asdict(watch)})
        trial = self._wait_for_record(replace(spec, entrant=eyes), end)
        record = replace(trial.record, spec=spec)
        return replace(trial, record=record, notes=tuple(map(json.loads, notes.read_text().splitlines())))

    def _wait_for_record(self, spec: RunSpec, end: End) -> Trial:
        """Make a run and wait for its record; ask it to end when that is due."""
        slot = self._usable_slot()
        end.start()
        slot.start(spec, self._selector, end.improved)
        record: RunRecord | None = None
        while record is None:
            waits = [seconds for seconds in (end.due_in_s(), slot.seconds_left) if seconds is not None]
            ready = self._selector.select(min(waits, default=None))
            received_at = time.monotonic()
            for key, _ in ready:
                record = record or self._taken(slot, partial(slot.hear, key.fd))
            if record is None and slot.seconds_left == 0.0:
                record = self._taken(slot, slot.give_up)
            if end.due_in_s() == 0 and record is None:
                end.asked_at = time.monotonic()
                slot.stop()
        if record.status != "interrupted" or end.asked_at is None:
            return Trial(record)
        if end.begun:
            return Trial(record, ended_after_s=received_at - end.asked_at)
        return Trial(record, cut_off=True)

    def _taken(self, slot: Slot, take: Callable[[], RunRecord | None]) -> RunRecord | None:
        """The record, if `take` has it; a slot whose supervisor is gone is given up."""
        try:
            return take()
        except SupervisorGone as gone:
            slot.close()
            self._slot = None
            return gone.record

    def _usable_slot(self) -> Slot:
        if self._server is None or not self._server.alive:
            self._server = self._opened.enter_context(ForkServer([self.of, *map(entrant, self._rivals)]))
            self._slot = None
        if self._slot is None or not self._slot.usable:
            self._slot = self._opened.enter_context(self._server.slot())
        return self._slot
