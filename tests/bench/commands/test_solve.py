"""`solve`: the best allocation as a user gets it, interrupted or not."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

SCRIPT = Path(sys.executable).parent / "tasklet-bench"


def test_what_is_solved_can_be_scored_and_launched(answered: Callable[..., Any], tmp_path: Path) -> None:
    """The answer carries all its fields, its grid scores the same with `evaluate`, and a rank map is written."""
    answer = answered(
        "solve", "paper/regional", "-s", "random-partition", "--evaluations", 500,
        "--out", tmp_path / "best.json", "--rank-map", tmp_path / "ranks.csv",
    )  # fmt: skip
    assert set(answer) == {
        "cost_s", "parts_s", "data_parallel_s", "pipeline_s", "bound_s", "gap", "proven", "grid", "status",
        "evaluations", "cpu_s", "wall_s", "found_by", "proven_by", "members", "default_cost_s", "gain",
        "default_simulated_s", "simulated_s",
    }  # fmt: skip
    assert answer["evaluations"] == 500
    assert answer["status"] == "ok"
    assert answer["gap"] == pytest.approx(1 - answer["bound_s"] / answer["cost_s"])
    scored = answered("evaluate", "paper/regional", tmp_path / "best.json")
    assert scored["cost_s"] == pytest.approx(answer["cost_s"], rel=1e-12)
    assert len((tmp_path / "ranks.csv").read_text().splitlines()) == 65


def test_the_same_seed_gives_the_same_run(answered: Callable[..., Any]) -> None:
    """At an evaluation budget, two runs with one seed end with the same grid, and another seed with another."""
    asked = ("solve", "measured/gcp4-hivemind-32", "-s", "random-partition", "--evaluations", 200)
    first, again, other = answered(*asked), answered(*asked, "--seed", 0), answered(*asked, "--seed", 1)
    assert first["grid"] == again["grid"]
    assert first["grid"] != other["grid"]


def test_a_file_of_ones_own_problem_and_strategy(answered: Callable[..., Any], tmp_path: Path) -> None:
    """A problem file and a strategy file work where names do."""
    answered("show", "measured/gcp4-hivemind-32", "--out", tmp_path / "mine.json")
    (tmp_path / "mine.py").write_text(
        "class First:\n    name = 'first'\n\n"
        "    def search(self, problem, run, rng):\n        run.evaluate(problem.random(rng))\n"
    )
    answer = answered("solve", tmp_path / "mine.json", "-s", f"{tmp_path / 'mine.py'}:First")
    assert answer["evaluations"] == 1


def test_ctrl_c_prints_the_best_so_far(tmp_path: Path) -> None:
    """Interrupted, `solve` ends with status 0 and prints a valid incumbent."""
    command = [SCRIPT, "solve", "paper/regional", "-s", "random-partition", "--wall-seconds", "60", "--json"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        time.sleep(8)
        process.send_signal(signal.SIGINT)
        printed, complaint = process.communicate(timeout=20)
    assert process.returncode == 0, complaint
    answer = json.loads(printed)
    assert answer["status"] == "interrupted"
    assert sorted(device for row in answer["grid"] for device in row) == list(range(64))


def test_a_strategy_that_finds_nothing_ends_with_status_1(typed: Callable[..., Any], tmp_path: Path) -> None:
    """A strategy that raises before it tells anything gives status 1 and its traceback's end."""
    (tmp_path / "bad.py").write_text("def broken(problem, run, rng):\n    raise RuntimeError('no idea')\n")
    done = typed("solve", "paper/regional", "-s", "bad.py:broken")
    assert done.returncode == 1
    assert "nothing found" in done.stderr
    assert "RuntimeError: no idea" in done.stderr


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["-s", "megatorn"], "unknown strategy 'megatorn'; did you mean 'megatron'?"),
        (["-s", "megatron", "-P", "host=x"], "did you mean 'hosts'?"),
        (["-s", "megatron", "-P", "hosts=shufled"], "did you mean 'shuffled'?"),
        (["-s", "megatron", "-P", "hosts"], "option -P: its value: found 'hosts', expected NAME=VALUE"),
        (["-s", "nowhere.py:Mine"], "nowhere.py: no such file"),
    ],
)
def test_what_is_mistyped_is_reported(refused: Callable[..., str], options: list[str], said: str) -> None:
    """An unknown strategy, parameter or value ends with status 2 and the nearest valid one."""
    assert said in refused("solve", "paper/regional", *options)


SECONDS = "iteration-time/measured/gcp4-hivemind-32?schedule=1f1b"


def test_simulated_seconds_can_be_searched(answered: Callable[..., Any], tmp_path: Path) -> None:
    """Any family's strategy searches a name of the family; what it finds scores the same, and in `simulate`."""
    result = answered("solve", SECONDS, "--evaluations", 60, "--out", tmp_path / "best.json")
    assert result["status"] == "ok"
    assert answered("evaluate", SECONDS, tmp_path / "best.json")["cost_s"] == result["cost_s"]
    formal = "measured/gcp4-hivemind-32"
    simulated = answered("simulate", formal, tmp_path / "best.json", "--schedule", "1f1b")
    assert simulated["iteration_s"] == result["cost_s"]


def test_a_family_that_does_not_fit_is_refused(refused: Callable[..., str], tmp_path: Path) -> None:
    """A strategy of the formal family cannot search seconds, and what is simulated anyway wants the formal name."""
    assert "strategy exact-small: families: found allocation" in refused("solve", SECONDS, "-s", "exact-small")
    (tmp_path / "any.json").write_text("{}")
    assert "name the formal instance itself" in refused("simulate", SECONDS, "any.json")


def test_a_better_bound_can_be_asked_for(answered: Callable[..., Any]) -> None:
    """`--bound-seconds` raises the bound and lowers the gap, outside the clock, where the family has a better one."""
    asked = ("solve", "generated/uniform?n=32&dp=4&seed=1", "--evaluations", 2000)
    plain, bounded = answered(*asked), answered(*asked, "--bound-seconds", 2)
    assert bounded["cost_s"] == plain["cost_s"]
    assert plain["bound_s"] < 0.9 * bounded["bound_s"] < bounded["cost_s"]
    assert bounded["gap"] == pytest.approx(1 - bounded["bound_s"] / bounded["cost_s"])
    assert [member["entrant"] for member in bounded["members"]] == [member["entrant"] for member in plain["members"]]
    assert bounded["cpu_s"] == pytest.approx(sum(member["cpu_s"] for member in bounded["members"]))
    seconds = answered("solve", SECONDS, "-s", "random", "--evaluations", 1, "--bound-seconds", 1)
    assert 0 < seconds["bound_s"] <= seconds["cost_s"]


def test_the_problem_of_the_documentation_is_proven_at_once(answered: Callable[..., Any], tmp_path: Path) -> None:
    """Its file ends with a proof in under half a CPU second, and says what is gained over the order of the hosts."""
    page = (Path(__file__).parents[3] / "docs" / "problem-file.md").read_text("utf-8")
    problem = next(text for text in re.findall(r"```json\n(.*?)```", page, re.DOTALL) if '"two cities"' in text)
    (tmp_path / "cities.json").write_text(problem)
    answer = answered("solve", tmp_path / "cities.json")
    assert answer["proven"]
    assert answer["cpu_s"] < 0.5
    assert answer["gain"] == pytest.approx(1 - answer["cost_s"] / answer["default_cost_s"])
    assert answer["gain"] > 0
    assert answer["simulated_s"] < answer["default_simulated_s"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["-P", "hosts=shuffled"], "option -P: -s: found nothing"),
        (["--noise", "0.1"], "option --noise: --robust: found nothing"),
        (["--robust", "p90", "--objective", "seconds"], "option --objective: with --robust: found seconds"),
        (["--robust", "p90", "--bound-seconds", "1"], "option --bound-seconds: together with: found --robust"),
        (["--robust", "p90", "-s", "exact-small"], "strategy exact-small: families"),
        (["--moves", "1", "--start", "here.json", "-s", "annealing"], "option -s: together with: found --moves"),
    ],
)
def test_an_option_that_would_be_ignored_is_refused(refused: Callable[..., str], options: list[str], said: str) -> None:
    """Two options of which one has no effect are named, before anything is searched."""
    assert said in refused("solve", "paper/regional", *options)
