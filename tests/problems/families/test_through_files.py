"""Check values go through files as users write them: an instance with its family, and a list of its candidates."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tasklet_bench.bench.commands.placement.evaluate import evaluate
from tasklet_bench.bench.plugins import resolve
from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.files import read_allocations

HERE = Path(__file__).parent
FILES = ("gossip", "mixing_graph", "federated_round", "swarm", "tensor_parallel", "atom")


def _instances() -> Iterator[tuple[str, dict[str, Any]]]:
    for name in FILES:
        for instance in json.loads((HERE / f"{name}.json").read_text("utf-8"))["instances"]:
            yield name.replace("_", "-"), instance
    extra = json.loads((HERE / "collective_extra_checks.json").read_text("utf-8"))
    for name, instances in extra.items():
        for instance in instances:
            yield name.replace("_", "-"), instance


INSTANCES = list(_instances())


@pytest.mark.parametrize("number", range(len(INSTANCES)), ids=[f"{f}-{i['name']}" for f, i in INSTANCES])
def test_every_candidate_of_a_file_is_scored_as_stated(
    number: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`evaluate FILE CANDIDATES --json` gives every part to 1e-9, and results beside a candidate are ignored."""
    family, instance = INSTANCES[number]
    problem_file, candidates_file = tmp_path / "instance.json", tmp_path / "candidates.json"
    problem_file.write_text(json.dumps({**instance, "family": family}), "utf-8")
    candidates_file.write_text(json.dumps(instance["candidates"]), "utf-8")
    evaluate(str(problem_file), candidates_file, as_json=True, out=None)
    rows = json.loads(capsys.readouterr().out)
    assert len(rows) == len(instance["candidates"])
    for row, candidate in zip(rows, instance["candidates"], strict=True):
        parts_s = dict(candidate.get("parts_s") or candidate["cost"])
        total_s = parts_s.pop("total_s", candidate.get("total_s"))
        scale = abs(float(row["cost_s"]))
        if total_s is not None:
            assert row["cost_s"] == pytest.approx(total_s, rel=1e-9)
        for name, value in parts_s.items():
            assert row[name] == pytest.approx(value, rel=1e-9, abs=1e-9 * scale), name


@pytest.mark.parametrize("number", range(len(INSTANCES)), ids=[f"{f}-{i['name']}" for f, i in INSTANCES])
def test_invalid_candidates_are_refused_or_infeasible(number: int, tmp_path: Path) -> None:
    """Each with a reason; the families' own tests compare it with the stated one."""
    family, instance = INSTANCES[number]
    if not instance.get("invalid"):
        pytest.skip("states none")
    file = tmp_path / "instance.json"
    file.write_text(json.dumps({**instance, "family": family}), "utf-8")
    problem = resolve(str(file)).problem
    for invalid in instance["invalid"]:
        one = tmp_path / "candidate.json"
        one.write_text(json.dumps(invalid), "utf-8")
        with pytest.raises(ValueError, match=r"\w"):  # BadInput for no member, Infeasible for a broken rule
            problem.cost(read_allocations(one, problem))


def test_a_file_of_an_unknown_family_is_refused(tmp_path: Path) -> None:
    """With the nearest name."""
    file = tmp_path / "instance.json"
    file.write_text(json.dumps({"family": "gosip"}), "utf-8")
    with pytest.raises(BadInput, match="did you mean 'gossip'"):
        resolve(str(file))
