"""Profiles: what a stage costs follows from its own layers."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tasklet_bench.problems.allocation import Allocation, AllocationProblem
from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.files import (
    candidate_from_json,
    problem_from_json,
    problem_to_json,
    profile_from_json,
    profile_to_json,
    read_problem,
)
from tasklet_bench.problems.iteration_time import IterationTimeProblem, SimulationOptions, simulate
from tasklet_bench.problems.iteration_time.compute import stage_costs
from tasklet_bench.problems.profile import even_layers

PROFILE: dict[str, Any] = {
    "layers": 5,
    "parameters": [10, 1, 1, 1, 7],
    "gradient_bytes_per_parameter": 4,
    "activation_bytes": [100.0, 200.0, 300.0, 400.0],
    "devices": {
        "A": {"forward_s": [1, 2, 3, 4, 5], "backward_s": [2, 4, 6, 8, 10], "update_s": [0.5, 0, 0, 0, 0.25]},
        "B": {"forward_s": [10, 20, 30, 40, 50], "backward_s": [1, 1, 1, 1, 1]},
    },
}


def problem_file(**changes: Any) -> dict[str, Any]:
    """One pipeline of two stages on a device of type A and one of type B."""
    return {
        "name": "two",
        "sites": [{"name": "a", "devices": 1, "device": "A"}, {"name": "b", "devices": 1, "device": "B"}],
        "delay_ms": [[0, 0], [0, 0]],
        "bandwidth_gbps": [[None, 8], [8, None]],
        "grid": {"data_parallel": 1, "pipeline_parallel": 2},
        "workload": {"gradient_bytes": 1, "activation_bytes": 1},
        "profile": PROFILE,
        **changes,
    }


def profiled(**changes: Any) -> AllocationProblem:
    """The problem of that file."""
    return problem_from_json(problem_file(**changes), "two.json")


def test_a_stage_is_the_sum_of_its_layers() -> None:
    """Seconds by type of device, gradient bytes of all its parameters, activations behind its last layer."""
    costs = stage_costs(profiled(), SimulationOptions(micro_batches=3), (2, 3))
    assert costs.forward_s.tolist() == [[3, 30], [12, 120]]
    assert costs.backward_s.tolist() == [[6, 2], [24, 3]]
    assert costs.update_s.tolist() == [[0.5, 0], [0.25, 0]]
    assert costs.gradient_bytes.tolist() == [44, 36]
    assert costs.boundary_bytes.tolist() == [600, 0]


def test_layers_are_split_evenly_unless_they_are_given() -> None:
    """⌊(j+1)L/K⌋ − ⌊jL/K⌋ layers, chunks of the interleaved schedule included."""
    problem = profiled()
    assert even_layers(24, 5) == (4, 5, 5, 5, 5)
    first = simulate(problem, Allocation([[0, 1]])).iteration_s
    assert first == simulate(problem, Allocation([[0, 1]], even_layers(5, 2))).iteration_s
    costs = stage_costs(problem, SimulationOptions("interleaved", micro_batches=2), (3, 2))
    assert costs.forward_s[:, 0].tolist() == [1, 2, 3 + 4, 5]


def test_layers_without_a_profile_scale_the_formula() -> None:
    """With a model's shape a stage takes as long as its layers, and its gradients are theirs."""
    model = {"layers": 6, "hidden": 64, "sequence_length": 32, "sequences_per_iteration": 8}
    sites = [{"name": "a", "devices": 1, "tflops": 1}, {"name": "b", "devices": 1, "tflops": 1}]
    problem = problem_from_json({**problem_file(workload=model, sites=sites), "profile": None}, "two.json")
    even = stage_costs(problem, SimulationOptions())
    costs = stage_costs(problem, SimulationOptions(), (2, 4))
    assert costs.forward_s[0] == pytest.approx(even.forward_s[0] * 2 / 3)
    assert costs.forward_s[1] == pytest.approx(even.forward_s[1] * 4 / 3)
    assert costs.gradient_bytes == pytest.approx(problem.workload.gradient_bytes * np.array([2 / 3, 4 / 3]))


def test_the_update_is_kept_apart_or_counted() -> None:
    """An iteration ends with the last summed gradient, or with the last update where that is asked for."""
    problem = profiled()
    apart = simulate(problem, Allocation([[1, 0]]))
    counted = simulate(problem, Allocation([[1, 0]]), SimulationOptions(update="counted"))
    assert apart.update_s == counted.update_s == 0.25
    assert counted.critical_path_s["update"] in (0, 0.25)
    assert apart.iteration_s <= counted.iteration_s <= apart.iteration_s + 0.25


def test_an_efficiency_is_of_a_type_of_device() -> None:
    """Devices of the named type are slowed down, others keep the common efficiency; unknown types are refused."""
    model = {"layers": 4, "hidden": 64, "sequence_length": 32, "sequences_per_iteration": 8}
    sites = [{"name": "a", "devices": 1, "device": "A", "tflops": 1}, {"name": "b", "devices": 1, "tflops": 1}]
    problem = problem_from_json({**problem_file(workload=model, sites=sites), "profile": None}, "two.json")
    plain = stage_costs(problem, SimulationOptions(efficiency=0.5)).forward_s
    slow = stage_costs(problem, SimulationOptions(efficiency=0.5, efficiency_of=(("A", 0.25),))).forward_s
    assert slow[:, 0] == pytest.approx(2 * plain[:, 0])
    assert slow[:, 1] == pytest.approx(plain[:, 1])
    with pytest.raises(BadInput, match="unknown device 'C'"):
        stage_costs(problem, SimulationOptions(efficiency_of=(("C", 0.25),)))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"parameters": [1, 2]}, r"two.json: profile: parameters: found 2 numbers, expected 5 for 5 layers"),
        ({"activation_bytes": [1.0]}, "activation_bytes: found 1 numbers, expected 4"),
        ({"parameters": [1, 1, -1, 1, 1]}, r"parameters\[2\]: found -1.0, expected a number from 0 to 1e"),
        ({"layer": 3}, "did you mean 'layers'"),
        ({"devices": {}}, "devices: found none"),
    ],
)
def test_bad_profiles_are_refused(change: dict[str, Any], message: str) -> None:
    """The error names the file, the field, what was found and what was expected."""
    with pytest.raises(BadInput, match=message):
        profiled(profile={**PROFILE, **change})


def test_devices_and_layers_that_the_profile_does_not_know_are_refused() -> None:
    """A site without a type, a type without seconds, more stages than layers, layers that are not all of them."""
    sites = problem_file()["sites"]
    for site, message in (
        ({"device": None}, "device of site 'b': found none"),
        ({"device": "b"}, "unknown device 'b'; expected one of A, B"),
    ):
        with pytest.raises(BadInput, match=message):
            simulate(profiled(sites=[sites[0], {**sites[1], **site}]), Allocation([[0, 1]]))
    with pytest.raises(BadInput, match="found 6 in all, expected the 5 of the model"):
        simulate(profiled(), Allocation([[0, 1]], (2, 4)))


def test_profiles_and_layers_survive_files(tmp_path: Path) -> None:
    """A profile reads back as it was written, inside a problem file, beside it, and copied; so do layers."""
    problem = profiled()
    assert problem.workload.profile is not None
    again = profile_from_json(json.loads(json.dumps(profile_to_json(problem.workload.profile))), "again")
    assert profile_to_json(again) == profile_to_json(problem.workload.profile)
    inside = problem_from_json(json.loads(json.dumps(problem_to_json(problem))), "inside")
    (tmp_path / "profile.json").write_text(json.dumps(PROFILE))
    (tmp_path / "two.json").write_text(json.dumps(problem_file(profile="profile.json")))
    beside = read_problem(tmp_path / "two.json")
    copied = copy.deepcopy(problem)
    digests = {IterationTimeProblem.wrap(p).digest for p in (problem, inside, beside, copied)}
    assert len(digests) == 1
    slower = replace(problem, workload=replace(problem.workload, profile=None))
    assert IterationTimeProblem.wrap(slower).digest not in digests
    allocation = candidate_from_json({"grid": [[1, 0]], "layers": [1, 4]}, problem, "here")
    assert problem.candidate_to_json(allocation) == {"grid": [[1, 0]], "layers": [1, 4]}
    assert candidate_from_json({"groups": [[0], [1]], "layers": [1, 4]}, problem, "here").layers == (1, 4)
    with pytest.raises(BadInput, match="2 whole numbers of at least 1"):
        candidate_from_json({"grid": [[1, 0]], "layers": [5, 0]}, problem, "here")
