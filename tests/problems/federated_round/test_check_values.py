"""Figures that were computed apart, by two evaluators written from the definition."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tasklet_bench.problems import families
from tasklet_bench.problems.candidate import Infeasible, InvalidCandidate
from tasklet_bench.problems.federated_round import FederatedRoundProblem

FILES = Path(__file__).parent.parent / "families"
TOLERANCE = 1e-9


def _instances() -> list[dict[str, Any]]:
    own = json.loads((FILES / "federated_round.json").read_text())["instances"]
    extra = json.loads((FILES / "collective_extra_checks.json").read_text())["federated_round"]
    return [*own, *extra]


INSTANCES = _instances()
pytestmark = pytest.mark.parametrize("instance", INSTANCES, ids=[instance["name"] for instance in INSTANCES])

_RULES = {
    "two roots": (InvalidCandidate, "exactly one"),
    "no root": (InvalidCandidate, "exactly one"),
    "utility": (Infeasible, "utility is|nobody trains the widest"),
    "nobody trains": (Infeasible, "nobody trains the widest"),
    "memory": (Infeasible, "GB of memory"),
    "no offloading": (Infeasible, "no offloading"),
}


def _problem(instance: dict[str, Any]) -> FederatedRoundProblem:
    problem = families.from_json({**instance, "family": "federated-round"}, instance["name"])
    assert isinstance(problem, FederatedRoundProblem)
    return problem


def test_every_candidate_has_the_stated_parts(instance: dict[str, Any]) -> None:
    """Both the compiled evaluation and the judge give every part to 1e-9."""
    problem = _problem(instance)
    for entry in instance["candidates"]:
        candidate = problem.candidate_from_json({"candidate": entry["candidate"], "cost": "ignored"})
        for cost in (problem.cost(candidate), problem.judge(candidate)):
            stated = dict(entry["cost"])
            assert cost.total_s == pytest.approx(stated.pop("total_s"), rel=TOLERANCE)
            assert dict(cost.parts_s) == pytest.approx(stated, rel=TOLERANCE, abs=TOLERANCE)


def test_invalid_candidates_are_refused_for_their_reason(instance: dict[str, Any]) -> None:
    """No member of the decision is `InvalidCandidate`, a member that breaks a rule is `Infeasible`."""
    problem = _problem(instance)
    for entry in instance["invalid"]:
        kind, reason = next(rule for words, rule in _RULES.items() if entry["why"].startswith(words))
        for score in (problem.cost, problem.judge):
            with pytest.raises(kind, match=reason) as refusal:
                score(entry["candidate"])
            assert refusal.type is kind


def test_the_bound_is_no_lower_than_stated_and_below_everything(instance: dict[str, Any]) -> None:
    """It is at least the stated bound, and at most the optimum, or the best listed candidate."""
    bound = _problem(instance).bound()
    assert bound >= instance["bound_s"] * (1 - TOLERANCE)
    best = min(entry["cost"]["total_s"] for entry in instance["candidates"])
    assert bound <= instance.get("optimum_s", best) * (1 + TOLERANCE)


def test_what_follows_from_the_model_is_as_stated(instance: dict[str, Any]) -> None:
    """Parameters, operations and bytes of a sample are derived as the file's author derived them."""
    setting = _problem(instance).setting
    assert setting.n_params == instance["parameters"]
    assert setting.sample_flop == instance["sample_flops"]
    assert setting.sample_bytes == instance["sample_bytes"]
    assert setting.samples.tolist() == instance["samples"]
