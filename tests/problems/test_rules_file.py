"""Spares and rules in problem files: names of sites and hosts stand for devices, and what contradicts is named."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from tasklet_bench.problems.allocation.rules import Bond, Pin, Rules
from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.files import problem_from_json, problem_to_json
from tasklet_bench.problems.files.allocation_file import candidate_from_json

GOOD: dict[str, Any] = {
    "name": "three cities",
    "sites": [
        {"name": "Oslo", "devices": 4, "hosts": [{"name": "o1", "slots": 2}, {"name": "o2", "slots": 2}]},
        {"name": "Rome", "devices": 2},
        {"name": "Bern", "devices": 1},
    ],
    "delay_ms": [[1, 30, 25], [30, 1, 20], [25, 20, None]],
    "bandwidth_gbps": [[5, 0.5, 1], [0.5, 5, 1], [1, 1, None]],
    "grid": {"data_parallel": 2, "pipeline_parallel": 3},
    "workload": {"gradient_bytes": 4e8, "activation_bytes": 1e8},
}


def with_rules(**rules: Any) -> dict[str, Any]:
    """The three cities with some rules."""
    return {**copy.deepcopy(GOOD), **rules}


def test_a_grid_smaller_than_the_devices_leaves_spares() -> None:
    """Seven devices for 2×3 are one problem with one spare; the facts say so."""
    problem = problem_from_json(GOOD, "good")
    assert (problem.n_devices, problem.n_spares) == (7, 1)
    assert problem.facts()["spares"] == "1"


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ({"pins": [{"device": "Rome/1", "stage": 0}]}, Rules(pins=(Pin(5, stage=0),))),
        ({"pins": [{"device": "o2/0", "replica": 1, "stage": 2}]}, Rules(pins=(Pin(2, 2, 1),))),
        ({"pins": [{"device": "Bern", "stage": 0}]}, Rules(pins=(Pin(6, stage=0),))),
        ({"exclude": ["Bern"]}, Rules(exclude=(6,))),
        ({"exclude": [3, "o2/1"]}, Rules(exclude=(3,))),
        ({"together": [{"in": "stage", "devices": ["o1/0", "o1/1"]}]}, None),
        ({"together": [{"in": "stage", "devices": ["o1/0", 1]}]}, Rules(together=(Bond((0, 1), "stage"),))),
        ({"apart": [{"in": "stage", "each": "host"}]}, Rules(apart=(Bond((0, 1), "stage"), Bond((2, 3), "stage")))),
        (
            {"apart": [{"in": "replica", "each": "host"}]},
            Rules(apart=(Bond((0, 1), "replica"), Bond((2, 3), "replica"))),
        ),
    ],
)
def test_references_are_numbers_places_and_names(rules: dict[str, Any], expected: Rules | None) -> None:
    """A device is a number, a place in a site or host, or all of one; what is written reads back with its digest."""
    problem = problem_from_json(with_rules(**rules), "rules")
    assert problem.rules == (expected or Rules(together=(Bond((0, 1), "stage"),)))
    again = problem_from_json(json.loads(json.dumps(problem_to_json(problem))), "again")
    assert again.rules == problem.rules
    assert again.digest == problem.digest != problem_from_json(GOOD, "good").digest


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        ({"pins": [{"device": 7, "stage": 0}]}, r"pins\[0\]\.device: found 7, expected a device number 0\.\.6"),
        ({"pins": [{"device": "Room/0", "stage": 0}]}, r"no site or host is called 'Room'; did you mean 'Rome'"),
        ({"pins": [{"device": "Rome", "stage": 0}]}, r"found 'Rome' with its 2 devices, expected one of them"),
        ({"pins": [{"device": "Rome/2", "stage": 0}]}, r"found 'Rome/2', expected 'Rome/0' to 'Rome/1'"),
        ({"pins": [{"device": 1}]}, r"pins\[0\]: found device 1 and no place"),
        ({"pins": [{"device": 1, "stage": -1}]}, r"pins\[0\]\.stage: found -1"),
        ({"pins": [{"device": 1, "stag": 1}]}, r"pins\[0\]\.stag: unknown key; did you mean 'stage'"),
        ({"exclude": ["Rome"]}, r"grid: found 2×3 for 5 of 7 devices, expected at most 5 cells"),
        ({"exclude": ["o3"]}, r"exclude\[0\]: no site or host is called 'o3'"),
        ({"together": [{"in": "row", "each": "host"}]}, r"together\[0\]\.in: found 'row'"),
        ({"together": [{"in": "stage"}]}, r"together\[0\]: found neither of devices and each"),
        ({"together": [{"in": "stage", "devices": ["Oslo"]}]}, r"together\[0\]: found 4 devices together"),
        ({"together": [{"in": "stage", "devices": ["Bern"]}]}, r"devices: found device 6 alone, expected two devices"),
        ({"apart": [{"in": "replica", "devices": ["Oslo"]}]}, r"apart\[0\]: found 4 devices apart"),
    ],
)
def test_what_contradicts_is_named(rules: dict[str, Any], message: str) -> None:
    """One message names the file, the field, what was found and what fits."""
    with pytest.raises(BadInput, match=r"cities\.json: .*") as reported:
        problem_from_json(with_rules(**rules), "cities.json")
    assert reported.match(message)
    assert "\n" not in str(reported.value)


def test_hosts_that_nobody_named_cannot_be_kept_apart() -> None:
    """`each: host` without any hosts is refused, and says what to do."""
    data = with_rules(apart=[{"in": "stage", "each": "host"}])
    del data["sites"][0]["hosts"]
    with pytest.raises(BadInput, match="no site has hosts, expected hosts at the sites, or site"):
        problem_from_json(data, "cities.json")


def test_an_allocation_file_that_breaks_a_rule_gets_its_name() -> None:
    """What is read from a file keeps all rules, or the message names the device and where it belongs."""
    problem = problem_from_json(with_rules(pins=[{"device": "Rome/0", "stage": 2}]), "good")
    with pytest.raises(BadInput, match=r"a\.json: device 4 is pinned to stage 2, found it at stage 0"):
        candidate_from_json({"grid": [[4, 1, 2], [3, 0, 5]]}, problem, "a.json")
    with pytest.raises(BadInput, match=r"a\.json: device 4 is pinned to stage 2, found it among the spares"):
        candidate_from_json({"grid": [[6, 1, 2], [3, 0, 5]]}, problem, "a.json")
    with pytest.raises(BadInput, match=r"a\.json: device 4 has label 0, allowed 2"):
        candidate_from_json({"groups": [[4, 1], [2, 3], [0, 5]]}, problem, "a.json")
