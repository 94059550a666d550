"""The check values of the family come out through every way in."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest

from tasklet_bench.problems import families
from tasklet_bench.problems.atom import AtomProblem, instance_file

TOLERANCE = 1e-9


@pytest.mark.parametrize("index", range(5))
def test_parts_menus_and_bound(check_values: list[dict[str, Any]], index: int) -> None:
    """Every candidate costs what is stated in all parts, compiled and by passes; menus and cycles fit."""
    data = check_values[index]
    problem = instance_file.from_json(data, "check values")
    assert [len(menu.ways) for menu in problem.menus] == data["menu_sizes"]
    assert problem.bound() >= data["bound_s"] * (1 - TOLERANCE)
    assert problem.bound() <= min(candidate["total_s"] for candidate in data["candidates"])
    for expected in [*data["candidates"], *([data["optimal"]] if "optimal" in data else [])]:
        candidate = problem.candidate_from_json(expected)
        assert problem.candidate_to_json(candidate)["pieces_and_accumulation"] == expected["pieces_and_accumulation"]
        for cost in (problem.cost(candidate), problem.judge(candidate)):
            assert cost.total_s == sum(cost.parts_s.values())
            assert list(cost.parts_s) == list(expected["parts_s"])
            for name, seconds in expected["parts_s"].items():
                np.testing.assert_allclose(cost.parts_s[name], seconds, rtol=TOLERANCE, err_msg=name)
        for i, seconds in enumerate(expected.get("cycle_s", ())):
            if seconds is not None:
                np.testing.assert_allclose(problem.menus[i].cycle_s[candidate[1][i]], seconds, rtol=TOLERANCE)


def test_the_optimum_of_the_tiny_instance(check_values: list[dict[str, Any]]) -> None:
    """No decision of the tiny instance costs less than stated, and one costs as much."""
    (data,) = (instance for instance in check_values if "optimum_s" in instance)
    problem = instance_file.from_json(data, "check values")
    np.testing.assert_allclose(brute_force_s(problem), data["optimum_s"], rtol=TOLERANCE)


def brute_force_s(problem: AtomProblem) -> float:
    """The least cost of all participants and ways (in seconds)."""
    n = problem.devices.n_devices
    options = [range(-1, len(menu.ways)) for menu in problem.menus]
    least_s = np.inf
    for chosen in product(*options):
        ways = np.array(chosen)
        if (ways >= 0).any():
            least_s = min(least_s, problem.cost((np.int64(1) * (ways >= 0), np.maximum(ways, 0))).total_s)
    assert n > 0
    return float(least_s)


def test_derived_fields_do_not_matter(check_values: list[dict[str, Any]]) -> None:
    """A file without the results beside the instance is the same instance, found by its family."""
    data = check_values[0]
    plain = {key: data[key] for key in ("family", "name", "devices", "model", "options")}
    assert families.from_json(plain, "file").digest == families.from_json(data, "file").digest
