"""The family's check values, through `cost` and `judge`."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import numpy as np
import pytest

from tasklet_bench.problems.candidate import InvalidCandidate
from tasklet_bench.problems.families import from_json
from tests.problems.gossip.conftest import check_instances

INSTANCES = pytest.mark.parametrize("instance", check_instances(), ids=lambda instance: instance["name"])
TOLERANCE = 1e-9


@INSTANCES
def test_all_parts_of_all_candidates(instance: dict[str, Any]) -> None:
    """Compiled and readable, every part of every cost comes out."""
    problem = from_json(instance, "file")
    for entry in instance["candidates"]:
        order = problem.candidate_from_json(entry)
        for cost in (problem.cost(order), problem.judge(order)):
            parts = {"total_s": cost.total_s, **cost.parts_s}
            assert parts == pytest.approx(entry["cost"], rel=TOLERANCE, abs=TOLERANCE)
            assert sum(cost.parts_s.values()) == pytest.approx(cost.total_s, rel=1e-12)


@INSTANCES
def test_invalid_candidates_are_refused(instance: dict[str, Any]) -> None:
    """Scoring and reading refuse them, and the message says which rule they break."""
    problem = from_json(instance, "file")
    for entry in instance["invalid"]:
        rule = {"not a permutation": "each thing .* once", "wrong length": r"shape \(\d+,\)"}[entry["why"]]
        for refuse in (problem.cost, problem.judge):
            with pytest.raises(InvalidCandidate, match=rule):
                refuse(np.array(entry["order"]))
        with pytest.raises(InvalidCandidate, match=rule):
            problem.candidate_from_json(entry)


@INSTANCES
def test_bounds_are_as_high_as_stated_and_hold(instance: dict[str, Any]) -> None:
    """A bound is at least the stated one, and at most the optimum, or else the best candidate."""
    bound_s = from_json(instance, "file").bound()
    assert bound_s >= instance["bound_s"] - TOLERANCE
    best_s = min(entry["cost"]["total_s"] for entry in instance["candidates"])
    assert bound_s <= instance.get("optimum_s", best_s) * (1 + 1e-12)


@INSTANCES
def test_what_follows_from_the_inputs(instance: dict[str, Any]) -> None:
    """Computing, message, rounds and mixing factor are the stated ones, though they are not read."""
    problem = from_json(instance, "file")
    np.testing.assert_allclose(problem.compute_s, instance["compute_s"], rtol=1e-12)  # type: ignore[attr-defined]
    assert problem.message_bytes == instance["message_bytes"]  # type: ignore[attr-defined]
    assert [[list(group) for group in groups] for groups in problem.schedule.rounds] == [  # type: ignore[attr-defined]
        [sorted(group) for group in groups] for groups in instance["rounds"]
    ]
    assert problem.schedule.mixing_factor() == pytest.approx(instance["mixing_factor"], abs=TOLERANCE)  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", ["ring-4", "all-reduce-6"])
def test_enumeration_finds_the_stated_optimum(name: str) -> None:
    """No order is cheaper."""
    instance = next(instance for instance in check_instances() if instance["name"] == name)
    problem = from_json(instance, "file")
    n = len(instance["candidates"][0]["order"])
    best_s = min(problem.cost(np.array(order)).total_s for order in permutations(range(n)))
    assert best_s == pytest.approx(instance["optimum_s"], rel=TOLERANCE)


def test_stated_multipliers_are_those_that_would_be_drawn() -> None:
    """`jitter` and `draw` of the file's author give the multipliers that the file states."""
    instance = next(instance for instance in check_instances() if instance["multipliers"])
    stated = from_json(instance, "file")
    drawn = instance | {"multipliers": None, "problem": instance["problem"] | {"jitter": 0.3, "draw": 14}}
    assert from_json(drawn, "file").digest == stated.digest
