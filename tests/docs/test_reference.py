"""The pages and the reference are made by Sphinx without a warning."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of `sphinx-build -W docs …`."""
    pytest.importorskip("myst_parser")
    folder = tmp_path_factory.mktemp("docs")
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-d", str(folder / "trees")]
    done = subprocess.run(
        [*command, "docs", str(folder / "html")], cwd=ROOT, capture_output=True, text=True, timeout=200
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return folder / "html"


def test_every_page_is_made(built: Path) -> None:
    """One for each page of docs/."""
    assert {page.stem for page in (ROOT / "docs").glob("*.md")} <= {page.stem for page in built.glob("*.html")}


@pytest.mark.parametrize(
    ("name", "words"),
    [
        (
            "tasklet_bench.problems.problem.Problem.bound",
            "A proven lower bound on the cost (in seconds), computed in under 0.1 s.",
        ),
        ("tasklet_bench.strategies.run.Run.evaluate", "count one evaluation, keep it if it is the best so far."),
        ("tasklet_bench.strategies.strategy.Strategy.search", "what is found is what"),
        ("tasklet_bench.bench.plugins.problems.problem_named", "The problem of a name, of any family"),
    ],
)
def test_the_reference_says_what_the_docstrings_say(name: str, words: str, built: Path) -> None:
    """Each member has its anchor, and its docstring stands there."""
    text = (built / "reference.html").read_text(encoding="utf-8")
    assert f'id="{name}"' in text
    assert words in text[text.index(f'id="{name}"') :][:6000]
