"""The search for atom's participants."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from tasklet_bench.problems import families
from tasklet_bench.problems.atom import AtomOptions, AtomProblem
from tasklet_bench.problems.pipeline_model.devices import Devices
from tasklet_bench.problems.pipeline_model.model import Model
from tasklet_bench.problems.topology import Site
from tasklet_bench.strategies.participant_search.strategy import MOST_PEERS, ParticipantSearch
from tasklet_bench.strategies.participant_search.walk import choose_ways, cost_of, useful_ways
from tasklet_bench.strategies.registry import strategy_class
from tests.strategies.conftest import Searched

HOMES = "atom/measured/residential-20?sequences=2048&cards=RTX4090,RTX3090&rates=10"


def make(n: int, seed: int, accumulations: tuple[int, ...] = (1, 3, 4)) -> AtomProblem:
    """A random instance of N peers in which swaps, memory and network all matter."""
    rng = np.random.default_rng(seed)
    devices = Devices(
        (Site("all", n),),
        rng.uniform(2e9, 2e10, n),
        rng.uniform(1e7, 4e7, n),
        np.full(n, 1e9),
        rng.uniform(5e6, 5e8, n),
        rng.uniform(1e6, 1e7, n),
        rng.uniform(1e6, 1e7, n),
        rng.uniform(0, 0.1, (n, n)),
        rng.uniform(5e5, 1e7, (n, n)),
    )
    return AtomProblem(f"random-{seed}", devices, Model(6, 256, 4, 64, 48), AtomOptions(1, accumulations))


@pytest.mark.parametrize("seed", range(6))
def test_ways_are_the_best_of_their_participants(seed: int) -> None:
    """For every set of three peers no ways are cheaper than the chosen ones, and they cost what the walk says."""
    problem = make(3, seed, (1, 3) if seed % 2 else (2, 5))
    ways, chosen = useful_ways(problem.pack), np.zeros(3, dtype=np.int64)
    every = [np.array(choice) for choice in product(*(range(len(menu.ways)) for menu in problem.menus))]
    for code in range(1, 8):
        takes_part = np.array([code & 1, code >> 1 & 1, code >> 2 & 1])
        least_s = min(problem.cost((takes_part, choice)).total_s for choice in every)
        np.testing.assert_allclose(cost_of(problem.pack, ways, takes_part, np.inf), least_s, rtol=1e-12)
        choose_ways(problem.pack, ways, takes_part, chosen)
        np.testing.assert_allclose(problem.cost((takes_part, chosen)).total_s, least_s, rtol=1e-12)


@pytest.mark.parametrize("seed", range(3))
def test_all_sets_of_few_peers_are_tried(searched: Searched, seed: int) -> None:
    """With few peers the search ends at the brute-force optimum, and proves it."""
    problem = make(3, seed, (1, 3))
    result = searched(ParticipantSearch(), problem, evaluations=10_000)
    every = product(*(range(-1, len(menu.ways)) for menu in problem.menus))
    optimum_s = min(
        problem.cost((np.array([int(way >= 0) for way in choice]), np.maximum(choice, 0))).total_s
        for choice in every
        if max(choice) >= 0
    )
    np.testing.assert_allclose(result.cost_s, optimum_s, rtol=1e-12)
    np.testing.assert_allclose(result.meter.bound_s, optimum_s, rtol=1e-8)


def test_homes_are_solved(searched: Searched) -> None:
    """The prefix by network is optimal among the twenty homes: 264.67 s, proven."""
    result = searched(ParticipantSearch(), families.load(HOMES), evaluations=2_000_000)
    assert round(result.cost_s, 2) == 264.67
    assert result.meter.bound_s == pytest.approx(result.cost_s, rel=1e-8)


def test_no_start_beats_the_search_by_much(searched: Searched) -> None:
    """Above the peers of whom all sets are tried, the search is at least as good as the family's baselines."""
    problem = make(MOST_PEERS + 6, 3)
    starts_s = [problem.cost(start).total_s for start in problem.starts().values()]
    result = searched(ParticipantSearch(), problem, evaluations=5000)
    assert result.cost_s <= min(starts_s) * (1 + 1e-9)


def test_the_same_seed_gives_the_same_run(searched: Searched) -> None:
    """Under a budget of evaluations two runs of one seed are alike."""
    problem = make(MOST_PEERS + 2, 5)
    first, second = (searched(ParticipantSearch(), problem, evaluations=1000, seed=3) for _ in range(2))
    assert first.cost_s == second.cost_s


@pytest.mark.parametrize("evaluations", [1, 2, 5, 30])
@pytest.mark.parametrize("n", [1, 4, 22])
def test_small_budgets_are_kept(searched: Searched, evaluations: int, n: int) -> None:
    """However few evaluations there are, the search ends with a decision."""
    assert np.isfinite(searched(ParticipantSearch(), make(n, 1), evaluations=evaluations).cost_s)


def test_registered() -> None:
    """The strategy is found by its name, for this family alone."""
    assert strategy_class("participant-search") is ParticipantSearch
    assert ParticipantSearch.families == ("atom",)
