"""An installed plug-in that brings top-level packages with the suite's own names along is reported."""

from __future__ import annotations

from pathlib import Path

import pytest

from tasklet_bench.bench.contract.packaging import reserved_names_taken


@pytest.mark.parametrize(("file", "taken"), [("tests/__init__.py", ["tests"]), ("greedy_plugin_too.py", [])])
def test_reserved_names_are_found(file: str, taken: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Among the files that its distribution has recorded."""
    laid_out = tmp_path / "greedy_plugin-1.0.dist-info"
    laid_out.mkdir()
    (laid_out / "METADATA").write_text("Metadata-Version: 2.1\nName: greedy-plugin\nVersion: 1.0\n")
    (laid_out / "RECORD").write_text(f"greedy_plugin.py,,\n{file},,\n")
    for name in ("greedy_plugin.py", file):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    (laid_out / "entry_points.txt").write_text("[tasklet_bench.strategies]\ngreedy = greedy_plugin:Greedy\n")
    monkeypatch.syspath_prepend(tmp_path)
    assert reserved_names_taken("greedy-plugin==1.0:greedy") == taken


def test_files_and_the_projects_own_strategies_bring_nothing() -> None:
    """They install no distribution."""
    assert reserved_names_taken("mine.py:Mine") == []
    assert reserved_names_taken("annealing") == []
