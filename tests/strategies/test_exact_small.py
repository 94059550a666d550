"""The enumeration of all partitions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasklet_bench.problems.allocation import cost_model
from tasklet_bench.problems.instances.catalogue import load
from tasklet_bench.problems.workload import Shape
from tasklet_bench.strategies.enumeration.strategy import ExactSmall, check_reach

SHAPES_TO_8 = [(d, n // d) for n in range(1, 9) for d in range(1, n + 1) if n % d == 0]


def all_labels(group_size: int, n_groups: int) -> Iterator[np.ndarray]:
    """Every partition once: a device joins a group that has room, or opens the next one."""

    def grow(labels: list[int]) -> Iterator[list[int]]:
        if len(labels) == group_size * n_groups:
            yield labels
            return
        for group in range(min(n_groups, max(labels, default=-1) + 2)):
            if labels.count(group) < group_size:
                yield from grow([*labels, group])

    return map(np.array, grow([]))


@pytest.mark.parametrize(("d", "k"), SHAPES_TO_8)
def test_no_partition_is_cheaper(searched: Any, random_problem: Any, d: int, k: int) -> None:
    """For every shape up to 8 devices the result is the cheapest of all partitions by the cost model, and is proven."""
    problem = random_problem(d, k, seed=d * 10 + k)
    cheapest_s = min(
        cost_model.partition_cost(problem.dp_pair_s, problem.pp_pair_s, labels).total_s for labels in all_labels(d, k)
    )
    result = searched(ExactSmall(), problem, evaluations=10**9)
    assert result.cost_s == pytest.approx(cheapest_s, rel=1e-12)
    assert result.cost_s * (1 - 1e-9) <= result.meter.bound_s <= cheapest_s


@settings(max_examples=60)
@given(data=st.data())
def test_odd_shapes_are_solved(searched: Any, odd_problems: Any, data: st.DataObject) -> None:
    """Whatever the shape and the links, the bound meets the cost."""
    problem = data.draw(odd_problems)
    result = searched(ExactSmall(), problem, evaluations=10**9)
    assert result.cost_s * (1 - 1e-9) <= result.meter.bound_s <= result.cost_s
    assert problem.cost(result.candidate).total_s == result.cost_s


@pytest.mark.parametrize(
    ("seed", "optimum_s"), [(1, 16.005449702133667), (2, 16.61152310971327), (3, 21.466084988293314)]
)
def test_sixteen_unlike_devices_have_the_pinned_optimum(searched: Any, seed: int, optimum_s: float) -> None:
    """2.6 million partitions of links that are all distinct."""
    result = searched(ExactSmall(), load(f"generated/uniform?n=16&dp=4&seed={seed}"), evaluations=10**9)
    assert result.cost_s == pytest.approx(optimum_s, rel=1e-9)
    assert result.meter.bound_s == pytest.approx(optimum_s, rel=1e-9)


def test_the_seed_makes_no_difference(searched: Any, random_problem: Any) -> None:
    """As declared, one run is enough."""
    problem = random_problem(3, 4)
    curves = [searched(ExactSmall(), problem, seed, evaluations=10**9).curve for seed in range(2)]
    assert curves[0] == curves[1]


@pytest.mark.parametrize("evaluations", [1, 2, 30, 1500])
def test_a_budget_that_ends_too_soon_leaves_no_bound(searched: Any, random_problem: Any, evaluations: int) -> None:
    """What was met until then is kept, the budget is spent to the last evaluation, and nothing is called proven."""
    problem = random_problem(4, 4)
    result = searched(ExactSmall(), problem, evaluations=evaluations)
    assert result.meter.evaluations == evaluations
    assert result.meter.bound_s == -np.inf
    assert problem.cost(result.candidate).total_s == result.cost_s


@pytest.mark.parametrize(
    ("shape", "size"),
    [((1, 13), "13 groups"), ((8, 8), "4.51e+47 partitions"), ((14, 2), "4.01e+07 possible groups")],
)
def test_what_is_out_of_reach_is_refused_with_its_size(shape: tuple[int, int], size: str) -> None:
    """The message says what there is too much of."""
    with pytest.raises(ValueError, match=r"exact-small: .* expected at most") as refusal:
        check_reach(Shape(*shape))
    assert size in str(refusal.value)


@pytest.mark.parametrize("shape", [(4, 4), (2, 9), (5, 4), (4, 5), (8, 3), (1, 12), (20, 1)])
def test_what_is_within_reach_is_not_refused(shape: tuple[int, int]) -> None:
    """These are solved in seconds or minutes."""
    check_reach(Shape(*shape))
