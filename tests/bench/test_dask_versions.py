"""A Dask worker makes no run with other code or other libraries than the campaign was planned with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from tasklet_bench.bench.plugins import entrant, problem_ref
from tasklet_bench.bench.runs.budget import Budget
from tasklet_bench.bench.runs.spec import Entrant, RunSpec
from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.instances import catalogue

pytest.importorskip("distributed")


class NoServer:
    """A fork server that no run may reach."""

    def __init__(self, *_: Any) -> None: ...

    def slot(self) -> None:
        """Say that a run got so far."""
        raise AssertionError("a run was begun")

    def close(self) -> None:
        """There is nothing to end."""


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """What a worker holds of a campaign, without the process that makes runs."""
    from tasklet_bench.bench.engines import dask_worker

    monkeypatch.setattr(dask_worker, "ForkServer", NoServer)
    runs = dask_worker.Runs("campaign", [entrant("random-partition")])
    worker: Any = None
    runs.setup(worker)
    yield runs
    runs.teardown(worker)


def run_of(planned: Entrant) -> RunSpec:
    """A run of an entrant as the coordinator sends it."""
    return RunSpec(problem_ref(catalogue.load("paper/regional")), planned, 0, Budget(evaluations=5))


def test_a_worker_with_another_library_version_refuses_the_run(here: Any) -> None:
    """The refusal names the library, its version on the worker, and the one that was planned with."""
    planned = entrant("random-partition")
    library = sorted(planned.libraries)[0]
    other = replace(planned, libraries={**planned.libraries, library: "9999.1"})
    with pytest.raises(BadInput, match=rf"version of {library}: found {planned.libraries[library]}, expected 9999\.1"):
        here.make(run_of(other))


def test_a_worker_with_other_code_refuses_the_run(here: Any) -> None:
    """The same name is not the same strategy: the refusal names the hash of its code."""
    other = replace(entrant("random-partition"), code_hash="0" * 64)
    with pytest.raises(BadInput, match="code hash"):
        here.make(run_of(other))


def test_a_worker_that_has_the_same_begins_the_run(here: Any) -> None:
    """Nothing is refused where code and libraries agree."""
    with pytest.raises(AssertionError, match="a run was begun"):
        here.make(run_of(entrant("random-partition")))
