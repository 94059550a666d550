"""What an entrant begins from: scored on its own account, stored with it, and seen by nobody else."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pytest

from tasklet_bench.bench.execution import run
from tasklet_bench.bench.execution.meter import Meter
from tasklet_bench.bench.execution.starting import score_starts
from tasklet_bench.bench.plugins import entrant, problem_ref
from tasklet_bench.bench.runs.budget import Budget
from tasklet_bench.bench.runs.record import RunRecord
from tasklet_bench.bench.runs.spec import RunSpec
from tasklet_bench.problems.allocation import AllocationProblem
from tasklet_bench.problems.instances import catalogue
from tasklet_bench.strategies.run import BudgetExhausted

NAME = "measured/residential-20"


def _record(target: str, evaluations: int, start: dict[str, Any] | None = None) -> RunRecord:
    spec = RunSpec(problem_ref(catalogue.load(NAME)), entrant(target), 0, Budget(evaluations=evaluations), start=start)
    return run(RunSpec.from_json(spec.to_json()))


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="runs are isolated on Linux only")
def test_known_starts_are_scored_first_and_counted() -> None:
    """The trajectory of `annealing[start=known]` begins with the problem's starts, within its budget."""
    problem = catalogue.load(NAME)
    costs_s = [problem.cost(start).total_s for start in problem.starts().values()]
    known, alone = _record("annealing[start=known]", 300), _record("annealing", 300)
    assert known.status == alone.status == "ok"
    assert known.trajectory[0].cost_s == costs_s[0]
    assert min(row.cost_s for row in known.trajectory if row.evaluations <= len(costs_s)) == min(costs_s)
    assert known.evaluations == alone.evaluations == 300
    assert known.spec.key != alone.spec.key
    assert known.refused > 0


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="runs are isolated on Linux only")
def test_a_budget_that_ends_among_the_starts_is_a_result() -> None:
    """Two evaluations: two starts, and no search."""
    record = _record("local-search[start=known]", 2)
    assert (record.status, record.evaluations) == ("ok", 2)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="runs are isolated on Linux only")
def test_what_the_user_gives_is_a_start_too() -> None:
    """It is scored first, whoever searches."""
    problem = catalogue.load(NAME)
    start = problem.candidate_to_json(problem.allocation(problem.random(np.random.default_rng(1))))
    record = _record("random-grid", 1, start)
    assert (record.evaluations, record.candidate) == (1, start)


def test_the_best_start_is_handed_in(random_problem) -> None:
    """Of all that were scored; the run's incumbent is the same at that moment."""
    problem: AllocationProblem = random_problem(3, 4)
    meter = Meter(problem, Budget(evaluations=100), lambda reported: None)
    meter.start_clocks()
    assert meter.start is None
    score_starts(problem, meter, None, known=True)
    assert meter.evaluations == len(problem.starts())
    assert problem.cost(meter.start).total_s == meter.best_s
    assert meter.best_s == min(problem.cost(start).total_s for start in problem.starts().values())


def test_without_starts_there_is_nothing_to_begin_from(random_problem) -> None:
    """Nothing is scored, and nothing handed in, where neither the user nor the entrant asks for it."""
    problem = random_problem(2, 2)
    meter = Meter(problem, Budget(evaluations=3), lambda reported: None)
    meter.start_clocks()
    score_starts(problem, meter, None, known=False)
    assert (meter.evaluations, meter.start) == (0, None)
    with pytest.raises(BudgetExhausted):
        score_starts(problem, meter, None, known=True)


@pytest.mark.parametrize("refused", [-1, 0.5, True])
def test_refused_moves_are_a_whole_number(random_problem, refused: Any) -> None:
    """Anything else that is handed in is an error, and counts nothing."""
    problem = random_problem(2, 2)
    meter = Meter(problem, Budget(evaluations=3), lambda reported: None)
    meter.start_clocks()
    candidate = problem.random(np.random.default_rng(0))
    with pytest.raises(ValueError, match="refused moves"):
        meter.submit(candidate, 1, refused)
    meter.submit(candidate, 1, 7)
    meter.submit(candidate, 1, 5)
    assert (meter.evaluations, meter.refused) == (2, 12)
