"""Carry a campaign out: find what is missing, have it made, and store each record as it comes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bench.campaign import Campaign, missing
from bench.engine.events import Event
from bench.engine.local import run_all
from bench.penalty import penalty_s
from bench.plugins import load_problem
from bench.record import RunRecord, RunSpec
from bench.store import Store


@dataclass(frozen=True)
class Outcome:
    """What came of a campaign: how many runs it has, were made now, and of these failed; and whether all are made."""

    total: int
    made: int
    failed: int
    finished: bool


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
) -> Outcome:
    """Make all runs that the store lacks; Ctrl-C and SIGTERM end it cleanly with everything stored."""
    specs, wanted = plan(campaign, store, retry_failed=retry_failed)
    known = store.penalties()
    for ref, _ in campaign.problems:
        if ref.digest not in known:
            store.add_instance(ref, penalty_s(load_problem(ref)))
    store.add_to_suite(specs)
    statuses: list[str] = []

    def keep(record: RunRecord) -> None:
        if record.status != "interrupted":
            store.append(record)
            statuses.append(record.status)

    finished = run_all(wanted, keep, on_event, 1 if campaign.timing else workers)
    return Outcome(len(specs), len(statuses), sum(status != "ok" for status in statuses), finished)
