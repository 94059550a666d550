"""The command line as a user runs it: in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

SCRIPT = Path(sys.executable).parent / "tasklet-bench"

Typed = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def typed(tmp_path: Path, command_line: Typed) -> Typed:
    """Run `tasklet-bench` with arguments in an empty folder and return what it printed."""

    def run(*arguments: object, timeout_s: float = 120) -> subprocess.CompletedProcess[str]:
        return command_line(arguments, tmp_path, timeout_s)

    return run


@pytest.fixture
def refused(typed: Typed) -> Callable[..., str]:
    """Run `tasklet-bench`, require exit status 2, no traceback and one line on standard error; return that line."""

    def run(*arguments: object) -> str:
        done = typed(*arguments)
        assert done.returncode == 2, done.stderr
        assert "Traceback" not in done.stderr
        assert done.stdout == ""
        lines = done.stderr.strip().splitlines()
        assert len(lines) == 1, done.stderr
        return lines[0]

    return run


@pytest.fixture
def answered(typed: Typed) -> Callable[..., Any]:
    """Run `tasklet-bench … --json`, require success, and return the parsed answer."""

    def run(*arguments: object) -> Any:
        done = typed(*arguments, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run


@pytest.fixture(scope="session")
def small_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a store with two strategies' runs on two of the paper's scenarios."""
    folder = tmp_path_factory.mktemp("store")
    command = [
        SCRIPT, "run", "paper", "-s", "aligned", "-s", "random-partition", "-p", "*/regional", "-p", "*/worldwide",
        "--evaluations", "50", "--seeds", "2", "--out", folder,
    ]  # fmt: skip
    subprocess.run(command, capture_output=True, timeout=120, check=True)
    return folder
