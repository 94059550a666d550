"""The meter counts, keeps the best, obeys its budget, and tells every improvement at once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasklet_bench.bench.execution.cpu_clock import DESCENDANTS_EVERY_S
from tasklet_bench.bench.execution.meter import Meter, ReportedResult
from tasklet_bench.bench.runs.budget import Budget
from tasklet_bench.problems.allocation import Allocation, AllocationProblem
from tasklet_bench.problems.problem import InvalidCandidate
from tasklet_bench.strategies.run import BudgetExhausted, Run

Started = Callable[..., tuple[Meter, list[ReportedResult]]]


@pytest.fixture
def problem(random_problem) -> AllocationProblem:
    """Twelve devices, 3×4."""
    return random_problem(3, 4)


@pytest.fixture
def started(problem: AllocationProblem) -> Started:
    """A meter that runs, and what it tells."""

    def start(**budget: float) -> tuple[Meter, list[ReportedResult]]:
        reported: list[ReportedResult] = []
        meter = Meter(problem, Budget(**budget), reported.append)
        meter.start_clocks()
        return meter, reported

    return start


def _burn(cpu_s: float) -> None:
    end = time.process_time() + cpu_s
    while time.process_time() < end:
        pass


def test_it_is_a_run(started: Started) -> None:
    """It has all that a strategy may ask of a `Run`."""
    meter, _ = started(evaluations=1)
    assert all(hasattr(meter, name) for name in dir(Run) if not name.startswith("_"))


def test_it_scores_as_the_problem_does(problem: AllocationProblem, started: Started) -> None:
    """Labels at their best wiring and order, allocations as they are wired."""
    meter, _ = started(evaluations=2)
    labels = problem.random(np.random.default_rng(0))
    grid = Allocation(np.arange(12).reshape(3, 4))
    assert meter.evaluate(labels) == problem.cost(labels).total_s
    assert meter.evaluate(grid) == problem.cost(grid).total_s


@given(seed=st.integers(0, 1000))
def test_it_tells_improvements_and_nothing_else(seed: int, random_problem) -> None:
    """Reported costs fall strictly, the last one is the best, and counts are of the evaluations that found them."""
    problem = random_problem(2, 3, seed % 7)
    reported: list[ReportedResult] = []
    meter = Meter(problem, Budget(evaluations=40), reported.append)
    meter.start_clocks()
    draws = np.random.default_rng(seed)
    costs_s = [meter.evaluate(problem.random(draws)) for _ in range(40)]
    assert [row.cost_s for row in reported] == sorted({*np.minimum.accumulate(costs_s)}, reverse=True)
    assert [row.evaluations for row in reported] == [costs_s.index(row.cost_s) + 1 for row in reported]
    assert meter.best_s == min(costs_s)


def test_beyond_its_evaluations_it_raises_and_counts_no_more(problem: AllocationProblem, started: Started) -> None:
    """The evaluation that would be one too many is not made."""
    meter, reported = started(evaluations=3)
    rng = np.random.default_rng(0)
    while not meter.exhausted:
        meter.evaluate(problem.random(rng))
    reported_before = len(reported)
    for _ in range(50):
        with pytest.raises(BudgetExhausted):
            meter.evaluate(problem.random(rng))
    assert meter.evaluations == 3
    assert len(reported) == reported_before
    assert meter.remaining.evaluations == 0
    assert meter.progress == 1.0


def test_an_invalid_candidate_costs_nothing(problem: AllocationProblem, started: Started) -> None:
    """It raises, counts no evaluation, and the incumbent stays."""
    meter, _ = started(evaluations=3)
    best_s = meter.evaluate(problem.random(np.random.default_rng(0)))
    with pytest.raises(InvalidCandidate):
        meter.evaluate(np.zeros(12, dtype=np.int64))
    assert (meter.evaluations, meter.best_s) == (1, best_s)


def test_submitted_evaluations_count_and_must_be_left(problem: AllocationProblem, started: Started) -> None:
    """What a solver spent is counted as it says; more than remains is refused, with nothing kept."""
    meter, reported = started(evaluations=10)
    labels = problem.random(np.random.default_rng(0))
    assert meter.submit(labels, 7) == problem.cost(labels).total_s
    with pytest.raises(BudgetExhausted):
        meter.submit(problem.random(np.random.default_rng(1)), 4)
    assert meter.evaluations == 7
    assert meter.self_counted
    assert len(reported) == 1
    meter.submit(labels, 3)
    assert meter.exhausted
    for wrong in (-1, 1.5, True):
        with pytest.raises(ValueError, match="whole number"):
            meter.submit(labels, wrong)


def test_the_incumbent_is_a_copy(problem: AllocationProblem, started: Started) -> None:
    """A strategy may go on changing its array, and the one that it is given back."""
    meter, _ = started(evaluations=5)
    assert meter.incumbent is None
    labels = problem.random(np.random.default_rng(0))
    original = labels.copy()
    meter.evaluate(labels)
    labels[:] = -1
    assert (meter.incumbent == original).all()
    meter.incumbent[:] = -1
    assert (meter.incumbent == original).all()


def test_a_cpu_budget_ends_a_run_that_looks(started: Started) -> None:
    """CPU seconds of this process count, and time asleep does not."""
    meter, _ = started(cpu_s=0.05)
    time.sleep(0.1)
    assert not meter.exhausted
    _burn(0.06)
    assert meter.exhausted
    assert meter.remaining.cpu_s == 0.0
    assert meter.progress == 1.0


def test_a_wall_budget_ends_a_run_that_sleeps(started: Started) -> None:
    """Seconds on the clock count whatever the run does."""
    meter, _ = started(wall_s=0.05)
    assert 0 < meter.remaining.wall_s <= 0.05
    time.sleep(0.06)
    assert meter.exhausted


def test_work_in_children_counts(started: Started) -> None:
    """CPU seconds of a child count while it lives, and after it has been waited for."""
    meter, _ = started(cpu_s=60.0)
    pid = os.fork()
    if pid == 0:
        _burn(60.0)
        os._exit(0)
    try:
        patience = time.monotonic() + 30
        while meter.cpu_s < 0.2 and time.monotonic() < patience:
            time.sleep(0.05)
        assert meter.cpu_s >= 0.2
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    time.sleep(DESCENDANTS_EVERY_S)
    assert meter.cpu_s >= 0.2
    assert meter.own_cpu_s >= 0.2


def test_its_own_time_is_not_the_runs(problem: AllocationProblem) -> None:
    """Telling may take long; the CPU seconds of the run do not say so."""
    meter = Meter(problem, Budget(evaluations=10), lambda _: _burn(0.05))
    meter.start_clocks()
    meter.evaluate(problem.random(np.random.default_rng(0)))
    assert meter.meter_s >= 0.05
    assert meter.cpu_s < 0.05


def test_what_a_child_did_before_the_run_does_not_count(problem: AllocationProblem) -> None:
    """A process that was there before, and lives on or ends meanwhile, brings its earlier seconds into no run."""
    burn = "import sys, time\nwhile time.process_time() < 0.3: pass\nprint('done', flush=True)\nsys.stdin.read()"
    child = subprocess.Popen([sys.executable, "-c", burn], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    child.stdout.readline()
    meter = Meter(problem, Budget(cpu_s=10.0), lambda _: None)
    meter.start_clocks()
    meter.evaluate(problem.random(np.random.default_rng(0)))
    assert meter.cpu_s < 0.2
    child.communicate()
    meter.evaluate(problem.random(np.random.default_rng(1)))
    assert meter.cpu_s < 0.2


def test_bounds_only_rise(started: Started) -> None:
    """A lower bound than the last is not reported, and what is no number is refused."""
    meter, reported = started(evaluations=10)
    for value in (1.0, 3.0, 2.0, 3.0):
        meter.bound(value)
    assert [row.bound_s for row in reported] == [1.0, 3.0]
    assert all(row.candidate is None for row in reported)
    with pytest.raises(ValueError, match="finite"):
        meter.bound(float("nan"))


def test_a_fork_of_the_run_cannot_tell(problem: AllocationProblem, started: Started) -> None:
    """A run belongs to the process that was given it."""
    meter, _ = started(evaluations=10)
    pid = os.fork()
    if pid == 0:
        try:
            meter.evaluate(problem.random(np.random.default_rng(0)))
        except RuntimeError:
            os._exit(7)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 7


def test_metering_costs_a_few_readings_of_the_clock(random_problem) -> None:
    """Beside what scoring costs, an evaluation costs no more than reading the CPU clock fifteen times (about 10 µs)."""
    problem = random_problem(8, 8)
    labels = problem.random(np.random.default_rng(0))
    meter = Meter(problem, Budget(evaluations=10**9, cpu_s=1e9, wall_s=1e9), lambda _: None)
    meter.start_clocks()
    meter.evaluate(labels)
    overhead_s = _best_of(lambda: meter.evaluate(labels)) - _best_of(lambda: problem.cost(labels))
    assert overhead_s < 15 * _best_of(time.process_time)


def _best_of(call: Callable[[], object], rounds: int = 1000) -> float:
    """CPU seconds of one call, in the best of several rounds."""
    taken_s = []
    for _ in range(9):
        start = time.process_time()
        for _ in range(rounds):
            call()
        taken_s.append((time.process_time() - start) / rounds)
    return min(taken_s)


@pytest.mark.parametrize("checking_s", [0.0, 0.005])
def test_the_time_reported_never_goes_back(problem: AllocationProblem, checking_s: float) -> None:
    """However long the meter takes to tell: that is no time of the strategy's, before or after it."""
    reported: list[ReportedResult] = []

    def report(row: ReportedResult) -> None:
        _burn(checking_s)
        reported.append(row)

    meter = Meter(problem, Budget(evaluations=500), report)
    meter.start_clocks()
    draws = np.random.default_rng(1)
    for number in range(200):
        meter.evaluate(problem.random(draws))
        meter.bound(number * 1e-6)
    times_s = [row.cpu_s for row in reported]
    assert len(times_s) > 200
    assert times_s == sorted(times_s)
    assert times_s[-1] < 0.2 + 0.1 * checking_s * len(reported)


@pytest.mark.parametrize("name", ["evaluations", "best_s", "_evaluate", "anything"])
def test_what_it_says_cannot_be_set(started: Started, name: str) -> None:
    """A plain assignment reaches nothing of it, and leaves its counts as they are."""
    meter, _ = started(evaluations=3)
    with pytest.raises(AttributeError):
        setattr(meter, name, 0)
    with pytest.raises(AttributeError):
        delattr(meter, name)
    assert not hasattr(meter, "__dict__")
