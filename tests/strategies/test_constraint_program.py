"""The constraint program: its proofs, its bounds, its budgets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasklet_bench.bench.execution.meter import Meter
from tasklet_bench.bench.runs.budget import Budget
from tasklet_bench.problems import Shape, Site, Topology, Workload
from tasklet_bench.problems.allocation import Allocation, AllocationProblem
from tasklet_bench.problems.allocation.classes import DeviceClasses
from tasklet_bench.problems.instances.catalogue import load
from tasklet_bench.strategies.constraint_program.integer_problem import WholeProblem
from tasklet_bench.strategies.constraint_program.strategy import ConstraintProgram
from tasklet_bench.strategies.constraint_program.windows import Windows
from tasklet_bench.strategies.enumeration.strategy import ExactSmall
from tasklet_bench.strategies.run import BudgetExhausted
from tasklet_bench.strategies.shared.run_share import Share

PROVEN = 1e-6
CLOSED = 1e-9
"""What remains of the gap where every device is a class of its own."""


@pytest.mark.parametrize(
    ("name", "optimum_s"),
    [
        ("paper/datacentre", 3.439799129486084),
        ("paper/spot", 31.634159832000734),
        ("paper/two-datacentres", 16.086839732578824),
        ("paper/regional", 34.802041017212275),
        ("paper/worldwide", 49.21838005312844),
        ("measured/gcp4-hivemind-32", 89.95037922979917),
    ],
)
def test_optimum_is_proven(searched: Any, name: str, optimum_s: float) -> None:
    """The paper's scenarios and four measured sites: found, and bounded from below at the same value."""
    problem = load(name)
    result = searched(ConstraintProgram(), problem, evaluations=200_000)
    assert result.cost_s == pytest.approx(optimum_s, rel=1e-9)
    assert result.cost_s * (1 - PROVEN) <= max(result.meter.bound_s, problem.bound()) <= result.cost_s


@settings(max_examples=12)
@given(shape=st.sampled_from([(2, 4), (4, 2), (3, 3), (2, 5), (5, 2), (1, 6), (3, 4)]), seed=st.integers(0, 1000))
def test_unlike_devices_are_solved_to_their_optimum(
    searched: Any, random_problem: Any, shape: tuple[int, int], seed: int
) -> None:
    """Where every device is a class of its own, both exact strategies agree on the optimum."""
    problem = random_problem(*shape, seed=seed)
    optimum_s = searched(ExactSmall(), problem, evaluations=10**9).cost_s
    result = searched(ConstraintProgram(), problem, evaluations=100_000)
    assert result.cost_s == pytest.approx(optimum_s, rel=CLOSED)
    assert result.cost_s * (1 - CLOSED) <= max(result.meter.bound_s, problem.bound()) <= optimum_s * (1 + 1e-12)


@settings(max_examples=12)
@given(
    sizes=st.sampled_from([(4, 3, 1), (2, 2, 2, 2), (5, 3), (8,), (1, 1, 6), (3, 2, 2, 1)]),
    shape=st.sampled_from([(2, 4), (4, 2)]),
    seed=st.integers(0, 1000),
)
def test_counting_devices_loses_nothing(
    searched: Any, sizes: tuple[int, ...], shape: tuple[int, int], seed: int
) -> None:
    """With classes of interchangeable devices, counted or not, the optimum is that of the enumeration."""
    problem = sites(sizes, shape, seed)
    optimum_s = searched(ExactSmall(), problem, evaluations=10**9).cost_s
    for model in ("counts", "devices"):
        result = searched(ConstraintProgram(model=model), problem, evaluations=100_000)
        assert result.cost_s == pytest.approx(optimum_s, rel=PROVEN)
        assert result.cost_s * (1 - PROVEN) <= max(result.meter.bound_s, problem.bound()) <= optimum_s * (1 + 1e-12)


@settings(max_examples=30)
@given(data=st.data())
def test_odd_shapes_are_solved(searched: Any, odd_problems: Any, data: st.DataObject) -> None:
    """Whatever the shape and the links, dead-slow ones too, the result is proven."""
    problem = data.draw(odd_problems)
    result = searched(ConstraintProgram(), problem, evaluations=100_000)
    assert result.cost_s * (1 - PROVEN) <= max(result.meter.bound_s, problem.bound()) <= result.cost_s
    assert problem.cost(result.candidate).total_s == result.cost_s


@pytest.mark.parametrize("name", ["generated/geometric?n=12&dp=2&seed=1", "generated/clustered?n=12&dp=2&seed=1"])
def test_sums_beyond_32_bits_hide_no_allocation(searched: Any, name: str) -> None:
    """The optimum is found where CP-SAT's presolve, left to itself, would call models that hold it infeasible."""
    problem = load(name)
    optimum_s = searched(ExactSmall(), problem, evaluations=10**9).cost_s
    result = searched(ConstraintProgram(model="devices"), problem, evaluations=100_000)
    assert result.cost_s == pytest.approx(optimum_s, rel=CLOSED)


@settings(max_examples=25)
@given(
    shape=st.sampled_from([(2, 3), (3, 2), (2, 4), (4, 2), (3, 3), (2, 5)]),
    seed=st.integers(0, 1000),
    evaluations=st.integers(1, 400),
    windows=st.integers(1, 9),
)
def test_whatever_ends_a_run_its_bounds_hold(
    searched: Any, random_problem: Any, shape: tuple[int, int], seed: int, evaluations: int, windows: int
) -> None:
    """However few evaluations there are, no bound passes the optimum, costs fall, bounds rise, the budget is kept."""
    problem = random_problem(*shape, seed=seed)
    optimum_s = searched(ExactSmall(), problem, evaluations=10**9).cost_s
    result = searched(ConstraintProgram(windows=windows, effort=0.02), problem, evaluations=evaluations)
    costs_s, bounds_s = (
        [reported.cost_s for reported in result.reported],
        [reported.bound_s for reported in result.reported],
    )
    assert costs_s == sorted(costs_s, reverse=True)
    assert bounds_s == sorted(bounds_s)
    assert bounds_s[-1] <= optimum_s * (1 + 1e-12)
    assert result.meter.evaluations <= evaluations


@pytest.mark.parametrize(
    "name",
    [
        "paper/worldwide",
        "generated/uniform?n=64&dp=8&seed=1",
        "generated/clustered?n=256&dp=16&seed=1",
    ],
)
@pytest.mark.parametrize("budget", [{"cpu_s": 0.2}, {"cpu_s": 1.0}, {"wall_s": 1.0}])
def test_a_budget_of_time_is_kept(searched: Any, name: str, budget: dict[str, float]) -> None:
    """The search ends by itself before it would be killed, with an allocation, whether or not a model fits."""
    problem = load(name)
    searched(ConstraintProgram(), problem, evaluations=50)  # what is compiled at its first use, is now
    meter = searched(ConstraintProgram(), problem, **budget).meter
    assert meter.best_s < np.inf
    assert meter.cpu_s <= (Budget(**budget).cpu_limit_s or np.inf)
    assert meter.wall_s <= Budget(**budget).wall_limit_s


@pytest.mark.parametrize("evaluations", [1, 2, 3, 700])
def test_a_budget_of_evaluations_is_spent_and_repeats(searched: Any, evaluations: int) -> None:
    """The same seed gives the same run, incumbents and bounds, to the last evaluation; the bounds are true."""
    problem = load("measured/aws10-uneven-64")
    runs = [searched(ConstraintProgram(), problem, evaluations=evaluations) for _ in range(2)]
    steps = [[(reported.evaluations, reported.cost_s, reported.bound_s) for reported in run.reported] for run in runs]
    assert steps[0] == steps[1]
    assert [run.meter.evaluations for run in runs] == [evaluations] * 2
    assert all(bound_s <= 59.28266544290144 for _, _, bound_s in steps[0])


def test_bounds_rise_while_incumbents_fall(searched: Any, random_problem: Any) -> None:
    """Cut off half-way, a run has reported several bounds, each above the one before and none above the optimum."""
    problem = random_problem(4, 4, seed=1)
    optimum_s = searched(ExactSmall(), problem, evaluations=10**9).cost_s
    result = searched(ConstraintProgram(effort=0.05), problem, evaluations=20_000)
    bounds_s = [reported.bound_s for reported in result.reported if reported.bound_s > -np.inf]
    assert len(set(bounds_s)) >= 3
    assert bounds_s == sorted(bounds_s)
    assert bounds_s[-1] <= optimum_s


def test_256_unlike_devices_end_early(searched: Any, random_problem: Any) -> None:
    """A model that is too large is not built: the start is improved and the run returns within its budget."""
    problem = random_problem(16, 16)
    result = searched(ConstraintProgram(), problem, evaluations=3000)
    assert result.cost_s < result.reported[0].cost_s
    assert result.meter.evaluations <= 3000


def test_it_goes_on_from_where_the_user_starts(random_problem: Any) -> None:
    """Where nothing else is afforded, the allocation that the user gave is the result."""
    problem = random_problem(4, 4)
    best = min((problem.allocation(problem.random(np.random.default_rng(i))) for i in range(200)), key=cost_of(problem))
    meter = Meter(problem, Budget(evaluations=8), lambda _: None)
    meter.evaluate(best)
    ConstraintProgram().search(problem, meter, np.random.default_rng(0))
    assert meter.best_s <= problem.cost(best).total_s
    assert meter.evaluations <= 8


@given(share=st.floats(0, 1), whole=st.integers(1, 60), cap=st.integers(0, 60), asked=st.lists(st.integers(1, 9)))
def test_a_share_is_all_that_is_spent(
    random_problem: Any, share: float, whole: int, cap: int, asked: list[int]
) -> None:
    """What is asked of a share is counted by the run, and refused once the share has too little left."""
    problem = random_problem(2, 2)
    meter = Meter(problem, Budget(evaluations=whole), lambda _: None)
    part, labels, spent = Share(meter, share, cap), np.array([0, 0, 1, 1]), 0
    most = min(cap, int(share * whole))
    for evaluations in asked:
        if evaluations <= most - spent:
            part.submit(labels, evaluations)
            spent += evaluations
        else:
            with pytest.raises(BudgetExhausted):
                part.submit(labels, evaluations)
    assert meter.evaluations == spent
    assert part.remaining.evaluations == most - spent
    assert part.exhausted == (spent == most)
    if part.exhausted:
        with pytest.raises(BudgetExhausted):
            part.evaluate(labels)


def test_rounding_down_never_overrates(random_problem: Any) -> None:
    """In whole units a grid costs at most its seconds, with links all distinct less by at most 1e-9."""
    problem = random_problem(4, 6)
    rng = np.random.default_rng(0)
    for _ in range(100):
        allocation = problem.allocation(problem.random(rng))
        cost_s = problem.cost(allocation).total_s
        whole = WholeProblem.below(problem, DeviceClasses.find(problem), cost_s)
        assert cost_s * (1 - CLOSED) <= whole.seconds(whole.cost(allocation.grid)) <= cost_s


@given(data=st.data())
def test_windows_always_cover_what_is_open(data: st.DataObject) -> None:
    """However windows are taken, put back and closed, the bound never falls and never passes what is still open."""
    windows = Windows(
        low=10, high=data.draw(st.integers(10, 60)), pipeline_least=5, pieces=data.draw(st.integers(1, 9))
    )
    cost, before = windows.high + 6, 0
    alive = set(range(windows.low, windows.high + 1))
    for _ in range(data.draw(st.integers(0, 12))):
        if not windows.open:
            break
        window = windows.take()
        values = set(range(window.low, window.high + 1))
        if data.draw(st.booleans()):
            alive -= values
        else:
            windows.put_back(window, data.draw(st.integers(0, window.low + 5)))
        assert {value for w in windows.open for value in range(w.low, w.high + 1)} == alive
        assert before <= windows.bound(cost) <= min([cost, *(value + 5 for value in alive)])
        before = windows.bound(cost)


@pytest.mark.parametrize("parameters", [{"windows": 0}, {"effort": 0.0}, {"effort": float("nan")}])
def test_nonsense_parameters_are_refused(parameters: dict[str, float]) -> None:
    """No windows, no effort."""
    with pytest.raises(ValueError, match="expected"):
        ConstraintProgram(**parameters)


def sites(sizes: tuple[int, ...], shape: tuple[int, int], seed: int) -> AllocationProblem:
    """Sites with random links between and inside them, so that devices of a site are interchangeable."""
    rng = np.random.default_rng(seed)
    n = len(sizes)
    topology = Topology.between_sites(
        tuple(Site(f"site {i}", size) for i, size in enumerate(sizes)),
        rng.uniform(1, 100, (n, n)),
        rng.uniform(0.1, 5, (n, n)),
    )
    return AllocationProblem("sites", topology, Workload(6e8, 5e8), Shape(*shape))


def cost_of(problem: AllocationProblem) -> Callable[[Allocation], float]:
    """What an allocation costs (in seconds)."""
    return lambda allocation: problem.cost(allocation).total_s
