"""Names of the family, and input that it refuses by name."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest

from tasklet_bench.problems import families
from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.candidate import InvalidCandidate
from tasklet_bench.problems.tensor_parallel import instance_file, names

ZONES = "tensor-parallel/measured/gcp-zones-hetero-40"


def test_a_name_loads_in_its_canonical_spelling() -> None:
    """Defaults are left out, keys come in their order, and the family's loader finds it."""
    problem = families.load(f"{ZONES}?least_used=0.75&noise=0.5&workload=llama-7b&modes=2d,1d")
    assert problem.name == f"{ZONES}?modes=1d,2d&workload=llama-7b&noise=0.5"
    assert families.load(problem.name).digest == problem.digest
    assert {shape.mode for shape in problem.shapes} == {"1d", "2d"}  # type: ignore[attr-defined]


def test_the_rows_of_the_family_can_be_named() -> None:
    """Uneven sites are a key, and the shapes are those of 28 devices."""
    problem = names.load(f"{ZONES}?workload=llama-7b&each=3,2,4,1,4,4,3,1,4,2")
    assert problem.devices.n_devices == 28
    np.testing.assert_allclose(problem.bound(), 110.40, rtol=1e-4)


@pytest.mark.parametrize(
    ("name", "part"),
    [
        (f"{ZONES}?dp=8", "the number of replicas is what this family decides"),
        (f"{ZONES}?pp=5", "the number of stages is what this family decides"),
        (f"{ZONES}?tp=4", "most_tensor bounds it"),
        (f"{ZONES}?micro_batches=8", "micro_batch_sizes"),
        (f"{ZONES}?network_card=shared", "network cards play no part"),
        (f"{ZONES}?modes=1d,3", "unknown mode '3'"),
        (f"{ZONES}?modes=1d,1d", "each once"),
        (f"{ZONES}?micro_batch_sizes=4,2", "rising whole numbers"),
        (f"{ZONES}?micro_batch_sizes=a", "whole numbers"),
        (f"{ZONES}?most_tensr=4", "did you mean 'most_tensor'"),
        ("tensor-parallel/measured/gcp-zone-hetero-40", "did you mean 'measured/gcp-zones-hetero-40'"),
        (f"{ZONES}?modes=3d&most_tensor=4", "at most 4 devices"),
        (f"{ZONES}?modes=2d&workload=gpt3-xl&sequences=1", "divides 1 sequences_per_iteration"),
        (f"{ZONES}?micro_batch_sizes=3", "expected a size that does"),
    ],
)
def test_a_name_that_makes_no_sense_is_refused(name: str, part: str) -> None:
    """The message names what was found and what would fit."""
    with pytest.raises(BadInput) as caught:
        names.load(name)
    assert part in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize(
    ("section", "values", "parts"),
    [
        ("model", {"heads": 7}, ["7 heads", "one of 1"]),
        ("options", {"modes": ["3d"], "most_tensor": 8}, ["takes 8 devices, found 4"]),
        ("options", {"modes": ["2d"], "least_used": 1.0}, ["largest uses 8", "at most 0.889"]),
        ("model", {"layers": 0}, ["file: model.layers", "greater than or equal to 1"]),
        ("options", {"most_tensor": 0}, ["file: options: most_tensor"]),
        ("options", {"modes": ["4d"]}, ["file: options: modes[0]", "4d"]),
        ("options", {"least": 0.5}, ["options: least", "least_used"]),
    ],
)
def test_a_file_that_makes_no_sense_is_refused(
    check_values: list[dict[str, Any]], section: str, values: dict[str, Any], parts: list[str]
) -> None:
    """Source and field are named; where no shape fits, what would."""
    data = copy.deepcopy(check_values[1 if "least_used" in values else 0])
    data[section].update(values)
    if section == "model":
        data["options"]["modes"] = ["2d"]
    elif "least_used" in values:
        data["options"]["most_tensor"] = 4
    with pytest.raises(BadInput) as caught:
        instance_file.from_json(data, "file")
    for part in parts:
        assert part in str(caught.value)


def test_candidates_survive_their_file(check_values: list[dict[str, Any]]) -> None:
    """What is written reads back, other keys beside it ignored."""
    problem = instance_file.from_json(check_values[2], "file")
    for seed in range(10):
        candidate = problem.random(np.random.default_rng(seed))
        data = problem.candidate_to_json(candidate)
        assert set(data) == {"shape", "order"}
        back = problem.candidate_from_json(data | {"total_s": 1.0, "parts_s": {}})
        assert problem.candidate_to_json(back) == data


@pytest.mark.parametrize(
    ("change", "part"),
    [
        ({"order": [0, 1, 2, 2]}, "found 2 twice"),
        ({"order": [0, 1, 2]}, "(4,)"),
        ({"order": "0123"}, "list of whole numbers"),
        ({"shape": {"mode": "1d"}}, "expected an object with mode, q, depth"),
        ({"shape": {"mode": "1d", "q": 2.0, "depth": 1, "stages": 1, "replicas": 1, "micro_batch": 1}}, "shape.q"),
        ({"shape": {"mode": "1D", "q": 2, "depth": 1, "stages": 1, "replicas": 1, "micro_batch": 1}}, "did you mean"),
        (
            {"shape": {"mode": "1d", "q": 3, "depth": 1, "stages": 1, "replicas": 1, "micro_batch": 1}},
            "none of the 35 that fit; the nearest is 1d TP",
        ),
    ],
)
def test_a_candidate_that_is_none_is_refused(
    check_values: list[dict[str, Any]], change: dict[str, Any], part: str
) -> None:
    """The message says what was found and what was expected."""
    problem = instance_file.from_json(check_values[0], "file")
    with pytest.raises(InvalidCandidate) as caught:
        problem.candidate_from_json(check_values[0]["optimal"] | change)
    assert part in str(caught.value)


@pytest.mark.parametrize(
    "candidate",
    [
        (np.array([35]), np.arange(4)),
        (np.array([-1]), np.arange(4)),
        (np.array([0]), np.array([0, 1, 1, 3])),
        (np.array([0]), np.array([0, 1, 2, 4])),
        (np.array([0]), np.arange(3)),
        (np.array([0]), np.arange(4.0)),
        (np.array([0, 1]), np.arange(4)),
        np.arange(4),
        None,
    ],
)
def test_cost_takes_members_only(check_values: list[dict[str, Any]], candidate: Any) -> None:
    """Anything that is no pair of a shape and an order raises `InvalidCandidate`."""
    problem = instance_file.from_json(check_values[0], "file")
    with pytest.raises(InvalidCandidate):
        problem.cost(candidate)
    with pytest.raises(InvalidCandidate):
        problem.judge(candidate)
