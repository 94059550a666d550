"""A key changes with everything that a result depends on, and with nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tasklet_bench.bench.campaigns.campaign import missing
from tasklet_bench.bench.plugins import entrant, problem_ref
from tasklet_bench.bench.runs.budget import Budget
from tasklet_bench.bench.runs.spec import RunSpec
from tasklet_bench.problems.instances import catalogue


@pytest.fixture
def spec() -> RunSpec:
    """Some run."""
    return RunSpec(problem_ref(catalogue.load("paper/regional")), entrant("megatron"), 0, Budget(evaluations=10))


def test_what_a_result_depends_on_is_in_the_key(spec: RunSpec) -> None:
    """Each of these is another experiment."""
    others = [
        replace(spec, seed=1),
        replace(spec, budget=Budget(evaluations=11)),
        replace(spec, budget=Budget(evaluations=10, cpu_s=1.0)),
        replace(spec, memory_bytes=1),
        replace(spec, problem=replace(spec.problem, digest="0")),
        replace(spec, entrant=entrant("megatron", {"hosts": "shuffled"})),
        replace(spec, entrant=replace(spec.entrant, code_hash="0")),
        replace(spec, entrant=replace(spec.entrant, strategy_version="2")),
        replace(spec, entrant=replace(spec.entrant, libraries={"numpy": "0"})),
        replace(spec, start={"grid": [[0]]}),
        replace(spec, timing=True),
    ]
    assert len({spec.key, *(other.key for other in others)}) == len(others) + 1


def test_what_a_result_does_not_depend_on_is_not(spec: RunSpec) -> None:
    """Names, suites and attempts make no other experiment."""
    for same in (
        replace(spec, suite="s", suite_digest="d", attempt=2, prepare_limit_s=1.0),
        replace(spec, problem=replace(spec.problem, name="other", content="{}")),
        replace(spec, entrant=replace(spec.entrant, target="elsewhere.py:Same", name="renamed")),
    ):
        assert same.key == spec.key


def test_a_spec_survives_json(spec: RunSpec) -> None:
    """What goes over a pipe comes out as the same spec, with the same key."""
    import json

    again = RunSpec.from_json(json.loads(json.dumps(spec.to_json())))
    assert again == spec
    assert again.key == spec.key


def test_what_is_done_is_not_done_under_a_timer_or_with_another_library(spec: RunSpec) -> None:
    """A timed run after an untimed one, and a run after an upgrade, are made; the same again is not."""
    done = {spec.key: (1, "ok")}
    upgraded = replace(spec, entrant=replace(spec.entrant, libraries={**spec.entrant.libraries, "numpy": "9999.1"}))
    others = [replace(spec, timing=True), upgraded]
    assert "numpy" in spec.entrant.libraries
    assert missing([spec, *others], done) == others
