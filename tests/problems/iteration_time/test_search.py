"""Strategies that take any family search in simulated seconds without a change."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tasklet_bench.bench.execution.meter import Meter, ReportedResult
from tasklet_bench.bench.runs.budget import Budget
from tasklet_bench.problems.allocation import AllocationProblem
from tasklet_bench.problems.iteration_time import IterationTimeProblem, SimulationOptions
from tasklet_bench.strategies.parameters import configured
from tasklet_bench.strategies.registry import STRATEGIES, strategy_class
from tasklet_bench.strategies.run import BudgetExhausted

ANY_FAMILY = [name for name in STRATEGIES if "*" in strategy_class(name).families]


@pytest.mark.parametrize("name", ANY_FAMILY)
@pytest.mark.parametrize("sharing", ["independent", "nic"])
def test_a_strategy_of_any_family_searches_simulated_seconds(
    random_problem: Callable[..., AllocationProblem], name: str, sharing: Any
) -> None:
    """Within 30 evaluations it finds a partition whose cost is simulated seconds, not below the family's bound."""
    problem = IterationTimeProblem.wrap(random_problem(3, 3), SimulationOptions(sharing=sharing, micro_batches=3))
    reported: list[ReportedResult] = []
    meter = Meter(problem, Budget(evaluations=30), reported.append)
    strategy = configured(strategy_class(name), {})
    strategy.prepare()
    meter.start_clocks()
    try:
        strategy.search(problem, meter, np.random.default_rng(0))
    except BudgetExhausted:
        assert meter.evaluations == 30
    best = [report.candidate for report in reported if report.candidate is not None][-1]
    assert meter.best_s == problem.cost(best).total_s >= problem.bound()
