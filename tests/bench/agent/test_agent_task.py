"""The task for program-search systems, tried with a loop of our own."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from typer.testing import CliRunner

from tasklet_bench.bench.campaigns.agent_score import score_program
from tasklet_bench.bench.commands.app import app
from tasklet_bench.bench.scaffold.agent_task import FILES, write_agent_task
from tasklet_bench.problems.bad_input import BadInput


def _module(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module


FAILING = """
class Evolved:
    name = "evolved"

    def search(self, problem, run, rng):
        1 / 0
"""
evolution = _module(Path(__file__).with_name("evolution.py"))


@pytest.fixture
def task(tmp_path: Path) -> Path:
    """The folder of a task."""
    write_agent_task(tmp_path / "task", evaluations=150)
    return tmp_path / "task"


def test_the_command_writes_a_task_and_touches_nothing(tmp_path: Path) -> None:
    """All files are there, the budget stands in both evaluators, and a second call is refused."""
    words = ["agent-task", str(tmp_path / "task"), "--evaluations", "77"]
    assert CliRunner().invoke(app, words).exit_code == 0
    assert sorted(path.name for path in (tmp_path / "task").iterdir()) == sorted(FILES)
    assert "EVALUATIONS = 77" in (tmp_path / "task" / "evaluator.py").read_text()
    assert "evaluations=77" in (tmp_path / "task" / "hidden_score.py").read_text()
    assert isinstance(CliRunner().invoke(app, words).exception, BadInput)


def test_the_program_has_one_method_between_its_marks(task: Path) -> None:
    """Everything that searches stands between the marks, and the evaluator never names the suite that is hidden."""
    program = (task / "initial_program.py").read_text()
    head, rest = program.split(evolution.START)
    block, tail = rest.split(evolution.END)
    assert program.count("def ") == block.count("def ") == 1
    assert not tail.strip()
    assert "class Evolved" in head
    assert "test" not in (task / "evaluator.py").read_text()


def test_changes_stay_between_the_marks_and_are_programs(task: Path) -> None:
    """A hundred changes in a row leave head and tail alone, and each result can be compiled."""
    program = (task / "initial_program.py").read_text()
    rng = np.random.default_rng(0)
    seen = set()
    for _ in range(100):
        changed = evolution.mutated(program, rng)
        compile(changed, "program", "exec")
        assert changed.split(evolution.START)[0] == program.split(evolution.START)[0]
        program = changed
        seen.add(program)
    assert len(seen) > 50


@pytest.mark.slow
def test_a_program_that_is_none_scores_nothing_and_gets_the_reason(tmp_path: Path) -> None:
    """One that cannot be compiled, one without the class, and one that fails in its runs."""
    one = ("generated/planted?n=36&dp=6&seed=3",)
    for text, reported in (
        ("def broken(:\n", "cannot be used"),
        ("class Other:\n    pass\n", "cannot be used"),
        (
            "class Evolved:\n    name = 'evolved'\n    def search(self, problem, run, rng):\n        1 / 0\n",
            "ZeroDivision",
        ),
    ):
        program = tmp_path / "program.py"
        program.write_text(text)
        result = score_program(program, evaluations=20, problems=one)
        assert result.score == 0.0
        assert reported in result.feedback


@pytest.mark.slow
def test_the_evaluator_as_a_command_writes_its_results(task: Path) -> None:
    """The metrics are those of `evaluate`, twice the same, and the program counts as correct."""
    for folder in ("one", "two"):
        subprocess.run(
            [sys.executable, "evaluator.py", "--few", "--results_dir", folder],
            cwd=task,
            check=True,
            capture_output=True,
        )
    one, two = (json.loads((task / folder / "metrics.json").read_text()) for folder in ("one", "two"))
    assert one == two
    assert 0 < one["combined_score"] < 1
    assert "worst" in one["text_feedback"]
    assert json.loads((task / "one" / "correct.json").read_text()) == {"correct": True, "error": ""}


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_small_loop_beats_the_initial_program(task: Path, seed: int) -> None:
    """Within 60 CPU seconds, changes by dice find a program that scores more than a hundredth above the first one."""
    evaluator = _module(task / "evaluator.py")

    def score(program: str) -> float:
        path = task / "program.py"
        path.write_text(program)
        return float(evaluator.evaluate_stage1(path)["combined_score"])

    result = evolution.evolve((task / "initial_program.py").read_text(), score, seed, cpu_s=60.0, enough=0.01)
    assert result.cpu_s <= 60.0
    assert result.score >= result.first_score + 0.01
    assert result.program != (task / "initial_program.py").read_text()
