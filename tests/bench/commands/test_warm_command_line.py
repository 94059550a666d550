"""The command line that tests call by forks says what the installed script says."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

SOLVE = ("solve", "paper/regional", "-s", "random-partition", "--evaluations", "5", "--json")


@pytest.mark.parametrize("words", [("list", "suites"), ("show", "paper/regionl"), ("show",), SOLVE])
def test_a_fork_says_what_the_script_says(
    words: tuple[str, ...], command_line: Any, script: Path, tmp_path: Path
) -> None:
    """Equal status and streams, where the command succeeds, is mistyped, or starts workers."""
    forked = command_line(words, tmp_path, timeout_s=120)
    started = subprocess.run([script, *words], cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)
    assert forked.returncode == started.returncode
    assert forked.stderr == started.stderr
    if words is not SOLVE:  # it prints the time that it took
        assert forked.stdout == started.stdout


def test_a_call_that_takes_too_long_is_ended(command_line: Any, tmp_path: Path) -> None:
    """By the limit it was called with, and the next call works."""
    with pytest.raises(subprocess.TimeoutExpired):
        command_line(("solve", "paper/regional", "--wall-seconds", "60"), tmp_path, timeout_s=0.2)
    assert command_line(("list", "suites"), tmp_path, timeout_s=120).returncode == 0


def test_a_changed_environment_starts_the_script(
    command_line: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What Python reads at its start has its effect."""
    (tmp_path / "sitecustomize.py").write_text("import sys\nsys.stderr.write('started anew')\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert "started anew" in command_line(("list", "suites"), tmp_path, timeout_s=120).stderr
