"""What happens on a Dask worker: isolated runs, as many as it has threads."""

from __future__ import annotations

import selectors
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from distributed import WorkerPlugin, get_worker

from tasklet_bench.bench.execution.fork_server_client import ForkServer, wait_for_record
from tasklet_bench.bench.execution.slot import Slot, SupervisorGone
from tasklet_bench.bench.plugins import Bundle, check_code
from tasklet_bench.bench.runs.record import RunRecord
from tasklet_bench.bench.runs.spec import Entrant, RunSpec

if TYPE_CHECKING:
    from distributed import Worker


class Runs(WorkerPlugin):
    """A worker's fork server and its slots, for as long as one campaign lasts.

    The sources of plug-ins are carried along with those of their neighbours, but no data files.
    """

    def __init__(self, name: str, entrants: Sequence[Entrant], hidden: Sequence[str] | None = None) -> None:
        self.name = name
        self._hidden = hidden
        self._entrants = list(entrants)
        bundles = {entrant.target: Bundle.of(entrant.target) for entrant in entrants}
        self._bundles = {target: bundle for target, bundle in bundles.items() if bundle is not None}

    def setup(self, worker: Worker) -> None:  # noqa: ARG002 - the interface is Dask's
        """Start the fork server."""
        self._lock = Lock()
        self._free: list[Slot] = []
        self._busy: set[Slot] = set()
        self._here: dict[str, Entrant] = {}
        self._folder = tempfile.TemporaryDirectory(prefix="tasklet-bench-plugins-")
        self._stopped = False
        self._server = ForkServer(self._entrants, self._hidden)

    def teardown(self, worker: Worker) -> None:  # noqa: ARG002 - the interface is Dask's
        """End whatever is on."""
        self._server.close()
        self._folder.cleanup()

    def make(self, spec: RunSpec) -> RunRecord:
        """Make one run in this thread."""
        local = replace(spec, entrant=self._on_this_machine(spec.entrant))
        slot = self._taken()
        try:
            with selectors.DefaultSelector() as selector:
                slot.start(local, selector)
                if self._stopped:
                    slot.stop()
                record = wait_for_record(slot, selector)
        except SupervisorGone as gone:
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

    def _on_this_machine(self, of: Entrant) -> Entrant:
        """The entrant as this worker loads it: a plug-in by what was carried here, whatever else is here.

        Raises `BadInput` if the code or a library differs from what the campaign was planned with.
        """
        with self._lock:
            if of.name not in self._here:
                bundle = self._bundles.get(of.target)
                target = of.target if bundle is None else bundle.unpack(Path(self._folder.name), of.target)
                here = replace(of, target=target)
                check_code(here)
                self._here[of.name] = here
            return self._here[of.name]

    def _taken(self) -> Slot:
        with self._lock:
            slot = self._free.pop() if self._free else self._server.slot()
            if not slot.usable:
                slot.close()
                slot = self._server.slot()
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
