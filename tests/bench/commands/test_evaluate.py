"""`evaluate`: the paper's check values come out, and broken input is reported."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

MEGATRON = np.arange(64).reshape(8, 8).T
CONSECUTIVE = np.arange(64).reshape(8, 8)

# DATAP and PIPELINE in seconds, in natural device order, with the preset gpt3-xl-reference: as wired in Megatron's
# order, the same groups at their best, consecutive pipelines as wired, and the cost of those groups at their best.
CHECK_VALUES = {
    "datacentre": (
        (0.091, 16.889572143554688),
        (0.091, 16.889572143554688),
        (2.912, 0.527799129486084),
    ),
    "spot": ((7.28, 42.22393035888672), (7.28, 42.22393035888672), (7.28, 42.22393035888672)),
    "two-datacentres": (
        (1.834, 15.81411683055333),
        (1.834, 15.81411683055333),
        (5.516857142857143, 10.56998258972168),
    ),
    "regional": (
        (4.62, 35.36262077540977),
        (4.62, 34.620607858385355),
        (8.342084542908072, 26.459956474304192),
    ),
    "worldwide": (
        (4.62, 70.67373076274586),
        (4.62, 54.81686520409369),
        (22.758423578824242, 26.459956474304192),
    ),
}


@pytest.mark.parametrize("scenario", CHECK_VALUES)
def test_the_papers_check_values_come_out(answered: Callable[..., Any], tmp_path: Path, scenario: str) -> None:
    """Each check value of each scenario comes out of `evaluate` to 1e-9, as a grid and as groups."""
    wired, best, consecutive = CHECK_VALUES[scenario]
    asked = [
        ({"grid": MEGATRON.tolist()}, wired),
        ({"groups": MEGATRON.T.tolist()}, best),
        ({"grid": CONSECUTIVE.tolist()}, consecutive),
        ({"groups": CONSECUTIVE.T.tolist()}, consecutive),
    ]
    path = tmp_path / "asked.json"
    path.write_text(json.dumps([allocation for allocation, _ in asked]))
    rows = answered("evaluate", f"paper/{scenario}", path)
    assert len(rows) == len(asked)
    for row, (_, (data_parallel_s, pipeline_s)) in zip(rows, asked, strict=True):
        assert row["data_parallel_s"] == pytest.approx(data_parallel_s, rel=1e-9)
        assert row["pipeline_s"] == pytest.approx(pipeline_s, rel=1e-9)
        assert row["cost_s"] == pytest.approx(data_parallel_s + pipeline_s, rel=1e-9)


def test_one_allocation_gives_one_answer(answered: Callable[..., Any], tmp_path: Path) -> None:
    """A single allocation is answered with an object, and `--out` writes the same object."""
    path = tmp_path / "one.json"
    path.write_text(json.dumps({"grid": CONSECUTIVE.tolist()}))
    answer = answered("evaluate", "paper/regional", path, "--out", tmp_path / "answer.json")
    assert set(answer) == {"cost_s", "data_parallel_s", "pipeline_s"}
    assert json.loads((tmp_path / "answer.json").read_text()) == answer


def test_a_problem_file_of_your_own(answered: Callable[..., Any], tmp_path: Path) -> None:
    """A written-out problem file scores like the instance that it was written from."""
    answered("show", "paper/worldwide", "--out", tmp_path / "mine.json")
    path = tmp_path / "one.json"
    path.write_text(json.dumps({"groups": CONSECUTIVE.T.tolist()}))
    assert answered("evaluate", tmp_path / "mine.json", path) == answered("evaluate", "paper/worldwide", path)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('{"grid": [[0]]}', "grid: found 1 rows, expected 8 rows of 8 devices"),
        ("{", "line 1, column 2: not JSON"),
        (None, "no such file"),
    ],
)
def test_a_broken_allocation_is_reported(
    refused: Callable[..., str], tmp_path: Path, content: str | None, said: str
) -> None:
    """A broken allocation file ends with status 2 and one message that names the file and the fault."""
    path = tmp_path / "broken.json"
    if content is not None:
        path.write_text(content)
    message = refused("evaluate", "paper/regional", path)
    assert "broken.json" in message
    assert said in message


@pytest.mark.parametrize(
    ("problem", "said"),
    [
        ("paper/regionl", "unknown problem 'paper/regionl'; did you mean 'paper/regional'?"),
        ("mine.json", "mine.json: no such file"),
        ("generated/uniform?n=64&dp=7&seed=1", "divisor of 64"),
    ],
)
def test_an_unknown_problem_is_reported(refused: Callable[..., str], tmp_path: Path, problem: str, said: str) -> None:
    """An unknown problem ends with status 2 and the nearest name."""
    (tmp_path / "a.json").write_text("{}")
    assert said in refused("evaluate", problem, tmp_path / "a.json")


def test_text_for_people_names_cost_and_bound(typed: Callable[..., Any], tmp_path: Path) -> None:
    """Without `--json` the answer is a table with the cost, its parts and the proven bound."""
    (tmp_path / "a.json").write_text(json.dumps({"groups": CONSECUTIVE.T.tolist()}))
    done = typed("evaluate", "paper/regional", tmp_path / "a.json")
    assert done.returncode == 0
    for figure in ("34.802041", "8.342085", "26.459956", "lower bound"):
        assert figure in done.stdout
