"""Costs, bounds and refusals agree with values that were worked out by other programs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tasklet_bench.problems import families
from tasklet_bench.problems.candidate import InvalidCandidate
from tasklet_bench.problems.mixing_graph import MixingGraphProblem
from tasklet_bench.problems.mixing_graph.enumeration import optimum

FAMILIES = Path(__file__).parents[1] / "families"
OWN = json.loads((FAMILIES / "mixing_graph.json").read_text(encoding="utf-8"))["instances"]
EXTRA = json.loads((FAMILIES / "collective_extra_checks.json").read_text(encoding="utf-8"))["mixing_graph"]
TOLERANCE = 1e-9


@pytest.fixture(params=[*OWN, *EXTRA], ids=lambda entry: str(entry["name"]))
def entry(request: pytest.FixtureRequest) -> dict[str, Any]:
    """An instance with its check values."""
    return dict(request.param)


@pytest.fixture
def problem(entry: dict[str, Any]) -> MixingGraphProblem:
    """The same as a problem, read as a problem file is."""
    problem = families.from_json({"family": "mixing-graph", **entry}, f"{entry['name']}.json")
    assert isinstance(problem, MixingGraphProblem)
    return problem


def test_every_candidate_costs_what_it_should(entry: dict[str, Any], problem: MixingGraphProblem) -> None:
    """All parts agree to 1e-9 s, compiled and plain; the results beside a candidate are ignored."""
    for candidate in entry["candidates"]:
        edges = problem.candidate_from_json(candidate)
        for cost in (problem.cost(edges), problem.judge(edges)):
            assert cost.total_s == pytest.approx(candidate["cost"]["total_s"], abs=TOLERANCE)
            assert set(cost.parts_s) == {"compute_s", "exchange_s"}
            for part, seconds in cost.parts_s.items():
                assert seconds == pytest.approx(candidate["cost"][part], abs=TOLERANCE)


def test_what_follows_from_the_inputs_is_worked_out(entry: dict[str, Any], problem: MixingGraphProblem) -> None:
    """Bytes, computing, clusters and the connectivity that is demanded are those of the file."""
    assert problem.message_bytes == entry["message_bytes"]
    assert problem.compute_s == pytest.approx(np.array(entry["compute_s"]), rel=1e-12)
    assert problem.least_connectivity == pytest.approx(np.array(entry["least_connectivity"]), abs=1e-12)
    for cluster, members in enumerate(problem.clusters):
        assert (np.array(entry["cluster"])[members] == cluster).all()


def test_the_bound_is_at_least_the_stated_one(entry: dict[str, Any], problem: MixingGraphProblem) -> None:
    """It is no lower than the one in the file, and no higher than the optimum or any candidate."""
    bound_s = problem.bound()
    costs_s = [candidate["cost"]["total_s"] for candidate in entry["candidates"]]
    assert entry["bound_s"] - TOLERANCE <= bound_s <= entry.get("optimum_s", min(costs_s)) + TOLERANCE


@pytest.mark.parametrize(
    "entry", [entry for entry in OWN if "optimum_s" in entry], ids=lambda entry: str(entry["name"])
)
def test_enumeration_finds_the_optimum(entry: dict[str, Any], problem: MixingGraphProblem) -> None:
    """The one that another enumeration found."""
    assert optimum(problem)[1] == pytest.approx(entry["optimum_s"], abs=TOLERANCE)


@pytest.mark.parametrize(
    ("reason", "said"),
    [("an edge twice", "twice"), ("too few edges to connect all", "in pieces"), ("a star", "expected at most")],
)
@pytest.mark.parametrize("way", ["cost", "judge"])
@pytest.mark.parametrize("entry", OWN, ids=lambda entry: str(entry["name"]))
def test_invalid_graphs_are_refused_with_the_reason(entry: dict[str, Any], reason: str, said: str, way: str) -> None:
    """The message names the rule that is broken."""
    problem = families.from_json({"family": "mixing-graph", **entry}, "file.json")
    wrong = next(candidate for candidate in entry["invalid"] if candidate["why"].startswith(reason))
    with pytest.raises(InvalidCandidate, match=said):
        getattr(problem, way)(problem.candidate_from_json(wrong))
