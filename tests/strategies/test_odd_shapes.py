"""Every strategy that takes allocations on shapes and links at the edge, and on whole grids, with a small budget."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasklet_bench.problems import families
from tasklet_bench.strategies.registry import STRATEGIES, strategy_class

LIBRARIES = {
    "multilevel": "pymetis",
    "kahip": "kahip",
    "mtkahypar": "mtkahypar",
    "scotch": "pyscotch",
    "flashflex": "pymetis",
    "nevergrad": "nevergrad",
}
"""Optional libraries, by the strategy that needs one."""
SLOW_TO_START = {"constraint-program": {"cpu_s": 0.2}, "exact-small": {"evaluations": 40, "cpu_s": 0.2}}
"""Budgets of the solvers for which a few evaluations are no limit; the others get a few evaluations."""
DEAR = {"kahip": 2, "mtkahypar": 2}
"""Evaluations of 256 devices, by strategy, where one takes half a second."""
TAKE_ALLOCATIONS = [name for name in STRATEGIES if {"allocation", "*"} & set(strategy_class(name).families)]


def _strategy(name: str) -> Any:
    if name in LIBRARIES and find_spec(LIBRARIES[name]) is None:
        pytest.skip(f"{name} needs {LIBRARIES[name]}")
    return strategy_class(name)()


@pytest.mark.parametrize("name", TAKE_ALLOCATIONS)
@settings(max_examples=12)
@given(data=st.data(), seed=st.integers(0, 100), evaluations=st.integers(1, 40))
def test_what_is_reported_is_valid_and_within_the_budget(
    searched: Any, odd_problems: Any, name: str, data: st.DataObject, seed: int, evaluations: int
) -> None:
    """The incumbent costs what was reported, every improvement is one, and no evaluation is spent beyond the budget."""
    problem = data.draw(odd_problems)
    budget = SLOW_TO_START.get(name, {"evaluations": evaluations})
    result = searched(_strategy(name), problem, seed, **budget)
    costs_s = [reported.cost_s for reported in result.reported if reported.candidate is not None]
    assert costs_s == sorted(costs_s, reverse=True)
    if costs_s:
        assert problem.cost(result.candidate).total_s == result.cost_s
    assert result.meter.evaluations <= budget.get("evaluations", result.meter.evaluations)
    assert result.meter.bound_s <= result.cost_s * (1 + 1e-9)


@pytest.mark.parametrize("name", [name for name in TAKE_ALLOCATIONS if name not in SLOW_TO_START])
def test_256_devices_are_searched(searched: Any, random_problem: Any, name: str) -> None:
    """A few evaluations are enough to tell a valid allocation of many devices."""
    problem = random_problem(16, 16)
    result = searched(_strategy(name), problem, evaluations=DEAR.get(name, 20))
    assert problem.cost(result.candidate).total_s == result.cost_s
    assert result.meter.evaluations <= 20


@pytest.mark.parametrize("decided", ["wiring=free", "layers=free", "wiring=free&layers=free"])
@pytest.mark.parametrize("name", [name for name in STRATEGIES if "iteration-time" in strategy_class(name).families])
def test_whole_grids_and_layers_are_searched_or_taken_as_they_are(searched: Any, name: str, decided: str) -> None:
    """Who takes allocations in simulated seconds hands in what is decided there: devices in cells, layers of stages."""
    problem = families.load(f"iteration-time/measured/hybrid-dgx2-t4-a10-24?workload=gpt3-xl&schedule=1f1b&{decided}")
    result = searched(_strategy(name), problem, evaluations=20)
    assert problem.judge(result.candidate).total_s == pytest.approx(result.cost_s, rel=1e-9)
    assert result.meter.best_s >= problem.bound()
