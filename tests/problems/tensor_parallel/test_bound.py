"""The bound is below every cost, and quick."""

from __future__ import annotations

import time
from itertools import permutations

import numpy as np
import pytest

from tasklet_bench.problems.tensor_parallel import TensorParallelOptions, names
from tasklet_bench.problems.tensor_parallel.bound import least_steps, shape_bounds
from tasklet_bench.problems.tensor_parallel.judge import step
from tests.problems.tensor_parallel.conftest import Maker


@pytest.mark.parametrize("seed", range(3))
def test_every_shape_at_every_order_costs_more(make: Maker, seed: int) -> None:
    """On four devices no order of any shape costs less than the shape's bound, and none less than the instance's."""
    problem = make(4, seed)
    least_s = np.full(len(problem.shapes), np.inf)
    for order in permutations(range(4)):
        for number in range(len(problem.shapes)):
            candidate = (np.array([number]), np.array(order))
            least_s[number] = min(least_s[number], problem.cost(candidate).total_s)
    assert (problem.shape_bounds <= least_s * (1 + 1e-12)).all()
    assert problem.bound() <= least_s.min()


def test_no_step_is_faster_than_its_floor(make: Maker) -> None:
    """What a stage takes at least is at most what it takes on a random order."""
    problem = make(8, 3)
    floors_s = least_steps(problem.table, problem.model, problem.devices)
    order = np.random.default_rng(0).permutation(8)
    for number, shape in enumerate(problem.shapes):
        placement = problem.placement((np.array([number]), order))
        for stage in range(shape.stages):
            assert floors_s[number, stage] <= sum(step(placement, stage, 0).values()) * (1 + 1e-12)


def test_equal_devices_and_links_meet_the_bound(make: Maker) -> None:
    """Where all devices and links are alike, every shape costs its bound at any order."""
    problem = make(6, options=TensorParallelOptions(("1d", "2d"), (1, 2, 4), 4, 0.5))
    from tests.problems.tensor_parallel.conftest import with_devices

    ones = np.ones(6)
    alike = with_devices(
        problem,
        flops=ones * 5e9,
        memory_bytes=ones * 1e7,
        host_link_bytes_s=ones * 1e8,
        delay_s=np.full((6, 6), 1e-3),
        bandwidth_bytes_s=np.full((6, 6), 1e8),
    )
    order = np.random.default_rng(0).permutation(6)
    costs_s = [alike.cost((np.array([number]), order)).total_s for number in range(len(alike.shapes))]
    np.testing.assert_allclose(alike.shape_bounds, costs_s, rtol=1e-12)


def test_the_bound_of_hundreds_of_shapes_is_quick() -> None:
    """The bound of 398 shapes takes at most twenty evaluations by loops."""
    problem = names.load("tensor-parallel/measured/gcp-zones-hetero-40?workload=llama-7b")
    assert len(problem.shapes) == 398
    candidate = (np.array([397]), np.arange(40))
    bound_s, judge_s = (
        min(_timed(work) for _ in range(7))
        for work in (
            lambda: shape_bounds(problem.table, problem.model, problem.devices),
            lambda: problem.judge(candidate),
        )
    )
    assert bound_s <= 20 * judge_s


def _timed(work: object) -> float:
    begun = time.perf_counter()
    work()  # type: ignore[operator]
    return time.perf_counter() - begun
