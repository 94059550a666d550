"""Names and files of mixing graphs: one spelling each, and refusals that name the remedy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tasklet_bench.problems import families
from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.candidate import InvalidCandidate
from tasklet_bench.problems.mixing_graph import MixingGraphProblem

BASE = "mixing-graph/measured/residential-20"


def test_a_name_has_one_spelling() -> None:
    """Keys in a fixed order, defaults left out; it loads as the same problem."""
    problem = families.load(f"{BASE}?overlap=delayed&connectivity=0.80&clusters=2&degree=6")
    assert problem.name == f"{BASE}?clusters=2&connectivity=0.8"
    assert families.load(problem.name).digest == problem.digest
    assert problem.family == "mixing-graph"


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("dp=4", "mixing-graph has no grid"),
        ("pp=4", "mixing-graph has no grid"),
        ("pp_scale=0.1", "mixing-graph has no grid"),
        ("workload=gpt3-xl", "mixing-graph has no grid"),
        ("degre=4", "did you mean 'degree'"),
        ("degree=1", "at least 2"),
        ("degree=3&clusters=2", "degree: found 3, expected at least 4"),
        ("clusters=21", "at most 20, the number of devices"),
        ("connectivity=0", "from 0.001 to 1"),
        ("connectivity=1.5", "from 0.001 to 1"),
        ("overlap=delay", "did you mean 'delayed'"),
        ("first=50", "from 1 to 20"),
        ("model=gpt2", "did you mean 'gpt2-small'"),
        ("mixing=ring", "unknown key"),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_remedy(query: str, said: str) -> None:
    """By name, with what would fit."""
    with pytest.raises(BadInput, match=said):
        families.load(f"{BASE}?{query}")


def _file(**changes: Any) -> dict[str, Any]:
    sites = [{"name": "a", "devices": 3}, {"name": "b", "devices": 2}]
    figures = [[1.0, 2.0], [2.0, 1.0]]
    file = {"family": "mixing-graph", "name": "five", "sites": sites, "delay_ms": figures, "bandwidth_gbps": figures}
    return file | {"problem": {"degree": 4, **changes}}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"degree": 1}, "file.json: problem: degree: found 1"),
        ({"clusters": 2, "degree": 3}, "file.json: problem: degree: found 3"),
        ({"clusters": 6}, "clusters: found 6, expected at most 5"),
        ({"connectivity": 0.5}, "did you mean 'connectivity_factor'"),
        ({"connectivity_factor": 0}, "connectivity_factor: found 0"),
    ],
)
def test_a_file_is_refused_by_its_field(changes: dict[str, Any], said: str) -> None:
    """The message names file and field."""
    with pytest.raises(BadInput, match=said):
        families.from_json(_file(**changes), "file.json")


def test_candidates_are_written_and_read() -> None:
    """Edges in ascending order; whatever stands beside them is ignored, and they must be there."""
    problem = families.from_json(_file(), "file.json")
    edges = problem.random(np.random.Generator(np.random.PCG64(0)))
    written = problem.candidate_to_json(edges[::-1])
    assert list(written) == ["edges"]
    assert written["edges"] == sorted(written["edges"])
    read = problem.candidate_from_json(written | {"cost_s": 1.0})
    assert problem.cost(read).total_s == problem.cost(edges).total_s
    with pytest.raises(InvalidCandidate, match="expected edges"):
        problem.candidate_from_json({"order": [0, 1]})


def test_an_instance_tells_of_itself() -> None:
    """Facts, kinds, and a drawing with every edge."""
    problem = families.load(f"{BASE}?clusters=2")
    assert isinstance(problem, MixingGraphProblem)
    edges = problem.random(np.random.Generator(np.random.PCG64(0)))
    drawing = problem.drawing(edges)
    assert {(link.source, link.target) for link in drawing.links} == {tuple(edge) for edge in edges.tolist()}
    assert sorted(device for group in drawing.groups.values() for device in group) == list(range(20))
    assert problem.facts()["clusters"] == 2
    assert problem.kinds()["links"] == "directed"


def test_the_digest_is_of_all_that_the_cost_depends_on() -> None:
    """Each rule, the model and the links change it; the name does not."""
    names = [BASE, *(f"{BASE}?{key}" for key in ("degree=4", "clusters=2", "connectivity=0.6", "overlap=none"))]
    names += [
        f"{BASE}?{key}" for key in ("model=gpt3-xl", "delay=one-way", "local_steps=2", "efficiency=0.3", "first=19")
    ]
    assert len({families.load(name).digest for name in names}) == len(names)
    one, other = (families.from_json(_file() | {"name": name}, "file.json") for name in ("one", "other"))
    assert one.digest == other.digest
