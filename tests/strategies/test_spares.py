"""Strategies on problems with spares and rules: valid, reproducible, and optimal where that is known."""

from __future__ import annotations

from typing import Any

import pytest

from tasklet_bench.problems.allocation import AllocationProblem
from tasklet_bench.problems.allocation.rules import Bond, Pin, Rules
from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.iteration_time import IterationTimeProblem
from tasklet_bench.strategies.registry import strategy_class
from tests.problems.spares import cheapest_s, spare_problem

TINY = {
    "2×2 of 6": spare_problem(6, 2, 2, 1),
    "2×3 of 7": spare_problem(7, 2, 3, 2),
    "2×2 of 7 without one": spare_problem(7, 2, 2, 3, Rules(exclude=(2,))),
    "3×1 of 5": spare_problem(5, 3, 1, 4),
}
RULED = {
    "pins": spare_problem(7, 2, 3, 6, Rules(pins=(Pin(0, stage=2), Pin(4, stage=0)))),
    "bonds": spare_problem(6, 2, 2, 7, Rules(apart=(Bond((0, 1), "stage"),), together=(Bond((2, 3), "stage"),))),
    "no spares": spare_problem(6, 2, 3, 8, Rules(apart=(Bond((0, 1, 2), "stage"),))),
}
REPLICAS = spare_problem(7, 2, 3, 9, Rules(pins=(Pin(1, replica=0),), together=(Bond((2, 3), "replica"),)))
OF_ANY_DECISION = ("random", "local-search", "genetic", "annealing", "tpe", "evolution-strategy", "known-starts")


@pytest.mark.parametrize("case", TINY)
@pytest.mark.parametrize("name", ["exact-small", "constraint-program"])
def test_proofs_of_spares_agree_with_brute_force(searched: Any, name: str, case: str) -> None:
    """Enumeration and the constraint program end at the optimum over all choices of devices, and prove it."""
    problem = TINY[case]
    result = searched(strategy_class(name)(), problem, evaluations=60_000)
    assert result.cost_s == pytest.approx(cheapest_s(problem), rel=1e-9)
    assert result.cost_s * (1 - 1e-6) <= result.meter.bound_s <= result.cost_s


@pytest.mark.parametrize("case", TINY)
@pytest.mark.parametrize("name", ["annealing", "neighbourhood-search", "local-search"])
def test_searches_of_spares_reach_the_optimum(searched: Any, name: str, case: str) -> None:
    """Searches on tiny problems end where brute force does: they do choose who is left out."""
    problem = TINY[case]
    result = searched(strategy_class(name)(), problem, evaluations=3_000)
    assert result.cost_s == pytest.approx(cheapest_s(problem), rel=1e-9)


@pytest.mark.parametrize("case", RULED)
@pytest.mark.parametrize("name", ["constraint-program", "annealing", "local-search"])
def test_rules_about_stages_are_kept_at_the_optimum(searched: Any, name: str, case: str) -> None:
    """Pins and bonds hold in what is found, and nothing that holds them is cheaper."""
    problem = RULED[case]
    result = searched(strategy_class(name)(), problem, evaluations=30_000 if name == "constraint-program" else 3_000)
    assert result.cost_s == pytest.approx(cheapest_s(problem), rel=1e-9)
    problem.checked_grid(problem.complete(result.candidate))
    if name == "constraint-program":
        assert result.meter.bound_s >= result.cost_s * (1 - 1e-6)


@pytest.mark.parametrize("name", OF_ANY_DECISION)
@pytest.mark.parametrize("problem", [TINY["2×3 of 7"], RULED["pins"], RULED["bonds"], REPLICAS], ids=lambda p: p.name)
def test_strategies_of_any_decision_keep_all_rules(searched: Any, name: str, problem: AllocationProblem) -> None:
    """Whatever the rules, the incumbent is a member that keeps them, and the same seed gives the same run."""
    runs = [searched(strategy_class(name)(), problem, evaluations=60) for _ in range(2)]
    problem.checked_grid(problem.complete(runs[0].candidate))
    assert runs[0].curve == runs[1].curve
    assert problem.judge(runs[0].candidate).total_s == pytest.approx(runs[0].cost_s, rel=1e-12)


def test_rules_about_replicas_are_searched_to_the_optimum(searched: Any) -> None:
    """On a tiny grid with rules about replicas, a walk over cells finds what brute force over all grids does."""
    result = searched(strategy_class("annealing")(), REPLICAS, evaluations=4_000)
    assert result.cost_s == pytest.approx(cheapest_s(REPLICAS), rel=1e-9)


@pytest.mark.parametrize("name", ["random-grid", "megatron", "aligned", "site-pure", "clustering", "random-partition"])
def test_baselines_take_spares(searched: Any, name: str) -> None:
    """Baselines leave out devices too, and never an excluded one."""
    problem = spare_problem(13, 3, 4, rules=Rules(exclude=(2,)))
    result = searched(strategy_class(name)(), problem, evaluations=5)
    assert 2 in problem.complete(result.candidate).spares


@pytest.mark.parametrize(
    ("name", "problem", "refused"),
    [
        ("exact-small", RULED["pins"], "pins"),
        ("neighbourhood-search", RULED["bonds"], "together, apart"),
        ("megatron", RULED["pins"], "pins"),
        ("random-grid", RULED["pins"], "pins"),
        ("constraint-program", REPLICAS, "rules about replicas"),
    ],
)
def test_rules_that_a_strategy_does_not_keep_are_refused_by_name(
    searched: Any, name: str, problem: AllocationProblem, refused: str
) -> None:
    """Rather than a wrong result there is one message that names the strategy, the rules, and who keeps them."""
    with pytest.raises(BadInput, match=rf"strategy {name}: rules of .*found {refused}, expected .*local-search"):
        searched(strategy_class(name)(), problem, evaluations=10)


@pytest.mark.parametrize("name", ["annealing", "local-search", "megatron", "tpe"])
def test_simulated_seconds_are_searched_over_who_is_used(searched: Any, name: str) -> None:
    """Whole grids with spares are searched in simulated seconds; the bound stays below, spares stand nowhere."""
    problem = IterationTimeProblem.wrap(spare_problem(7, 2, 3, rules=Rules(exclude=(1,))), wiring="free")
    free = IterationTimeProblem.wrap(spare_problem(7, 2, 3), wiring="free")
    for case in (problem, free):
        result = searched(strategy_class(name)(), case, evaluations=40)
        assert len(case.complete(result.candidate).spares) == 1
        assert case.bound() <= result.cost_s
        assert case.judge(result.candidate).total_s == pytest.approx(result.cost_s, rel=1e-9)


def test_neighbourhood_search_says_that_it_takes_no_spares_in_seconds(searched: Any) -> None:
    """A walk that never replaces a device does not pretend to choose the spares."""
    problem = IterationTimeProblem.wrap(spare_problem(7, 2, 3), wiring="free")
    with pytest.raises(BadInput, match=r"neighbourhood-search: .*1 spares in simulated seconds"):
        searched(strategy_class("neighbourhood-search")(), problem, evaluations=10)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "evaluations"), [("annealing", 20_000), ("genetic", 400), ("constraint-program", 2_000), ("tpe", 40)]
)
def test_forty_devices_for_six_by_six(searched: Any, name: str, evaluations: int) -> None:
    """Forty devices for 6×6: better than the order of the host list, valid, four spares, and the same twice."""
    problem = spare_problem(40, 6, 6)
    runs = [searched(strategy_class(name)(), problem, evaluations=evaluations) for _ in range(2)]
    assert runs[0].curve == runs[1].curve
    assert len(problem.complete(runs[0].candidate).spares) == 4
    assert problem.bound() <= runs[0].cost_s < problem.cost(problem.starts()["megatron"]).total_s
