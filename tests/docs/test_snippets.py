"""What stands on the pages to be copied works: files can be read, commands can be typed, Python runs."""

from __future__ import annotations

import ast
import json
import os
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import typer

from tasklet_bench.bench.commands.app import app

ROOT = Path(__file__).parents[2]
PAGES = {page.name: page for page in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]}
NEEDS_A_CLUSTER = {"slurm.md"}
"""Its Python talks to a batch system; `test_docs_slurm.py` runs the part that does not."""


def _commands(fence: Any) -> list[list[str]]:
    """The words behind `tasklet-bench` of each command of a block, whatever environment it is called from."""
    text = re.sub(r"\\\n", " ", fence.text)
    parts = [part for line in text.splitlines() for part in re.split(r"&&|;|\|", line)]
    result = []
    for part in parts:
        match = re.match(r"\s*(?:\$ )?(?:uv run )?(?:\S*/)?tasklet-bench (.*)", part)
        if match and fence.language in ("sh", "console", ""):
            result.append(shlex.split(match[1], comments=True))
    return result


def test_pages_have_snippets(every_fence: list[Any]) -> None:
    """The tests below see something to test, of every kind."""
    languages = {fence.language for fence in every_fence}
    assert {"sh", "python", "toml", "json"} <= languages
    assert sum(len(_commands(fence)) for fence in every_fence) > 20


@pytest.mark.parametrize("page", sorted(PAGES))
def test_files_on_the_page_can_be_read(page: str, every_fence: list[Any]) -> None:
    """TOML, JSON, Python and shell are what they are said to be."""
    readers = {"toml": tomllib.loads, "json": json.loads, "python": ast.parse}
    for fence in (fence for fence in every_fence if fence.page == page):
        if fence.language in readers:
            readers[fence.language](fence.text)
        elif fence.language == "sh":
            subprocess.run(["bash", "-n"], input=fence.text, text=True, check=True, timeout=10)


@pytest.mark.parametrize("page", sorted(PAGES))
def test_commands_on_the_page_can_be_typed(page: str, every_fence: list[Any]) -> None:
    """Commands, options and the kinds of their values are those of the command line; nothing is run."""
    group: Any = typer.main.get_command(app)
    for words in (words for fence in every_fence if fence.page == page for words in _commands(fence)):
        context = group.make_context("tasklet-bench", [*words])
        name, command, rest = group.resolve_command(context, words)
        command.make_context(name, rest, parent=context)


def test_a_command_with_a_wrong_option_would_be_found() -> None:
    """The check above is one."""
    group: Any = typer.main.get_command(app)
    with pytest.raises(Exception, match="No such option"):
        test_commands_on_the_page_can_be_typed("x", [_Typed("tasklet-bench run --no-such-thing")])
    with pytest.raises(Exception, match="No such command"):
        test_commands_on_the_page_can_be_typed("x", [_Typed("tasklet-bench walk")])
    assert group is not None


class _Typed:
    page, language = "x", "sh"

    def __init__(self, text: str) -> None:
        self.text = text


WITH_PYTHON = {name for name, page in PAGES.items() if "```python" in page.read_text(encoding="utf-8")}


@pytest.mark.parametrize("page", sorted(WITH_PYTHON - NEEDS_A_CLUSTER))
def test_python_on_the_page_runs(page: str, every_fence: list[Any], tmp_path: Path) -> None:
    """From top to bottom in one process, in an empty folder; files that it is to be saved as are there."""
    own = [fence for fence in every_fence if fence.page == page and fence.language == "python"]
    source = "\n".join(fence.text for fence in own)
    done = subprocess.run(
        [sys.executable, "-c", source],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr[-3000:]
