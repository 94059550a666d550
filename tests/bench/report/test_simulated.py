"""Simulated seconds on the page: what stands there is what the simulator says of the stored allocations."""

from __future__ import annotations

import json
from collections.abc import Callable

import numpy as np
import pytest

from tasklet_bench.bench.plugins.placements import formal_of
from tasklet_bench.bench.report.results import Results
from tasklet_bench.bench.report.simulated import FINEST, iteration_data, seconds_table
from tasklet_bench.problems.allocation import Allocation
from tasklet_bench.problems.instances import catalogue
from tasklet_bench.problems.iteration_time import simulate
from tasklet_bench.problems.iteration_time.names import load


def test_every_entrant_is_simulated_at_its_best(make_results: Callable[..., Results]) -> None:
    """One row per instance and entrant that found something, with the seconds of the allocation of its cheapest run."""
    results = make_results(instances=3, entrants=4, seeds=2)
    (sample,) = results.samples
    table = seconds_table(sample, results.problems)
    ok = sample.runs[(sample.runs["status"] == "ok") & sample.runs["candidate"].notna()]
    assert len(table) > 0
    assert len(table) == len(ok.drop_duplicates(["problem", "strategy"]))
    row = table.iloc[0]
    own = ok[(ok["problem"] == row["problem"]) & (ok["strategy"] == row["strategy"])].sort_values("cost_s").iloc[0]
    grid = Allocation(np.array(json.loads(own["candidate"])["grid"]))
    assert row["cost_s"] == own["cost_s"]
    assert row["simulated_s"] == simulate(catalogue.load(row["problem"]), grid).iteration_s


def test_instances_that_cannot_be_made_are_left_out(make_results: Callable[..., Results]) -> None:
    """Of an instance that nobody knows here, no seconds are reported."""
    results = make_results(instances=2, entrants=3, seeds=1)
    (sample,) = results.samples
    (known, _) = sorted(results.problems)
    table = seconds_table(sample, {known: results.problems[known]})
    assert set(table["problem"]) == {known}


@pytest.mark.parametrize("name", ["paper/worldwide", "measured/hybrid-dgx2-t4-a10-24?workload=gpt3-xl"])
def test_the_bars_of_a_device_lie_within_the_iteration_and_do_not_overlap(name: str) -> None:
    """Of each kind, and the last of all ends where the iteration does, but for delays that nothing is drawn for."""
    problem = catalogue.load(name)
    allocation = problem.allocation(problem.random(np.random.default_rng(0)))
    data = iteration_data(problem, allocation.grid)
    assert data is not None
    last = 0
    for flat in data["bars"].values():
        bars = np.array(flat).reshape(-1, 3)
        last = max(last, int((bars[:, 1] + bars[:, 2]).max()))
        for row in np.unique(bars[:, 0]):
            own = bars[bars[:, 0] == row]
            assert (own[1:, 1] >= own[:-1, 1] + own[:-1, 2] - 1).all()
    assert 0.9 * FINEST < last <= FINEST + 1
    assert sum(data["critical"].values()) == pytest.approx(data["iteration_s"])
    assert [device for *_, device in data["rows"]] == allocation.grid.ravel().tolist()


def test_what_is_too_large_is_not_drawn() -> None:
    """A line a device needs room: no drawing above some devices."""
    problem = catalogue.load("generated/uniform?n=128&dp=8&seed=1")
    allocation = problem.allocation(problem.random(np.random.default_rng(0)))
    assert iteration_data(problem, allocation.grid) is None


def test_the_formal_problem_behind_seconds_is_found() -> None:
    """The page shows the topology of an instance of the seconds' family as that of the formal one."""
    seconds = load("iteration-time/paper/regional")
    assert formal_of(seconds) is seconds.formal
    assert formal_of(seconds.formal) is seconds.formal
    assert formal_of(None) is None
