"""The Dask engine: the same isolated runs, made on the workers of a cluster.

Dask carries specs out and records back, nothing else. No more runs are handed out than there are worker threads, so a
worker that dies costs the runs that it was making and no others; these are made again, with their attempt counted.
"""

from __future__ import annotations

import queue
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from itertools import chain
from uuid import uuid4

from distributed import Client, Future, KilledWorker, LocalCluster
from distributed.comm.core import CommClosedError

from tasklet_bench.bench.engines import dask_worker
from tasklet_bench.bench.engines.dask_address import TlsFiles, check_scheduler
from tasklet_bench.bench.engines.events import Event, Finished, Started
from tasklet_bench.bench.execution.limits import ONE_THREAD, cores
from tasklet_bench.bench.execution.outcome import build_invalid_record, build_record
from tasklet_bench.bench.execution.reception import ReceivedMessages
from tasklet_bench.bench.execution.stopping import Stop, stop_on_signals
from tasklet_bench.bench.runs.record import RunRecord
from tasklet_bench.bench.runs.spec import RunSpec
from tasklet_bench.problems.bad_input import BadInput, OutsideFault

MOST_STARTS = 3
"""A run that was on when so many workers died is recorded as crashed."""
CONNECT_S = 10
LOOK_EVERY_S = 2.0
"""How often to look, while no message arrives, whether the scheduler is there and workers have joined."""


def run_all(
    specs: Sequence[RunSpec],
    on_record: Callable[[RunRecord], None],
    on_event: Callable[[Event], None] = lambda _: None,
    workers: int | None = None,
    scheduler: str | None = None,
    tls: TlsFiles | None = None,
    hidden: Sequence[str] | None = None,
    meanwhile: Iterable[object] = (),
    first: Iterable[object] = (),
) -> bool:
    """Make all runs and hand each record to `on_record` in this thread as it comes, as the local engine does.

    The steps of `meanwhile` and then of `first` are taken before the first run. Improvements do not reach `on_event`:
    they come with the record. `hidden` are folders that untrusted runs do not see on a worker's machine. `scheduler` is
    a Dask scheduler's address, with `tls` for an encrypted one; without one a local cluster of `workers` is started, on
    loopback. Raises `BadInput` if there is no scheduler, a run is to be timed or a worker has other code or libraries,
    `OutsideFault` if the scheduler goes away.
    """
    if any(spec.timing for spec in specs):
        raise BadInput.at("option --timing", "engine", "dask", "local: a cluster's workers are not alone")
    with stop_on_signals() as stop, _client(scheduler, workers or len(cores()), tls) as client:
        campaign = f"tasklet-bench-{uuid4().hex}"
        client.register_plugin(
            dask_worker.Runs(campaign, list({spec.entrant.name: spec.entrant for spec in specs}.values()), hidden)
        )
        stop.go_through(chain(meanwhile, first))
        finished = _Engine(client, campaign, specs, on_record, on_event, stop).go()
        client.unregister_worker_plugin(campaign)
        return finished


@contextmanager
def _client(scheduler: str | None, workers: int, tls: TlsFiles | None) -> Iterator[Client]:
    if scheduler is None:
        with (
            LocalCluster(
                n_workers=workers,
                threads_per_worker=1,
                host="127.0.0.1",
                dashboard_address=None,
                memory_limit=0,
                env=ONE_THREAD,
            ) as cluster,
            Client(cluster, set_as_default=False) as client,
        ):
            yield client
        return
    security = None if tls is None else tls.security()
    check_scheduler(scheduler, security)
    try:
        client = Client(scheduler, timeout=CONNECT_S, set_as_default=False, security=security)
    except (OSError, TimeoutError, ValueError) as error:
        raise BadInput.at("option --scheduler", "address", scheduler, f"a Dask scheduler ({error})") from None
    with client:
        yield client


class _Engine:
    def __init__(
        self,
        client: Client,
        campaign: str,
        specs: Sequence[RunSpec],
        on_record: Callable[[RunRecord], None],
        on_event: Callable[[Event], None],
        stop: Stop,
    ) -> None:
        self._client = client
        self._campaign = campaign
        self._specs = iter(specs)
        self._on_record = on_record
        self._on_event = on_event
        self._stop = stop
        self._news: queue.SimpleQueue[tuple[str, str]] = queue.SimpleQueue()
        """What Dask's threads and signals have to say: `started`, `over` or `stop`, and of which task."""
        self._on: dict[str, tuple[RunSpec, Future[RunRecord]]] = {}
        """Runs that are handed out, by their task."""
        self._starts: Counter[str] = Counter()
        """How often each has been started: more than once if a worker died with it."""

    def go(self) -> bool:
        self._stop.on_request = lambda: self._news.put(("stop", ""))
        self._client.subscribe_topic(self._campaign, lambda event: self._news.put(("started", event[1])))
        self._hand_out()
        while self._on:
            try:
                kind, task = self._news.get(timeout=LOOK_EVERY_S)
            except queue.Empty:
                kind, task = "nothing", ""
            if kind == "stop":
                with _scheduler_there():
                    self._client.run(dask_worker.stop, self._campaign, on_error="ignore")
            elif kind == "started":
                self._started(task)
            elif kind == "over" and task in self._on:
                self._over(task)
            self._hand_out()
        return not self._stop.requested

    def _hand_out(self) -> None:
        """Keep every thread of every worker busy, and no more: what waits at a worker would die with it."""
        with _scheduler_there():
            if self._client.status != "running":
                raise CommClosedError
            threads = sum(self._client.nthreads().values())
        while len(self._on) < threads and not self._stop.requested:
            spec = next(self._specs, None)
            if spec is None:
                return
            self._submit(spec)

    def _submit(self, spec: RunSpec) -> None:
        task = f"{spec.entrant.name}-{uuid4().hex}"
        future = self._client.submit(dask_worker.make, spec, self._campaign, task, key=task, pure=False)
        self._on[task] = (spec, future)
        future.add_done_callback(lambda _: self._news.put(("over", task)))

    def _started(self, task: str) -> None:
        self._starts[task] += 1
        if self._starts[task] == 1 and task in self._on:
            self._on_event(Started(self._on[task][0]))

    def _over(self, task: str) -> None:
        """Take the record of a task that is over, or have it made again."""
        spec, future = self._on.pop(task)
        again = max(0, self._starts[task] - 1)
        spec = replace(spec, attempt=spec.attempt + again)
        try:
            with _scheduler_there():
                record = replace(future.result(), spec=spec)
        except KilledWorker:
            if self._starts[task] < MOST_STARTS:
                self._submit(replace(spec, attempt=spec.attempt + 1))
                return
            record = _brought_workers_down(spec, self._starts[task])
        except BadInput:
            raise
        except Exception as fault:  # of one run: an answer that is none
            record = build_invalid_record(spec, f"making it failed: {type(fault).__name__}: {fault}", "")
        self._on_record(record)
        self._on_event(Finished(record))


@contextmanager
def _scheduler_there() -> Iterator[None]:
    """Say in one way what Dask says in many when its scheduler does not answer."""
    try:
        yield
    except (CommClosedError, CancelledError, OSError) as lost:
        raise OutsideFault("the Dask scheduler is gone; what is done is stored, start again for the rest") from lost


def _brought_workers_down(spec: RunSpec, times: int) -> RunRecord:
    record = build_record(spec, ReceivedMessages(started_at=datetime.now(UTC).isoformat(timespec="milliseconds")), None)
    return replace(record, error=f"{times} Dask workers died while they were making it")
