"""The paper's genetic algorithm."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasklet_bench.problems.allocation import cost_model
from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.instances import catalogue
from tasklet_bench.strategies.genetic.strategy import Genetic
from tasklet_bench.strategies.parameters import configured

SEEDS = range(10)

every_rule = st.builds(
    Genetic,
    gain=st.sampled_from(["paper", "kernighan-lin"]),
    replacement=st.sampled_from(["worst", "released"]),
    cycles=st.sampled_from(["all", "released"]),
    population=st.sampled_from([1, 2, 10]),
    genes=st.sampled_from([1, 5]),
)


@pytest.mark.parametrize(
    ("name", "cost_s"),
    [
        ("paper/datacentre", 3.4398),
        ("paper/two-datacentres", 16.0868),
        ("paper/regional", 34.8020),
        ("paper/worldwide", 49.2184),
    ],
)
def test_the_papers_gain_reaches_the_optimum_of_four_scenarios(searched: Any, name: str, cost_s: float) -> None:
    """In at least 9 of 10 seeds, with 600 of the paper's 5,000 evaluations; a grid costs what was reported."""
    problem = catalogue.load(name)
    runs = [searched(Genetic(), problem, seed, evaluations=600) for seed in SEEDS]
    assert sum(round(result.cost_s, 4) == cost_s for result in runs) >= 9
    grid = problem.allocation(runs[0].candidate).grid
    written = cost_model.grid_cost(problem.dp_pair_s, problem.pp_pair_s, grid)
    assert written.total_s == pytest.approx(runs[0].cost_s, rel=1e-12)


@pytest.mark.parametrize(
    ("name", "cost_s"), [("paper/datacentre", 16.98), ("paper/regional", 39.24), ("paper/worldwide", 59.44)]
)
def test_the_kernighan_lin_gain_ends_at_site_pure_groups(searched: Any, name: str, cost_s: float) -> None:
    """It is drawn to groups inside sites: within 5 % of what they cost, in at least 9 of 10 seeds."""
    problem = catalogue.load(name)
    runs = [searched(Genetic(gain="kernighan-lin"), problem, seed, evaluations=700) for seed in SEEDS]
    assert sum(result.cost_s == pytest.approx(cost_s, rel=0.05) for result in runs) >= 9


def test_the_released_rule_crosses_the_plateau_of_the_spot_market(searched: Any) -> None:
    """The strict rule stays where every random partition is; taking ties gets away from there."""
    problem = catalogue.load("paper/spot")
    assert searched(Genetic(), problem, evaluations=3000).cost_s == pytest.approx(49.5039, abs=1e-4)
    assert searched(Genetic(rule="released"), problem, evaluations=3000).cost_s < 44


def test_kernighan_lin_is_the_better_gain_without_sites(searched: Any) -> None:
    """On links that are all distinct, by at least 6 % on average of three instances."""
    problems = [catalogue.load(f"generated/uniform?n=64&dp=8&seed={seed}") for seed in (1, 2, 3)]
    ratios = [
        searched(Genetic(gain="kernighan-lin"), problem, evaluations=800).cost_s
        / searched(Genetic(), problem, evaluations=800).cost_s
        for problem in problems
    ]
    assert np.mean(ratios) < 0.94


def test_rule_sets_both_released_parameters(searched: Any, random_problem: Any) -> None:
    """`rule=released` searches as the two parameters together do, and as neither does alone."""
    problem = random_problem(4, 4, seed=5)

    def curve(**parameters: str) -> list[tuple[int, float]]:
        return searched(configured(Genetic, {"population": 10, **parameters}), problem, evaluations=400).curve

    both = curve(replacement="released", cycles="released")
    assert curve(rule="released") == both
    assert both not in (curve(), curve(replacement="released"), curve(cycles="released"))


def test_the_optimum_of_tiny_problems_is_mostly_found_and_never_undercut(tiny_excesses: Any) -> None:
    """In at least 8 of 10, with 300 evaluations."""
    excesses = tiny_excesses(Genetic(), evaluations=300)
    assert min(excesses) > -1e-12
    assert sum(excess < 1e-12 for excess in excesses) >= 8


@settings(max_examples=40)
@given(strategy=every_rule, data=st.data(), seed=st.integers(0, 100))
def test_odd_shapes_are_searched_to_the_end_of_the_budget(
    searched: Any, odd_problems: Any, strategy: Genetic, data: st.DataObject, seed: int
) -> None:
    """Every rule spends its evaluations on valid partitions, and the same seed reports the same."""
    problem = data.draw(odd_problems)
    result = searched(strategy, problem, seed, evaluations=30)
    assert result.meter.evaluations == 30
    assert result.cost_s == pytest.approx(
        cost_model.partition_cost(problem.dp_pair_s, problem.pp_pair_s, result.candidate).total_s, rel=1e-12
    )
    assert result.curve == searched(strategy, problem, seed, evaluations=30).curve


@pytest.mark.parametrize("gain", ["paper", "kernighan-lin"])
def test_256_devices(searched: Any, random_problem: Any, gain: str) -> None:
    """16×16 is searched to the end of the budget, for a valid partition."""
    problem = random_problem(16, 16)
    result = searched(Genetic(gain=gain, population=20), problem, evaluations=60)
    assert result.meter.evaluations == 60
    assert problem.cost(result.candidate).total_s == result.cost_s


@pytest.mark.parametrize("budget", [{"evaluations": 7}, {"cpu_s": 0.05}, {"wall_s": 0.05}])
def test_budgets_hold_within_the_first_population_too(searched: Any, budget: dict[str, Any]) -> None:
    """A budget that ends before the population is drawn ends the search."""
    result = searched(Genetic(population=10**6), catalogue.load("paper/worldwide"), **budget)
    assert result.meter.exhausted
    assert result.cost_s < np.inf


@pytest.mark.parametrize(
    ("parameters", "curve"),
    [
        ({}, [(129, 74.37479824068956), (171, 73.9494975974584)]),
        ({"gain": "kernighan-lin"}, [(279, 80.69262882925885), (283, 79.99712115965129)]),
        ({"rule": "released"}, [(280, 76.86625823776055), (330, 76.62243024862232)]),
    ],
)
def test_a_seed_gives_the_pinned_result(
    searched: Any, parameters: dict[str, str], curve: list[tuple[int, float]]
) -> None:
    """The last two improvements of seed 7 within 400 evaluations are those written down here."""
    problem = catalogue.load("measured/aws10-uneven-64")
    result = searched(configured(Genetic, parameters), problem, 7, evaluations=400)
    assert [(at, pytest.approx(cost_s, rel=1e-9)) for at, cost_s in curve] == result.curve[-2:]


def test_nonsense_is_refused() -> None:
    """A population or genes below 1 are refused with the value."""
    with pytest.raises(BadInput, match="population: found 0, expected at least 1"):
        configured(Genetic, {"population": "0"})
    with pytest.raises(BadInput, match="genes: found -1"):
        configured(Genetic, {"genes": "-1"})
