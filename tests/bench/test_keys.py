"""A key changes with everything that a result depends on, and with nothing else."""

from __future__ import annotations

import ast
from dataclasses import replace
from pathlib import Path

import pytest

from tasklet_bench.bench.plugins import code_identity as keys
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
        replace(spec, start=[[0]]),
    ]
    assert len({spec.key, *(other.key for other in others)}) == len(others) + 1


def test_what_a_result_does_not_depend_on_is_not(spec: RunSpec) -> None:
    """Names, suites, attempts and how the clocks were kept make no other experiment."""
    for same in (
        replace(spec, suite="s", suite_digest="d", attempt=2, timing=True, prepare_limit_s=1.0),
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


def test_the_code_hash_follows_imports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A change in any project module that a strategy imports, directly or not, changes its hash; others do not."""
    package = tmp_path / "strategies"
    package.mkdir()
    files = {
        "__init__.py": "",
        "mine.py": "from tasklet_bench.strategies.helper import help_me\nimport numpy\n",
        "helper.py": "from . import deeper\n",
        "deeper.py": "def dig():\n    from tasklet_bench.strategies import lazy\n",
        "lazy.py": "x = 1\n",
        "other.py": "y = 1\n",
        "typed.py": "z = 1\n",
    }

    def hash_with(**changed: str) -> str:
        for name, text in {**files, **{f"{key}.py": value for key, value in changed.items()}}.items():
            (package / name).write_text(text)
        for cached in (keys._source, keys._imports, keys._file_of):
            cached.cache_clear()
        return keys.code_hash(package / "mine.py")

    monkeypatch.setattr(keys, "_ROOT", tmp_path)
    try:
        plain = hash_with()
        assert hash_with(lazy="x = 2\n") != plain
        assert hash_with(deeper="import tasklet_bench.strategies.other\n") != plain
        assert hash_with(helper=files["helper.py"] + "\n") != plain
        assert hash_with(other="y = 2\n") == plain
        only_typing = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import tasklet_bench.strategies.typed\n"
        before = hash_with(lazy=only_typing)
        assert hash_with(lazy=only_typing, typed="z = 2\n") == before
    finally:
        for cached in (keys._source, keys._imports, keys._file_of):
            cached.cache_clear()


def test_every_import_of_a_real_strategy_is_followed() -> None:
    """Beside the module itself: the contracts, and what scores its candidates, through lazy packages too."""
    found = {keys._relative(path) for path in keys._with_imports(Path(keys._ROOT, "strategies/random_search.py"))}
    assert {
        "strategies/random_search.py",
        "strategies/strategy.py",
        "problems/allocation/problem.py",
        "problems/allocation/cost_model.py",
        "problems/allocation/kernels/partition.py",
    } <= found
    assert not any(path.startswith("bench/") for path in found)
    for path in found:
        ast.parse(Path(keys._ROOT, path).read_text())
