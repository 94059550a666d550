"""The check values of the family come out through every way in."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest

from tasklet_bench.problems import families
from tasklet_bench.problems.tensor_parallel import instance_file

TOLERANCE = 1e-9


@pytest.mark.parametrize("index", range(5))
def test_parts_bound_and_shapes(check_values: list[dict[str, Any]], index: int) -> None:
    """Every candidate costs what is stated in all parts, by compiled code and by loops; so do bound and shapes."""
    data = check_values[index]
    problem = instance_file.from_json(data, "check values")
    assert len(problem.shapes) == data["shapes"]
    np.testing.assert_allclose(problem.bound(), data["bound_s"], rtol=TOLERANCE)
    stated = [*data["candidates"], *([data["optimal"]] if "optimal" in data else [])]
    for expected in stated:
        candidate = problem.candidate_from_json(expected)
        assert candidate[0][0] == expected["shape_number"]
        for cost in (problem.cost(candidate), problem.judge(candidate)):
            assert cost.total_s == sum(cost.parts_s.values())
            assert list(cost.parts_s) == list(expected["parts_s"])
            for name, seconds in expected["parts_s"].items():
                np.testing.assert_allclose(cost.parts_s[name], seconds, rtol=TOLERANCE, err_msg=name)


def test_derived_fields_do_not_matter(check_values: list[dict[str, Any]]) -> None:
    """A file without the results beside the instance is the same instance, found by its family."""
    data = check_values[0]
    plain = {key: data[key] for key in ("family", "name", "devices", "model", "options")}
    whole = families.from_json(data, "file")
    assert families.from_json(plain, "file").digest == whole.digest


def test_the_digest_hashes_what_counts_alone(check_values: list[dict[str, Any]]) -> None:
    """Names, sites, network cards and host memory change nothing; speeds, links, batch and options do."""
    data = check_values[0]
    digest = instance_file.from_json(data, "file").digest

    def changed(section: str, **values: Any) -> str:
        other = copy.deepcopy(data)
        other[section].update(values)
        return instance_file.from_json(other | {"name": "other"}, "file").digest

    n = len(data["devices"]["flops"])
    assert changed("devices", upload_bytes_s=None, host_memory_bytes=[1.0] * n, sites=None) == digest
    assert changed("devices", flops=[1e9] * n) != digest
    assert changed("model", sequences_per_iteration=48) != digest
    assert changed("options", least_used=1.0) != digest
