"""Robust annealing: what it walks on is scored as the problem scores it, and it gains where nobody has looked."""

from __future__ import annotations

import numpy as np
import pytest

from tasklet_bench.problems import families
from tasklet_bench.problems.allocation import Allocation
from tasklet_bench.problems.robust.draws import Draws, quantile_s
from tasklet_bench.problems.robust.problem import RobustProblem
from tasklet_bench.strategies.robust_annealing.strategy import RobustAnnealing
from tasklet_bench.strategies.robust_annealing.walk import Walker
from tests.strategies.conftest import Searched

HETERO = "robust/measured/gcp-zones-hetero-40"


@pytest.fixture(scope="module")
def problem() -> RobustProblem:
    """Forty devices of many sites, on 40 drawn networks."""
    loaded = families.load(HETERO)
    assert isinstance(loaded, RobustProblem)
    return loaded


def test_the_walk_knows_what_its_grids_cost(problem: RobustProblem) -> None:
    """The cost that it keeps as best is the problem's of that grid to the last bit, and never above the start's."""
    start = problem.complete(problem.random(np.random.default_rng(0)))
    start_s = problem.cost(start).total_s
    walker = Walker(problem.draws, problem.quantile, start.grid, np.random.default_rng(1))
    walker.begin(start_s)
    for temperature_s in (0.01 * start_s, 0.001 * start_s):
        walker.walk(temperature_s, 500)
        assert walker.best_s == problem.cost(Allocation(walker.best)).total_s
        assert walker.best_s < start_s


def test_it_gains_on_networks_that_it_did_not_see(problem: RobustProblem, searched: Searched) -> None:
    """From the structured start, 3,000 evaluations make the 90th percentile over other networks cheaper."""
    start = min(problem.starts().values(), key=lambda candidate: problem.cost(candidate).total_s)
    record = searched(RobustAnnealing(), problem, known=True, evaluations=3000)
    unseen = Draws(problem.formal, 300, problem.draws.sigma, seed=5)
    reached, begun = (
        quantile_s(unseen.costs_s(problem.complete(candidate)), 0.9) for candidate in (record.candidate, start)
    )
    assert reached < begun
