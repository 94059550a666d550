"""Benchmarks, outside the default run: they measure seconds, which depend on the machine and on what else it does.

Run them by name, on a quiet machine::

    pytest tests/performance/test_kernels.py

Each prints a line of the table at the end, with ratios taken in one process.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

_LINES: list[str] = []
_HERE = Path(__file__).parent


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave the benchmarks out unless they are asked for."""
    asked = [Path(str(argument).partition("::")[0]).resolve() for argument in config.args]
    return None if any(path == _HERE or _HERE in path.parents for path in asked) else True


@pytest.fixture
def line() -> Any:
    """Add a line to the table."""
    return _LINES.append


@pytest.fixture(scope="session")
def transcription() -> ModuleType:
    """The file `transcription.py` beside this one; tests are no packages, so it has no name to be imported by."""
    spec = importlib.util.spec_from_file_location("transcription", _HERE / "transcription.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the table."""
    if _LINES:
        terminalreporter.section("kernels, in CPU time (medians)")
        for text in _LINES:
            terminalreporter.write_line(text)
