"""The paper's scenarios cost what its released scheduler says, to 1e-9."""

import numpy as np
import pytest

from tasklet_bench.problems.allocation import Allocation
from tasklet_bench.problems.instances import catalogue

MEGATRON = np.arange(64).reshape(8, 8).T
"""Stage j holds devices 8j..8j+7, pipeline i devices i, i+8, …"""
CONSECUTIVE = np.arange(64).reshape(8, 8)
"""Pipeline i holds devices 8i..8i+7."""

FIXED = {
    "datacentre": ((0.091, 16.889572143554688), (2.912, 0.527799129486084)),
    "spot": ((7.28, 42.22393035888672), (7.28, 42.22393035888672)),
    "two-datacentres": ((1.834, 15.81411683055333), (5.516857142857143, 10.56998258972168)),
    "regional": ((4.62, 35.36262077540977), (8.342084542908072, 26.459956474304192)),
    "worldwide": ((4.62, 70.67373076274586), (22.758423578824242, 26.459956474304192)),
}
"""Data-parallel and pipeline seconds of a scenario: in Megatron's order, and consecutive; both as wired."""

BEST = {
    "datacentre": ((0.091, 16.889572143554688), (2.912, 0.527799129486084)),
    "spot": ((7.28, 42.22393035888672), (7.28, 42.22393035888672)),
    "two-datacentres": ((1.834, 15.81411683055333), (5.516857142857143, 10.56998258972168)),
    "regional": ((4.62, 34.620607858385355), (8.342084542908072, 26.459956474304192)),
    "worldwide": ((4.62, 54.81686520409369), (22.758423578824242, 26.459956474304192)),
}
"""The same groups at their best wiring and order."""


@pytest.mark.parametrize("scenario", FIXED)
@pytest.mark.parametrize("order", [0, 1], ids=["megatron", "consecutive"])
def test_grid_costs_its_check_value(scenario: str, order: int) -> None:
    """A grid of the natural device order costs the stated seconds in both parts."""
    problem = catalogue.load(f"paper/{scenario}")
    cost = problem.cost(Allocation((MEGATRON, CONSECUTIVE)[order]))
    _assert_parts(cost.parts_s, FIXED[scenario][order])
    assert cost.total_s == pytest.approx(sum(FIXED[scenario][order]), rel=1e-9)


@pytest.mark.parametrize("scenario", BEST)
@pytest.mark.parametrize("order", [0, 1], ids=["megatron", "consecutive"])
def test_groups_cost_their_check_value(scenario: str, order: int) -> None:
    """The groups of that grid reach the stated seconds at their best wiring and order, exactly."""
    problem = catalogue.load(f"paper/{scenario}")
    cost = problem.cost(Allocation((MEGATRON, CONSECUTIVE)[order]).labels)
    assert cost.exact
    _assert_parts(cost.parts_s, BEST[scenario][order])


@pytest.mark.parametrize("scenario", FIXED)
def test_scenario_has_64_devices_in_8x8(scenario: str) -> None:
    """Every scenario is 64 devices at 8×8 with the reference preset."""
    problem = catalogue.load(f"paper/{scenario}")
    assert problem.topology.n_devices == 64
    assert str(problem.shape) == "8×8"
    assert (problem.workload.gradient_bytes, problem.workload.activation_bytes) == (0.65e9, 0.47124922275543213e9)


def _assert_parts(parts_s, expected) -> None:
    assert parts_s["data_parallel_s"] == pytest.approx(expected[0], rel=1e-9, abs=1e-12)
    assert parts_s["pipeline_s"] == pytest.approx(expected[1], rel=1e-9, abs=1e-12)
