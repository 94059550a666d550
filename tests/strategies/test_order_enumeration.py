"""All orders of a few devices."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest

from tasklet_bench.bench.execution.meter import Meter
from tasklet_bench.bench.runs.budget import Budget
from tasklet_bench.problems.families import from_json
from tasklet_bench.problems.gossip import GossipProblem
from tasklet_bench.strategies.order_enumeration import OrderEnumeration
from tasklet_bench.strategies.registry import strategy_class
from tests.problems.gossip.conftest import check_instances, draw_problem


def _search(problem: GossipProblem, evaluations: int = 10**6) -> Meter:
    run = Meter(problem, Budget(evaluations=evaluations), lambda reported: None)
    run.start_clocks()
    OrderEnumeration().search(problem, run, np.random.default_rng(0))
    return run


@pytest.mark.parametrize("name", ["ring-4", "all-reduce-6"])
def test_stated_optima_are_proven(name: str) -> None:
    """The best order costs the stated optimum, and the bound says that no other is cheaper."""
    instance = next(instance for instance in check_instances() if instance["name"] == name)
    run = _search(from_json(instance, "file"))
    assert run.best_s == run.bound_s == pytest.approx(instance["optimum_s"], rel=1e-9)


@pytest.mark.parametrize(
    ("mixing", "n", "jitter"),
    [
        ("ring", 6, 0.0),
        ("ring", 4, 0.5),
        ("one-peer-exp", 4, 0.5),
        ("complete", 5, 0.5),
        ("alternating-exp-ring", 4, 0.0),
    ],
)
def test_a_fixed_first_device_loses_nothing(mixing: str, n: int, jitter: float) -> None:
    """The proven optimum is that of all orders, whatever was left out for symmetry."""
    problem = draw_problem(7, n, mixing, jitter=jitter)
    best_s = min(problem.cost(np.array(order)).total_s for order in permutations(range(n)))
    run = _search(problem)
    assert run.best_s == run.bound_s == pytest.approx(best_s, rel=1e-12)


def test_no_proof_without_all_orders() -> None:
    """Neither where there are too many, nor where the budget ends before."""
    assert _search(draw_problem(0, 16, "ring")).bound_s == -np.inf
    cut = _search(draw_problem(0, 6, "ring"), 30)
    assert cut.evaluations == 30
    assert cut.bound_s == -np.inf


def test_it_is_registered() -> None:
    """By its name."""
    assert strategy_class("order-enumeration") is OrderEnumeration
