"""The dynamic programme: its proofs, its bounds, its budgets."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasklet_bench.bench.runs.budget import Budget
from tasklet_bench.problems import Shape, Site, Topology, Workload
from tasklet_bench.problems.allocation import AllocationProblem
from tasklet_bench.problems.allocation.classes import DeviceClasses
from tasklet_bench.problems.allocation.compositions.counted import CountedProblem
from tasklet_bench.problems.allocation.compositions.relaxing import relaxed
from tasklet_bench.problems.allocation.compositions.search import Search
from tasklet_bench.problems.instances.catalogue import load
from tasklet_bench.strategies.dynamic_program.strategy import DynamicProgram
from tasklet_bench.strategies.dynamic_program.windows import Window, Windows
from tasklet_bench.strategies.enumeration.strategy import ExactSmall

CLOSED = 2e-9
"""What remains of the gap at most: links in whole units, and the tolerance of one cost."""


def proven(result: Any, problem: AllocationProblem) -> bool:
    """Whether the bound meets the cost, and does not pass it."""
    return bool(result.cost_s * (1 - CLOSED) <= max(result.meter.bound_s, problem.bound()) <= result.cost_s)


@pytest.mark.parametrize(
    ("name", "optimum_s"),
    [
        ("paper/datacentre", 3.439799129486084),
        ("paper/spot", 31.634159832000734),
        ("paper/two-datacentres", 16.086839732578824),
        ("paper/regional", 34.802041017212275),
        ("paper/worldwide", 49.21838005312844),
        ("paper/worldwide?dp=4", 78.62592447),
        ("measured/gcp4-hivemind-32", 89.95037922979917),
        ("measured/aws10-uneven-64?dp=4", 91.2685062698005),
        ("generated/farm?n=24&dp=4&seed=1&workload=gpt3-xl", 5.022148480),
    ],
)
def test_optimum_is_proven(searched: Any, name: str, optimum_s: float) -> None:
    """The paper's scenarios and others with classes: found, and bounded from below at the same value."""
    problem = load(name)
    result = searched(DynamicProgram(), problem, evaluations=120_000)
    assert result.cost_s == pytest.approx(optimum_s, rel=1e-8)
    assert proven(result, problem)


@settings(max_examples=25)
@given(
    sizes=st.sampled_from([(4, 3, 1), (2, 2, 2, 2), (5, 3), (8,), (1, 1, 6), (3, 2, 2, 1), (7, 5), (4, 4, 4)]),
    data_parallel=st.sampled_from([1, 2, 4]),
    warm=st.sampled_from(["annealing", "none"]),
    windows=st.integers(1, 9),
    seed=st.integers(0, 10**6),
)
def test_counting_devices_loses_nothing(
    searched: Any, sizes: tuple[int, ...], data_parallel: int, warm: Any, windows: int, seed: int
) -> None:
    """With classes of interchangeable devices, the optimum is that of the enumeration, whatever it begins with."""
    problem = sites(sizes, Shape(data_parallel, sum(sizes) // data_parallel), seed)
    if problem.shape.pipeline_parallel > 6:
        return
    optimum_s = searched(ExactSmall(), problem, evaluations=10**9).cost_s
    result = searched(DynamicProgram(warm=warm, windows=windows), problem, evaluations=100_000)
    assert result.cost_s == pytest.approx(optimum_s, rel=CLOSED)
    assert proven(result, problem)


@settings(max_examples=12)
@given(shape=st.sampled_from([(2, 4), (4, 2), (3, 3), (2, 5), (5, 2), (1, 6), (3, 4)]), seed=st.integers(0, 1000))
def test_unlike_devices_are_solved_to_their_optimum(
    searched: Any, random_problem: Any, shape: tuple[int, int], seed: int
) -> None:
    """Where every device is a class of its own, both exact strategies agree on the optimum."""
    problem = random_problem(*shape, seed=seed)
    optimum_s = searched(ExactSmall(), problem, evaluations=10**9).cost_s
    result = searched(DynamicProgram(warm="none"), problem, evaluations=100_000)
    assert result.cost_s == pytest.approx(optimum_s, rel=CLOSED)
    assert proven(result, problem)


@settings(max_examples=30)
@given(data=st.data())
def test_odd_shapes_are_solved(searched: Any, odd_problems: Any, data: st.DataObject) -> None:
    """Whatever the shape and the links, dead-slow ones too, the result is proven."""
    problem = data.draw(odd_problems)
    result = searched(DynamicProgram(), problem, evaluations=100_000)
    assert proven(result, problem)
    assert problem.cost(result.candidate).total_s == result.cost_s


@settings(max_examples=25)
@given(
    sizes=st.sampled_from([(4, 3, 1), (5, 3), (3, 2, 2, 1), (4, 4, 4), (1,) * 8]),
    seed=st.integers(0, 1000),
    evaluations=st.integers(1, 400),
)
def test_whatever_ends_a_run_its_bounds_hold(
    searched: Any, sizes: tuple[int, ...], seed: int, evaluations: int
) -> None:
    """However few evaluations there are, no bound passes the optimum, costs fall, bounds rise, the budget is kept."""
    problem = sites(sizes, Shape(2, sum(sizes) // 2), seed)
    optimum_s = searched(ExactSmall(), problem, evaluations=10**9).cost_s
    result = searched(DynamicProgram(), problem, evaluations=evaluations)
    costs_s, bounds_s = zip(*((reported.cost_s, reported.bound_s) for reported in result.reported), strict=True)
    assert list(costs_s) == sorted(costs_s, reverse=True)
    assert list(bounds_s) == sorted(bounds_s)
    assert bounds_s[-1] <= optimum_s * (1 + 1e-12)
    assert result.meter.evaluations <= evaluations


@pytest.mark.parametrize(
    "name",
    [
        "generated/cities?n=64&dp=8&seed=3",
        "generated/uniform?n=32&dp=4&seed=1",
        "generated/hierarchical?n=64&dp=8&seed=2",  # half a million compositions of sixteen classes
        "measured/gcp12-single-stream-96?dp=12",  # 1.3 million
    ],
)
@pytest.mark.parametrize("budget", [{"cpu_s": 0.5}, {"wall_s": 1.0}])
def test_a_budget_of_time_is_kept(searched: Any, name: str, budget: dict[str, float]) -> None:
    """A search that is far from a proof ends by itself before it would be killed."""
    problem = load(name)
    searched(DynamicProgram(), problem, evaluations=50)  # what is compiled at its first use, is now
    meter = searched(DynamicProgram(), problem, **budget).meter
    assert meter.best_s < np.inf
    assert meter.cpu_s <= (Budget(**budget).cpu_limit_s or np.inf)
    assert meter.wall_s <= Budget(**budget).wall_limit_s


@pytest.mark.parametrize("name", ["generated/uniform?n=64&dp=8&seed=1", "generated/clustered?n=256&dp=16&seed=1"])
def test_what_cannot_be_counted_gets_a_bound_alone(searched: Any, name: str) -> None:
    """Devices that are all different have too many compositions: an allocation, and a bound that it does not pass."""
    problem = load(name)
    meter = searched(DynamicProgram(warm="none"), problem, evaluations=3_000).meter
    assert 0 < meter.bound_s < meter.best_s < np.inf


@settings(max_examples=20)
@given(
    shape=st.sampled_from([(2, 4), (4, 2), (3, 3), (2, 5), (3, 4)]),
    seed=st.integers(0, 1000),
    most=st.sampled_from([1, 5, 20, 60]),
)
def test_the_cheapest_among_relaxed_classes_is_a_bound(
    searched: Any, random_problem: Any, shape: tuple[int, int], seed: int, most: int
) -> None:
    """However few classes the devices are merged into, nothing costs less than the cheapest pipeline among them."""
    problem = random_problem(*shape, seed=seed)
    optimum_s = searched(ExactSmall(), problem, evaluations=10**9).cost_s
    classes = relaxed(DeviceClasses.find(problem), problem.shape.data_parallel, most)
    counted = CountedProblem.below(problem, classes, optimum_s)
    assert len(counted.stages) <= max(most, 1)
    search = Search(counted)
    outcomes = {int(dp): search.cheapest(int(dp), 2**60, 10**9, 10**7).pipeline for dp in np.unique(counted.dp)}
    least = min(dp + pipeline for dp, pipeline in outcomes.items() if pipeline is not None)
    assert counted.seconds(least) <= optimum_s


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("seed", [2, 4])
def test_uneven_cities_are_proven(searched: Any, seed: int) -> None:
    """Ten cities of 2 to 12 devices, all alike inside a city, are solved to a proof."""
    problem = load(f"generated/cities?n=64&dp=8&seed={seed}")
    result = searched(DynamicProgram(), problem, evaluations=400_000)
    assert proven(result, problem)


@settings(max_examples=50)
@given(low=st.integers(0, 50), width=st.integers(0, 60), pieces=st.integers(1, 12), data=st.data())
def test_windows_leave_nothing_out(low: int, width: int, pieces: int, data: st.DataObject) -> None:
    """Each cost of a slowest stage is taken once more after it was put back or postponed, until it is closed."""
    windows = Windows.of(low, low + width, 5, pieces)
    open_values = set(range(low, low + width + 1))
    for _ in range(200):
        window = windows.take(cost=10**6)
        if window is None:
            break
        assert set(range(window.low, window.high + 1)) <= open_values
        action = data.draw(st.sampled_from(["close", "put back", "postpone"])) if window.attempts < 3 else "close"
        if action == "close":
            open_values -= set(range(window.low, window.high + 1))
        elif action == "put back":
            windows.put_back(window, window.pipeline + 1)
        else:
            windows.postpone(window)
    assert windows.take(cost=10**6) is not None or not open_values


def test_windows_end_where_nothing_can_be_better() -> None:
    """What costs as much as the incumbent, its pipeline included, is not looked at again."""
    windows = Windows([Window(low=10, high=20, pipeline=5)])
    assert windows.bound(cost=100) == 15
    assert windows.take(cost=18) == Window(10, 12, 5)
    assert windows.take(cost=18) is None
    assert windows.bound(cost=18) == 18


def sites(sizes: tuple[int, ...], shape: Shape, seed: int) -> AllocationProblem:
    """Sites of interchangeable devices with random links between them."""
    rng = np.random.default_rng(seed)
    n = len(sizes)
    delay_ms, gbps = rng.uniform(1, 100, (n, n)), rng.uniform(0.1, 10, (n, n))
    places = tuple(Site(f"site {i}", size) for i, size in enumerate(sizes))
    topology = Topology.between_sites(places, delay_ms + delay_ms.T, gbps + gbps.T)
    return AllocationProblem(f"sites-{seed}", topology, Workload(6e8, 5e8), shape)
