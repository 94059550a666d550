"""The check values of the family come out through every way in."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tasklet_bench.problems import families
from tasklet_bench.problems.swarm import instance_file
from tasklet_bench.problems.swarm.judge import throughput
from tests.problems.swarm.conftest import all_labels

TOLERANCE = 1e-9


@pytest.mark.parametrize("index", range(9))
def test_parts_and_bound(check_values: list[dict[str, Any]], index: int) -> None:
    """Every candidate costs what is stated in all parts, by compiled code and by loops; the bound is no lower."""
    data = check_values[index]
    problem = instance_file.from_json(data, "check values")
    assert problem.bound() >= data["bound_s"] * (1 - TOLERANCE)
    assert problem.bound() <= min(candidate["total_s"] for candidate in data["candidates"])
    for expected in [*data["candidates"], *([data["optimal"]] if "optimal" in data else [])]:
        labels = problem.candidate_from_json(expected)
        assert problem.candidate_to_json(labels) == {"stage_of_device": expected["stage_of_device"]}
        for cost in (problem.cost(labels), problem.judge(labels)):
            assert cost.total_s == sum(cost.parts_s.values())
            assert list(cost.parts_s) == list(expected["parts_s"])
            for name, seconds in expected["parts_s"].items():
                np.testing.assert_allclose(cost.parts_s[name], seconds, rtol=TOLERANCE, err_msg=name)
        if "throughput_micro_batches_s" in expected:
            stages = [np.flatnonzero(labels == s).tolist() for s in range(problem.options.n_stages)]
            np.testing.assert_allclose(
                throughput(problem, stages), expected["throughput_micro_batches_s"], rtol=TOLERANCE
            )


def test_the_optimum_of_the_tiny_instance(check_values: list[dict[str, Any]]) -> None:
    """No decision of the tiny instance costs less than stated, and one costs as much."""
    (data,) = (instance for instance in check_values if "optimum_s" in instance)
    problem = instance_file.from_json(data, "check values")
    least_s = min(problem.cost(labels).total_s for labels in all_labels(problem))
    np.testing.assert_allclose(least_s, data["optimum_s"], rtol=TOLERANCE)


def test_derived_fields_do_not_matter(check_values: list[dict[str, Any]]) -> None:
    """A file without the results beside the instance is the same instance, found by its family."""
    data = check_values[0]
    plain = {key: data[key] for key in ("family", "name", "devices", "model", "options")}
    assert families.from_json(plain, "file").digest == families.from_json(data, "file").digest
