"""Bounds on rounds too large to enumerate."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tasklet_bench.problems.federated_round import FederatedRoundProblem
from tasklet_bench.problems.federated_round.bound import bounds_by_ways, lower_bound
from tasklet_bench.problems.federated_round.names import load
from tasklet_bench.problems.federated_round.setting import Setting
from tasklet_bench.problems.federated_round.spreading_kernel import consumed
from tasklet_bench.strategies.tree_search.walk import Walker

ProblemMaker = Callable[..., FederatedRoundProblem]

MENUS: list[dict[str, Any]] = [
    {"preset": "fedavg"},
    {"preset": "fedsup"},
    {"preset": "e-fedsup"},
    {"preset": "masked-core"},
    {"preset": "ist", "least_utility": 2.0},
    {"preset": "ist", "least_utility": 1.0, "widths": [0.5, 0.25], "exchange": "full"},
    {"preset": "e-fedsup", "widths": [0.8, 0.3, 0.1], "least_utility": 0.35},
    {"preset": "psl"},
    {"preset": "psl", "offloading": "any"},
    {"preset": "e-fedsup", "offloading": "any"},
]


def plain_bound(setting: Setting) -> float:
    """The family's first bound: shortest delays and widest ways, each on its own."""
    delay_s, width = setting.delay_s.copy(), setting.bandwidth_bytes_s.copy()
    for k in range(setting.n_devices):
        delay_s = np.minimum(delay_s, delay_s[:, k : k + 1] + delay_s[k : k + 1])
        width = np.maximum(width, np.minimum(width[:, k : k + 1], width[k : k + 1]))
    share = np.ones(1) if setting.menu.exchange == "full" else setting.widths
    way_s = (delay_s + delay_s.T) + setting.model_bytes * share[:, None, None] * (1 / width + 1 / width.T)
    way_s = np.broadcast_to(way_s, (len(setting.widths), *way_s.shape[1:]))
    return float(bounds_by_ways(setting, way_s).min())


def searched_s(problem: FederatedRoundProblem, evaluations: int) -> float:
    """What a short search finds."""
    rng = np.random.default_rng(0)
    plan = problem.random(rng)
    walker = Walker(problem, rng, 0.5)
    walker.begin(plan, problem.cost(plan).total_s)
    for temperature in np.geomspace(0.1, 1e-3, 20):
        walker.walk(temperature, evaluations // 20, 100 * evaluations)
    return problem.cost(walker.best).total_s


@pytest.mark.parametrize("menu", MENUS, ids=lambda menu: "-".join(str(value) for value in menu.values()))
def test_no_search_goes_below_the_bound(make_problem: ProblemMaker, menu: dict[str, Any]) -> None:
    """With sites of several sizes and with none; and the bound is no lower than the plain one."""
    for seed, sites in enumerate([(1,) * 9, (4, 3, 2), (12,), (1,) * 16, (6, 6, 6)]):
        problem = make_problem(seed, sites, **menu)
        bound = problem.bound()
        assert plain_bound(problem.setting) * (1 - 1e-9) <= bound <= searched_s(problem, 4000)


@pytest.mark.parametrize(
    ("name", "share"),
    [
        ("measured/aws10-uneven-64?preset=masked-core", 0.5),
        ("measured/aws10-uneven-64?preset=fedavg", 0.4),
        ("measured/sky-3metro-3cloud-72?preset=ist&least_utility=4&model=llama-13b", 0.5),
        ("generated/geometric?n=64&seed=3&preset=fedavg", 0.5),
    ],
)
def test_the_bound_closes_much_of_what_the_plain_one_leaves_open(name: str, share: float) -> None:
    """Of the gap to what a short search finds."""
    problem = load(f"federated-round/{name}")
    plain, best_s = plain_bound(problem.setting), searched_s(problem, 60_000)
    assert problem.bound() - plain >= share * (best_s - plain)


def test_equal_links_give_a_bound_near_the_optimum(make_problem: ProblemMaker) -> None:
    """Where all links are alike nothing but the sharing of cards counts, and the bound sees that."""
    problem = make_problem(0, (16,), preset="fedavg")
    assert lower_bound(problem.setting) >= 0.75 * searched_s(problem, 20_000)


def test_what_next_devices_have_less_is_that_of_the_best_tree() -> None:
    """With a second to send a model and one to receive it, c children cost c seconds and the j-th of them j more.

    So a child costs two, two children four (or one with a child of its own), three five (two, the last with a child).
    """
    exact = [0, 2, 4, 5, 6, 7]
    result = consumed(0.0, 1.0, 1.0, np.ones(1), len(exact))[0]
    assert (result <= np.array(exact) + 1e-9).all()
    assert (result >= np.array(exact) - 0.5).all()
