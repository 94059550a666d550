"""Simulated seconds on the command line: profiles, runtimes, and `solve` where devices differ in speed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

PROFILE = {
    "layers": 4,
    "parameters": [1000, 1000, 1000, 1000],
    "gradient_bytes_per_parameter": 4,
    "activation_bytes": 1e6,
    "devices": {
        "A": {"forward_s": [1, 1, 1, 1], "backward_s": [2, 2, 2, 2]},
        "B": {"forward_s": [3, 3, 3, 3], "backward_s": [6, 6, 6, 6]},
    },
}
PROBLEM = {
    "name": "mixed",
    "sites": [{"name": "a", "devices": 2, "device": "A"}, {"name": "b", "devices": 2, "device": "B"}],
    "delay_ms": [[1, 10], [10, 1]],
    "bandwidth_gbps": [[8, 1], [1, 8]],
    "grid": {"data_parallel": 2, "pipeline_parallel": 2},
    "workload": {"gradient_bytes": 8000, "activation_bytes": 8e6},
}


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A folder with a problem, a profile, a problem that names the profile, and an allocation with layers."""
    contents = {
        "plain.json": PROBLEM,
        "profile.json": PROFILE,
        "mixed.json": {**PROBLEM, "profile": "profile.json"},
        "allocation.json": {"grid": [[0, 2], [1, 3]], "layers": [3, 1]},
    }
    for name, content in contents.items():
        (tmp_path / name).write_text(json.dumps(content))
    return tmp_path


def test_simulate_takes_a_profile_and_a_runtime(answered: Callable[..., Any], files: Path) -> None:
    """The profile beside a problem and the one inside it give the same seconds, which the layers make."""
    asked = ("--schedule", "1f1b", "--micro-batches", 4, "--sends", "deepspeed", "--collective", "ring")
    beside = answered(
        "simulate", files / "plain.json", files / "allocation.json", "--profile", files / "profile.json", *asked
    )
    inside = answered("simulate", files / "mixed.json", files / "allocation.json", *asked)
    assert beside["iteration_s"] == inside["iteration_s"] > 4 * 3 * 3
    assert inside["layers"] == [3, 1]
    assert inside["options"]["sends"] == "deepspeed"


def test_a_problem_file_is_scored_and_solved_in_seconds(answered: Callable[..., Any], files: Path) -> None:
    """`iteration-time/FILE.json?…` works in `evaluate` and `solve`; layers that are chosen score the same again."""
    name = f"iteration-time/{files / 'mixed.json'}?schedule=1f1b&micro_batches=4&wiring=free&layers=free"
    scored = answered("evaluate", name, files / "allocation.json")
    result = answered("solve", name, "--evaluations", 400, "--out", files / "best.json")
    assert result["cost_s"] <= scored["cost_s"]
    assert sum(result["layers"]) == 4
    assert answered("evaluate", name, files / "best.json")["cost_s"] == result["cost_s"]


def test_solve_makes_seconds_small_where_devices_differ(
    answered: Callable[..., Any], typed: Callable[..., Any], files: Path
) -> None:
    """With a profile it says so and compares; what it finds is no slower than the default order and formal optimum."""
    asked = ("solve", files / "mixed.json", "--evaluations", 500)
    result = answered(*asked)
    assert result["objective"] == "seconds"
    seconds = {name: both["simulated_s"] for name, both in result["compared"].items()}
    assert result["cost_s"] == seconds["found"] == min(seconds.values())
    assert set(seconds) == {"found", "default order", "formal optimum"}
    printed = typed(*asked).stdout
    assert "simulated seconds are made small" in printed
    assert "formal optimum" in printed
    assert "compared" not in answered(*asked, "--objective", "formal")
