"""The portfolio: strategies in turn within one budget, each from the best so far, until a proof."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tasklet_bench.bench import execution
from tasklet_bench.bench.campaigns.portfolio import Solved, solve_by_portfolio
from tasklet_bench.bench.commands.placement.gain import gain_of
from tasklet_bench.bench.plugins import entrant, problem_ref
from tasklet_bench.bench.plugins.portfolios import portfolio_of
from tasklet_bench.bench.runs.budget import Budget
from tasklet_bench.bench.runs.record import Improvement, RunRecord
from tasklet_bench.bench.runs.spec import DEFAULT_MEMORY_BYTES, RunSpec
from tasklet_bench.problems import families

SMALL = "generated/uniform?n=8&dp=2&seed=1"
LARGER = "measured/gcp4-hivemind-32"


def solved(name: str, budget: Budget) -> tuple[Solved, list[RunSpec]]:
    """The portfolio's result on an instance, and the runs that it asked for."""
    problem = families.load(name)
    members = [(member, entrant(member.entrant)) for member in portfolio_of(problem)]
    asked: list[RunSpec] = []
    with execution.Session([of for _, of in members]) as session:

        def run(spec: RunSpec, watch: Callable[[Improvement], None]) -> RunRecord:
            asked.append(spec)
            return session.run(spec, watch)

        result = solve_by_portfolio(
            problem, problem_ref(problem), members, budget, run, memory_bytes=DEFAULT_MEMORY_BYTES
        )
    return result, asked


def test_a_small_problem_is_enumerated_and_the_portfolio_ends() -> None:
    """The first member proves the optimum, and nobody else begins; the proof is said to be its own."""
    result, asked = solved(SMALL, Budget(cpu_s=5.0))
    assert result.record.proven
    assert result.found_by == result.proven_by == "exact-small"
    assert len(asked) == 1
    assert result.record.cpu_s < 0.5


@pytest.mark.slow
def test_members_share_the_budget_and_begin_from_the_best() -> None:
    """Shares add up to no more than the budget, and the solver starts from what the search has found."""
    result, asked = solved(LARGER, Budget(evaluations=400))
    names = [spec.entrant.strategy_name for spec in asked]
    assert names[:2] == ["annealing", "dynamic-program"]
    assert asked[0].budget.evaluations == 60
    assert result.record.evaluations <= 400
    assert asked[1].start is not None
    assert result.record.cost_s is not None
    assert result.record.cost_s <= families.load(LARGER).cost(families.load(LARGER).starts()["aligned"]).total_s
    assert [name for name, _ in result.members] == [spec.entrant.name for spec in asked]


@pytest.mark.slow
def test_a_short_budget_goes_to_one_search() -> None:
    """Where a solver could not even load its model, the search has everything."""
    _, asked = solved(LARGER, Budget(cpu_s=0.05))
    assert [spec.entrant.name for spec in asked] == ["annealing[start=known]"]
    assert asked[0].budget == Budget(cpu_s=0.05)


def test_the_gain_is_over_the_order_of_the_host_list() -> None:
    """Both objectives of that order and of a candidate, computed again here; the best of both orders gains nothing."""
    problem: Any = families.load("paper/worldwide")
    starts = problem.starts()
    candidate = problem.candidate_to_json(problem.complete(starts["aligned"]))
    gain = gain_of(problem, candidate)
    assert gain is not None
    assert gain.default_cost_s == pytest.approx(problem.cost(starts["megatron"]).total_s)
    assert gain.cost_s == pytest.approx(problem.cost(starts["aligned"]).total_s)
    assert gain.share == pytest.approx(1 - gain.cost_s / gain.default_cost_s)
    assert gain.simulated_s is not None
    same = gain_of(problem, problem.candidate_to_json(problem.complete(starts["megatron"])))
    assert same is not None
    assert same.share == 0.0
