"""Carry a campaign out: find what is missing, have it made, and store each record as it comes."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from tasklet_bench.bench.campaigns.admission import Admission, changed_since
from tasklet_bench.bench.campaigns.campaign import Campaign, missing
from tasklet_bench.bench.engines.events import Event, Planned
from tasklet_bench.bench.engines.local import run_all
from tasklet_bench.bench.execution.outcome import build_invalid_record
from tasklet_bench.bench.plugins import load_problem
from tasklet_bench.bench.results import best_known
from tasklet_bench.bench.results.store import OWN_FILES, Store
from tasklet_bench.bench.runs.record import RunRecord
from tasklet_bench.bench.runs.spec import ProblemRef, RunSpec


class Engine(Protocol):
    """Makes runs somewhere; the engines' `run_all`."""

    def __call__(
        self,
        specs: Sequence[RunSpec],
        on_record: Callable[[RunRecord], None],
        on_event: Callable[[Event], None],
        workers: int | None,
        *,
        meanwhile: Iterable[object],
        first: Iterable[object],
    ) -> bool:
        """Make all runs and hand over their records; False if a signal stopped it.

        The steps of `meanwhile` are taken while what makes the runs gets ready, those of `first` before the first run.
        """
        ...


@dataclass(frozen=True)
class Outcome:
    """What came of a campaign: how many runs it has, were made before, now, and failed now; and whether all are made.

    `strays` are files that have turned up in the store's folder and are not the store's: most likely a strategy's.
    `changed` are records that somebody else has changed or removed since they were written, by their labels.
    """

    total: int
    already: int
    made: int
    failed: int
    finished: bool
    strays: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()

    @property
    def left(self) -> int:
        """How many runs are still to be made."""
        return self.total - self.already - self.made


def plan(campaign: Campaign, store: Store | None, *, retry_failed: bool = False) -> tuple[list[RunSpec], list[RunSpec]]:
    """All runs of a campaign, and those of them that a store lacks."""
    specs = list(campaign.specs())
    return specs, missing(specs, store.done() if store is not None else {}, retry_failed=retry_failed)


def conduct(
    campaign: Campaign,
    store: Store,
    *,
    retry_failed: bool = False,
    workers: int | None = None,
    on_event: Callable[[Event], None] = lambda _: None,
    engine: Engine = run_all,
    meanwhile: Iterable[object] = (),
) -> Outcome:
    """Make all runs that the store lacks; Ctrl-C, SIGTERM and SIGHUP end it cleanly with everything stored.

    A record that cannot be stored as it is becomes one that says so, and the campaign goes on. `engine`
    says where: `bench.engines.local.run_all`, or `bench.engines.dask.run_all` with a scheduler bound to it. The steps
    of `meanwhile` are taken while what makes the runs gets ready, unless there is nothing to do.
    """
    specs, wanted = plan(campaign, store, retry_failed=retry_failed)
    store.add_to_suite(specs)
    on_event(Planned.of(len(specs), wanted))
    before = _files(store.folder)
    statuses: list[str] = []
    interrupted: list[RunRecord] = []
    written: dict[str, RunRecord] = {}
    admission = Admission(best_known.read() if wanted else {})  # as the table is before anything runs

    def keep(record: RunRecord) -> None:
        if record.status != "interrupted":
            record = _store(store, admission, record)
            written[record.spec.key] = record
            statuses.append(record.status)
        else:
            interrupted.append(record)

    at_once = 1 if campaign.timing else workers
    added = _add_instances(campaign, store)
    finished = engine(wanted, keep, on_event, at_once, meanwhile=meanwhile if wanted else (), first=added)
    finished = finished and not interrupted  # a Dask worker that is stopped ends its runs, unlike one that dies
    failed = sum(status != "ok" for status in statuses)
    strays = sorted(_files(store.folder) - before - set(OWN_FILES))
    changed = changed_since(written, store.runs()) if written else []
    already = len(specs) - len(wanted)
    return Outcome(len(specs), already, len(statuses), failed, finished, tuple(strays), tuple(changed))


def _add_instances(campaign: Campaign, store: Store) -> Iterator[ProblemRef]:
    """Keep what the store lacks of the campaign's instances, one after the other: each has to be scored for that."""
    known = store.penalties()
    for ref, _ in campaign.problems:
        if ref.digest not in known:
            store.add_instance(ref, load_problem(ref))
            yield ref


def _store(store: Store, admission: Admission, record: RunRecord) -> RunRecord:
    """Store a record, or one that says why it cannot be stored; returns which.

    Raises `sqlite3.OperationalError` where no record could be: a full disk, a folder that is gone.
    """
    try:
        record = admission.admit(record)
        store.append(record)
    except sqlite3.OperationalError:
        raise
    except Exception as fault:  # about this one record
        record = build_invalid_record(
            record.spec, f"storing it failed: {type(fault).__name__}: {fault}", record.started_at
        )
        store.append(record)
    return record


def _files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()}
