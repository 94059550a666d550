"""Random lines end as rows, whatever they say."""

from __future__ import annotations

import importlib.util
from pathlib import Path

_SPEC = importlib.util.spec_from_file_location("worker_lines", Path(__file__).with_name("worker_lines.py"))
assert _SPEC is not None
assert _SPEC.loader is not None
worker_lines = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(worker_lines)


def test_random_lines_become_rows(tmp_path: Path) -> None:
    """Three thousand of them: nothing is raised, `ok` is what the judge says, and what is stored can be stored."""
    statuses = worker_lines.fuzz(3000, 7, tmp_path)
    assert statuses["invalid"] > 100
    assert statuses["ok"] > 100
