"""`solve --start --moves`: a decision is mended by moving few devices."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

NAME = "swarm/measured/gcp4-hivemind-32?stages=4"


def test_few_devices_move(answered: Callable[..., Any], tmp_path: Path) -> None:
    """No more than allowed, and no worse than before; the written file scores what is said."""
    start, out = tmp_path / "start.json", tmp_path / "after.json"
    labels = [stage for stage in range(4) for _ in range(8)]
    labels[0] = 3
    start.write_text(json.dumps({"stage_of_device": labels}), "utf-8")
    answer = answered("solve", NAME, "--start", start, "--moves", 1, "--out", out)
    assert answer["cost_s"] <= answer["before_s"]
    assert answer["proven"]
    after = json.loads(out.read_text("utf-8"))["stage_of_device"]
    assert [device for device in range(32) if after[device] != labels[device]] == answer["moved"]
    assert len(answer["moved"]) <= 1
    assert answered("evaluate", NAME, out)["cost_s"] == pytest.approx(answer["cost_s"], rel=1e-9)


def test_what_cannot_be_moved_is_refused(refused: Callable[..., str], tmp_path: Path) -> None:
    """Without a start, and in a family that knows no way."""
    assert "--start: found nothing" in refused("solve", NAME, "--moves", "1")
    grid = tmp_path / "grid.json"
    grid.write_text(json.dumps({"grid": [[0, 1], [2, 3], [4, 5]]}), "utf-8")
    name = "generated/uniform?n=6&dp=3&seed=1"
    assert "family: found allocation" in refused("solve", name, "--start", grid, "--moves", "1")
