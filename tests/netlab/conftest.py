"""Measurements on the wire beside what the simulator says; `pytest -m netlab` (as root) measures anew."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

Seconds = tuple[np.ndarray, np.ndarray, np.ndarray]
Compare = Callable[[dict[str, Any], dict[str, Any]], Seconds]


def pytest_configure(config: pytest.Config) -> None:
    """The marker of the tests that build networks of their own."""
    config.addinivalue_line("markers", "netlab: builds network namespaces; needs root, runs only with -m netlab")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Nobody's network is touched unless asked for."""
    if "netlab" not in str(config.getoption("markexpr")):
        for item in items:
            if item.get_closest_marker("netlab"):
                item.add_marker(pytest.mark.skip(reason="opt in as root: pytest -m netlab"))


@pytest.fixture
def compare(monkeypatch: pytest.MonkeyPatch) -> Compare:
    """`comparison.compared`: the scripts of this folder import each other as they do when run."""
    monkeypatch.syspath_prepend(Path(__file__).parent)
    from comparison import compared

    return compared
