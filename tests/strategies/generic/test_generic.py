"""Strategies that search any decision, on six small families that none of them knows."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tasklet_bench.problems.candidate import Infeasible
from tasklet_bench.strategies.baselines.known_starts import KnownStarts
from tasklet_bench.strategies.baselines.random_search import Random
from tasklet_bench.strategies.evolution_strategy import EvolutionStrategy, into_unit_interval
from tasklet_bench.strategies.genetic.strategy import Genetic
from tasklet_bench.strategies.local_search import LocalSearch
from tasklet_bench.strategies.strategy import Strategy
from tasklet_bench.strategies.tpe import TPE

_spec = importlib.util.spec_from_file_location("toys", Path(__file__).with_name("toys.py"))
assert _spec
assert _spec.loader
toys = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(toys)

TOYS = {toy.decision.kind: toy for toy in toys.toys()}
SEARCHES = [LocalSearch(), Genetic(population=20), EvolutionStrategy(), TPE(startup=5)]
ALL = [Random(), KnownStarts(), *SEARCHES, TPE(startup=5, encoding="keys")]


@pytest.mark.parametrize("kind", TOYS)
@pytest.mark.parametrize("strategy", ALL, ids=lambda strategy: strategy.name)
def test_every_decision_is_searched_within_the_budget_and_the_same_again(
    searched: Any, kind: str, strategy: Strategy
) -> None:
    """The budget is kept, the incumbent is a member that costs what was reported, and a seed gives one trajectory."""
    toy = TOYS[kind]
    result = searched(strategy, toy, seed=3, evaluations=25)
    assert 0 < result.meter.evaluations <= 25
    if result.reported:
        assert toy.cost(result.candidate).total_s == result.cost_s
    assert result.curve == searched(strategy, toy, seed=3, evaluations=25).curve


@pytest.mark.parametrize("strategy", SEARCHES, ids=lambda strategy: strategy.name)
@pytest.mark.parametrize("budget", [{"cpu_s": 0.05}, {"wall_s": 0.05}])
def test_budgets_of_seconds_end_a_search(searched: Any, strategy: Strategy, budget: dict[str, float]) -> None:
    """It stops when the budget is spent, having scored something."""
    result = searched(strategy, TOYS["permutation"], **budget)
    assert result.meter.exhausted
    assert result.meter.evaluations > 0


@pytest.mark.slow
@pytest.mark.parametrize("strategy", SEARCHES, ids=lambda strategy: strategy.name)
def test_searching_beats_drawing(searched: Any, strategy: Strategy) -> None:
    """At equal evaluations, by the median of seeds enough to tell, on at least five of the six families."""
    seeds = range(7)
    better = [
        kind
        for kind, toy in TOYS.items()
        if np.median([searched(strategy, toy, seed, evaluations=120).cost_s for seed in seeds])
        < np.median([searched(Random(), toy, seed, evaluations=120).cost_s for seed in seeds])
    ]
    assert len(better) >= 5, better


class Refusing(toys.Toy):  # type: ignore[misc, name-defined]
    """An order in which things 0 and 1 may not be neighbours; there is no repair."""

    def cost(self, candidate: Any) -> Any:
        """The cost of the toy, for orders that are allowed."""
        place = np.argsort(self.decision.check(candidate))
        if abs(int(place[0]) - int(place[1])) == 1:
            raise Infeasible("things 0 and 1 are neighbours")
        return super().cost(candidate)


@pytest.mark.parametrize("strategy", [Random(), *SEARCHES], ids=lambda strategy: strategy.name)
def test_what_breaks_a_rule_counts_and_is_passed_over(searched: Any, strategy: Strategy) -> None:
    """A search meets infeasible candidates, goes on, and ends with a feasible one."""
    order = TOYS["permutation"]
    toy = Refusing("refusing", order.decision, order._seconds, 12)
    result = searched(strategy, toy, evaluations=60)
    assert result.meter.evaluations == 60
    assert toy.cost(result.candidate).total_s == result.cost_s


class Impossible(toys.Toy):  # type: ignore[misc, name-defined]
    """A family in which nothing is feasible."""

    def cost(self, candidate: Any) -> Any:
        """Refuse all."""
        raise Infeasible("nothing is allowed")


@pytest.mark.parametrize("strategy", [Random(), *SEARCHES], ids=lambda strategy: strategy.name)
def test_nothing_feasible_ends_without_a_result(searched: Any, strategy: Strategy) -> None:
    """The budget is spent, and no exception comes out of the search."""
    order = TOYS["permutation"]
    result = searched(strategy, Impossible("impossible", order.decision, order._seconds, 12), evaluations=40)
    assert (result.meter.evaluations, result.reported) == (40, [])


def test_repair_is_used_where_there_is_one(searched: Any) -> None:
    """Disconnected graphs are linked up: even draws that are never connected give results."""
    toy = TOYS["graph"]
    sparse = np.array([[0, 1], [2, 3]])
    with pytest.raises(Infeasible):
        toy.cost(sparse)
    assert toy.cost(toy.repair(sparse)).total_s > 0

    class Sparse(type(toy)):  # type: ignore[misc]
        """The same family with draws that are never connected."""

        def random(self, rng: Any) -> Any:
            """Two edges."""
            return sparse

    result = searched(Random(), Sparse("sparse", toy.decision, toy._seconds, 12), evaluations=4)
    assert result.meter.evaluations == 4
    assert result.cost_s < float("inf")


def test_known_starts_are_scored_and_nothing_else(searched: Any, random_problem: Any) -> None:
    """Five for the paper's family; one draw where a family names none."""
    assert searched(KnownStarts(), random_problem(2, 3), evaluations=100).meter.evaluations == 5
    assert searched(KnownStarts(), TOYS["choice"], evaluations=100).meter.evaluations == 1


def test_local_search_begins_at_the_given_start(searched: Any) -> None:
    """With a start, the first candidate that it scores is that one again."""
    toy = TOYS["permutation"]
    good = searched(LocalSearch(), toy, seed=1, evaluations=400)
    result = searched(LocalSearch(), toy, seed=2, start=good.candidate, evaluations=30)
    assert result.cost_s <= good.cost_s


def test_keys_of_the_evolution_strategy_keep_their_order() -> None:
    """All within [0, 1), rising with the numbers they are made of, and even at the step size it begins with."""
    point = np.array([-1e6, -3.0, -0.5, 0.0, 0.5, 3.0, 1e6, 1e12])
    keys = into_unit_interval(point)
    assert (np.diff(keys[:-1]) > 0).all()
    assert keys.min() >= 0
    assert keys.max() < 1
    drawn = into_unit_interval(np.random.default_rng(0).standard_normal(10_000))
    assert np.histogram(drawn, bins=4, range=(0, 1))[0].min() > 1800
