"""The Dask engine makes the same runs as the local one, and loses nothing when a worker or the scheduler dies."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tasklet_bench.bench.campaigns.campaign import Campaign
from tasklet_bench.bench.campaigns.runner import conduct
from tasklet_bench.bench.engines.events import Event, Finished, Started
from tasklet_bench.bench.plugins import entrant, problem_ref
from tasklet_bench.bench.results.store import Store
from tasklet_bench.bench.runs.budget import Budget
from tasklet_bench.problems.instances import catalogue

distributed = pytest.importorskip("distributed")

pytestmark = [
    pytest.mark.cluster,
    pytest.mark.slow,
    pytest.mark.timeout(180),
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="limits hold on Linux only"),
]

BURNS = f"{Path(__file__).parent / 'faulty.py'}:burns_50_ms"
NAPS = f"{Path(__file__).parent / 'faulty.py'}:naps"


class Cluster:
    """A scheduler and one worker with two threads, as processes that can be killed."""

    def __init__(self, folder: Path) -> None:
        file = folder / "scheduler.json"
        cli = [sys.executable, "-m"]
        self.scheduler = subprocess.Popen(
            [*cli, "distributed.cli.dask_scheduler", "--port", "0", "--no-dashboard", "--scheduler-file", str(file)],
            cwd=folder,
            stderr=subprocess.DEVNULL,
        )
        while not file.exists() or not file.read_text().strip().endswith("}"):
            time.sleep(0.05)
        self.nanny = subprocess.Popen(
            [*cli, "distributed.cli.dask_worker", "--scheduler-file", str(file), "--nthreads", "2", "--no-dashboard"],
            cwd=folder,
            stderr=subprocess.DEVNULL,
        )
        with distributed.Client(scheduler_file=str(file), set_as_default=False) as client:
            self.address: str = client.scheduler.address
            client.wait_for_workers(1, timeout=60)

    def worker_pid(self) -> int:
        """The process of the worker, which its nanny starts again when it dies."""
        with distributed.Client(self.address, set_as_default=False) as client:
            return next(iter(client.run(os.getpid).values()))

    def close(self) -> None:
        """End both."""
        for process in (self.nanny, self.scheduler):
            process.terminate()
        for process in (self.nanny, self.scheduler):
            process.wait(20)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory, marked: Any) -> Iterator[Cluster]:
    """A cluster that all tests here share; nothing of it may be left."""
    with marked():
        started = Cluster(tmp_path_factory.mktemp("dask"))
        yield started
        started.close()


def _campaign(target: str, seeds: int) -> Campaign:
    problem = catalogue.load("paper/worldwide")
    return Campaign(
        suite="dask",
        suite_digest="dask",
        problems=((problem_ref(problem), problem.family),),
        entrants=(entrant(target), entrant("random-partition")),
        budgets=(Budget(evaluations=50),),
        seeds=tuple(range(seeds)),
    )


def _results(store: Store) -> tuple[pd.DataFrame, pd.DataFrame]:
    """What the same campaign must reproduce: costs, allocations, and trajectories by evaluations."""
    runs = store.runs()[["key", "status", "cost_s", "candidate", "evaluations"]].sort_values("key", ignore_index=True)
    rows = store.trajectories()[["key", "evaluations", "cost_s", "bound_s"]]
    return runs, rows


def test_local_and_dask_give_identical_costs_and_trajectories(cluster: Cluster, tmp_path: Path) -> None:
    """Where a run is made does not change what it finds; a plug-in's file and its neighbour travel to the worker."""
    plugin = tmp_path / "burns.py"
    plugin.write_text("from neighbour import burns_50_ms\n")
    (tmp_path / "neighbour.py").write_text(Path(BURNS.rpartition(":")[0]).read_text())
    campaign = _campaign(f"{plugin}:burns_50_ms", seeds=5)

    def lose_the_plugin(event: Event) -> None:
        if isinstance(event, Started):
            plugin.unlink(missing_ok=True)
            (tmp_path / "neighbour.py").write_text("burns_50_ms = None")

    with Store(tmp_path / "local", writing=True) as store:
        conduct(campaign, store, workers=2)
        local = _results(store)
    with Store(tmp_path / "dask", writing=True) as store:
        conduct(campaign, store, engine=_dask(cluster), on_event=lose_the_plugin)
        on_dask = _results(store)
    assert (local[0]["status"] == "ok").all()
    assert local[0].equals(on_dask[0])
    assert local[1].equals(on_dask[1])


def test_a_worker_that_dies_costs_only_its_runs_in_flight(cluster: Cluster, tmp_path: Path) -> None:
    """They are made again, with their attempt counted; all others stay as they were."""
    pid = cluster.worker_pid()
    stored_before: list[str] = []
    stored: list[str] = []

    def kill_in_the_middle(event: Event) -> None:
        nonlocal pid
        if isinstance(event, Finished):
            stored.append(event.record.spec.key)
        elif pid and isinstance(event, Started) and event.spec.seed == 3 and event.spec.entrant.name == "naps":
            os.kill(pid, signal.SIGKILL)
            pid = 0
            stored_before.extend(stored)

    with Store(tmp_path, writing=True) as store:
        outcome = conduct(_campaign(NAPS, seeds=6), store, engine=_dask(cluster), on_event=kill_in_the_middle)
        assert pid == 0
        assert (outcome.made, outcome.failed, outcome.finished) == (12, 0, True)
        runs = store.runs().set_index("key")
        assert runs.index.is_unique
        assert 1 <= (runs["attempt"] == 2).sum() <= 2
        assert (runs["attempt"] <= 2).all()
        assert stored_before
        assert (runs.loc[stored_before, "attempt"] == 1).all()
        assert store.is_whole()


def test_a_scheduler_that_dies_loses_nothing_that_was_stored(cluster: Cluster, tmp_path: Path) -> None:
    """The campaign ends saying so; started again, elsewhere or not, it makes the rest and no run twice."""
    campaign = _campaign(BURNS, seeds=15)

    def kill_in_the_middle(event: Event) -> None:
        if isinstance(event, Finished) and event.record.spec.seed == 5:
            cluster.scheduler.kill()

    with Store(tmp_path, writing=True) as store:
        with pytest.raises(RuntimeError, match="scheduler is gone"):
            conduct(campaign, store, engine=_dask(cluster), on_event=kill_in_the_middle)
        before = store.runs()[["key", "attempt", "started_at"]]
        assert 0 < len(before) < 30
        assert store.is_whole()
        assert conduct(campaign, store, workers=2).finished
        after = store.runs()
        assert len(after) == 30
        assert (after["attempt"] == 1).all()
        assert len(before.merge(after, on=["key", "attempt", "started_at"])) == len(before)


def _dask(cluster: Cluster) -> Any:
    from tasklet_bench.bench.engines import dask

    return partial(dask.run_all, scheduler=cluster.address)
