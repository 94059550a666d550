"""What happens on a Dask worker: runs in isolated children of the worker, as many as it has threads."""

from __future__ import annotations

import selectors
from collections.abc import Sequence
from threading import Lock
from typing import TYPE_CHECKING, Any

from distributed import WorkerPlugin, get_worker

from tasklet_bench.bench.execution.fork_server_client import Nursery, heard_out
from tasklet_bench.bench.execution.slot import Slot, WardenGone
from tasklet_bench.bench.plugins import file_of, load_strategy
from tasklet_bench.bench.runs.record import RunRecord
from tasklet_bench.bench.runs.spec import Entrant, RunSpec

if TYPE_CHECKING:
    from distributed import Worker


class Runs(WorkerPlugin):
    """A worker's nursery and its slots, for as long as one campaign lasts.

    The texts of strategies that come from a file are carried along, for workers that do not have the file.
    """

    def __init__(self, name: str, entrants: Sequence[Entrant]) -> None:
        self.name = name
        self._entrants = list(entrants)
        files = {entrant.target: file for entrant in entrants if (file := file_of(entrant.target)) is not None}
        self._sources = {target: file.read_text(encoding="utf-8") for target, file in files.items()}

    def setup(self, worker: Worker) -> None:  # noqa: ARG002 - the interface is Dask's
        """Start the nursery."""
        self._lock = Lock()
        self._free: list[Slot] = []
        self._busy: set[Slot] = set()
        self._checked: set[str] = set()
        self._stopped = False
        self._nursery = Nursery(self._entrants)

    def teardown(self, worker: Worker) -> None:  # noqa: ARG002 - the interface is Dask's
        """End whatever is on."""
        self._nursery.close()

    def make(self, spec: RunSpec) -> RunRecord:
        """Make one run in this thread."""
        self._check(spec.entrant)
        slot = self._taken()
        try:
            with selectors.DefaultSelector() as selector:
                slot.start(spec, selector, source=self._source(spec.entrant.target))
                if self._stopped:
                    slot.stop()
                record = heard_out(slot, selector)
        except WardenGone as gone:
            self._give_back(slot, usable=False)
            return gone.record
        self._give_back(slot, usable=True)
        return record

    def stop(self) -> None:
        """End the runs that are on, and those that are still to come."""
        with self._lock:
            self._stopped = True
            for slot in self._busy:
                slot.stop()

    def _check(self, of: Entrant) -> None:
        """Raise `BadInput` if this worker has another version of the project than the campaign was planned with."""
        with self._lock:
            if of.name not in self._checked and file_of(of.target) is None:
                load_strategy(of)
            self._checked.add(of.name)

    def _source(self, target: str) -> str | None:
        """The carried text of a strategy's file, unless this worker has the same file, and maybe its neighbours."""
        text, own = self._sources.get(target), file_of(target)
        if own is not None and own.is_file() and own.read_text(encoding="utf-8") == text:
            return None
        return text

    def _taken(self) -> Slot:
        with self._lock:
            slot = self._free.pop() if self._free else self._nursery.slot()
            if not slot.usable:
                slot.close()
                slot = self._nursery.slot()
            self._busy.add(slot)
            return slot

    def _give_back(self, slot: Slot, *, usable: bool) -> None:
        with self._lock:
            self._busy.remove(slot)
            if usable:
                self._free.append(slot)
            else:
                slot.close()


def make(spec: RunSpec, campaign: str, task: str) -> RunRecord:
    """A task: say that it has started, and make the run."""
    worker = get_worker()
    worker.log_event(campaign, task)
    runs: Any = worker.plugins[campaign]
    record: RunRecord = runs.make(spec)
    return record


def stop(campaign: str, dask_worker: Any = None) -> None:
    """End all runs of a campaign on a worker; sent to each by `Client.run`."""
    dask_worker.plugins[campaign].stop()
