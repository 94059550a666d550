"""Tiny rounds, all of whose candidates are scored."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tasklet_bench.problems.candidate import Infeasible
from tasklet_bench.problems.federated_round import FederatedRoundProblem
from tasklet_bench.problems.federated_round.instance_file import from_json

ProblemMaker = Callable[..., FederatedRoundProblem]

FILES = Path(__file__).parent.parent / "families"

MENUS: list[dict[str, Any]] = [
    {"preset": "fedavg"},
    {"preset": "fedsup", "widths": [1.0, 0.25]},
    {"preset": "e-fedsup", "widths": [1.0, 0.5, 0.125]},
    {"preset": "masked-core"},
    {"preset": "ist", "widths": [0.5, 0.25, 0.125], "least_utility": 1.5},
    {"preset": "psl"},
    {"preset": "psl", "offloading": "any"},
    {"preset": "e-fedsup", "widths": [1.0, 0.5], "offloading": "any"},
]


def all_candidates(problem: FederatedRoundProblem) -> Iterator[tuple[Any, Any, Any]]:
    """Every rooted tree with all levels and all hosts that offloading allows."""
    n, menu = problem.setting.n_devices, problem.setting.menu
    site_of = problem.setting.site_of
    may = {"no": np.eye(n, dtype=bool), "site": site_of[:, None] == site_of, "any": np.ones((n, n), dtype=bool)}
    hosts = [np.flatnonzero(row) for row in may[menu.offloading]]
    trees = [parent for parent in product(range(n), repeat=n) if _is_tree(parent)]
    for parent, level, host in product(trees, product(range(len(menu.widths)), repeat=n), product(*hosts)):
        yield np.array(parent), np.array(level), np.array(host)


def _is_tree(parent: tuple[int, ...]) -> bool:
    above = list(range(len(parent)))
    for _ in parent:
        above = [parent[i] for i in above]
    return len(set(above)) == 1 and parent[above[0]] == above[0]


def optimum_s(problem: FederatedRoundProblem) -> float:
    """The cost of the best candidate of all."""
    best_s = np.inf
    for candidate in all_candidates(problem):
        try:
            best_s = min(best_s, problem.cost(candidate).total_s)
        except Infeasible:
            continue
    return float(best_s)


def test_the_stated_optimum_is_that_of_all_candidates() -> None:
    """Enumeration gives the optimum that was computed apart."""
    instances = json.loads((FILES / "federated_round.json").read_text())["instances"]
    (instance,) = (instance for instance in instances if "optimum_s" in instance)
    assert optimum_s(from_json(instance, "file")) == pytest.approx(instance["optimum_s"], rel=1e-12)


@pytest.mark.parametrize("menu", MENUS, ids=lambda menu: "-".join(str(value) for value in menu.values()))
def test_no_bound_is_above_the_optimum(make_problem: ProblemMaker, menu: dict[str, Any]) -> None:
    """On three devices, at one site, at two and at three, nothing costs less than the bound."""
    for seed, sites in enumerate([(1, 1, 1), (2, 1), (3,), (1, 1, 1)]):
        problem = make_problem(seed, sites, **menu)
        assert 0 < problem.bound() <= optimum_s(problem) * (1 + 1e-12)


def test_no_bound_is_above_the_optimum_of_four_devices(make_problem: ProblemMaker) -> None:
    """Nor on four devices, where heads have several children."""
    for seed, menu in enumerate(MENUS[:2]):
        problem = make_problem(seed + 10, (2, 2) if seed else (1, 1, 1, 1), **menu)
        assert problem.bound() <= optimum_s(problem) * (1 + 1e-12)


def test_cost_and_judge_agree_on_all_candidates_of_three_devices(make_problem: ProblemMaker) -> None:
    """Both give the same seconds, and refuse the same candidates."""
    for menu in (MENUS[3], MENUS[4], MENUS[7]):
        problem = make_problem(5, (2, 1), **menu)
        for candidate in list(all_candidates(problem))[::7]:
            costs = [_total_s(score, candidate) for score in (problem.cost, problem.judge)]
            assert costs[0] == pytest.approx(costs[1], rel=1e-12)


def _total_s(score: Any, candidate: Any) -> float:
    try:
        return float(score(candidate).total_s)
    except Infeasible:
        return np.inf
