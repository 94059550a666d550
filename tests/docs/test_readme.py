"""The README: what can be typed stands where the tests type it, and every number is one that a test compares."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import typer

from tasklet_bench.bench.commands.app import app
from tasklet_bench.problems.instances import catalogue

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
LONGEST_LINES = 150
MARKS = r"<!-- leaderboard:.*?<!-- end of leaderboard -->"
PROGRAMS = ("tasklet-bench", "pytest", "pip", "python", "python3", "uv", "bash", "sh", "make")
CHEAPLY = {
    "measure": [],
    "solve": [],
    "evaluate": [],
    "launch": [],
    "run": ["-p", "paper/regional", "--evaluations", "30", "--seeds", "1", "--workers", "2"],
}
"""Commands that the quick tier makes, and what is added so that it does not take as long as for a reader."""
AT_LENGTH = re.compile(r"check |demo$|verify |reproduce |run core |run$")
"""Commands that only `test_readme_commands.py` makes, as they read all published results or take longer."""
FIGURES_OF_COMMANDS = {"32.97", "41.1", "8", "69.80", "112"}
"""Printed by the commands of the page; `test_place.py` compares them with what is printed."""
OF_SOURCES = {"2022"}
"""Years of what is cited."""


def prose(text: str) -> str:
    """The README without its blocks of code, its leaderboards (`test_published.py` compares them) and its addresses."""
    text = re.sub(MARKS, "", text, flags=re.DOTALL)
    text = re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)
    return re.sub(r"<!--.*?-->|\]\([^)]*\)", "", text, flags=re.DOTALL)


def stray_commands(text: str) -> list[str]:
    """What could be typed and is not in a `sh` block: in the prose, or in a block of another language."""
    languages = re.findall(r"^ *```(\w*)\n.*?^ *```", text, flags=re.DOTALL | re.MULTILINE)
    strays = [f"a block of {language or 'no language'}" for language in languages if language not in LANGUAGES]
    strays += re.findall(r"^(?:    |\t)\S.*", prose(text), flags=re.MULTILINE)
    group: Any = typer.main.get_command(app)
    first_words = {*PROGRAMS, *group.commands}
    for span in re.findall(r"`([^`]+)`", prose(text)):
        words = span.removeprefix("$ ").split()
        if len(words) > 1 and Path(words[0]).name in first_words:
            strays.append(span)
    return strays


LANGUAGES = ("sh", "csv", "python")
"""Of these only `sh` is typed; files are saved."""


def numbers(text: str) -> set[str]:
    """All figures of the prose; a digit in a name is none."""
    return set(re.findall(r"(?<![A-Za-z\d.])\d+(?:[.,]\d+)*", prose(text)))


def test_it_is_short() -> None:
    """Somebody reads it in one go."""
    assert len(README.splitlines()) <= LONGEST_LINES


def test_every_command_stands_in_a_block_that_is_run() -> None:
    """Whatever can be typed is a line of a `sh` block, all of which `test_readme_commands.py` runs."""
    assert stray_commands(README) == []


@pytest.mark.parametrize(
    "addition",
    [
        "Or type `solve cities.json`.",
        "Or type `.venv/bin/tasklet-bench demo --json`.",
        "```\ntasklet-bench demo\n```",
        "```console\n$ tasklet-bench demo\n```",
        "    tasklet-bench demo\n",
    ],
)
def test_a_command_elsewhere_would_be_noticed(addition: str) -> None:
    """The check above is one."""
    assert len(stray_commands(f"{README}\n{addition}\n")) == 1


def test_every_number_is_compared() -> None:
    """A figure of the prose is one that a test compares with what it comes from; the next tests are such."""
    computed = FIGURES_OF_COMMANDS | OF_SOURCES | set(settings()) | set(published_runs())
    assert numbers(README) == computed
    assert numbers(f"{README} It takes 77 s.") - computed == {"77"}


def settings() -> list[str]:
    """The oldest Python that is allowed, and how many instances the suite of the first command has."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return [project["requires-python"].removeprefix(">="), str(len(catalogue.suite("quick").problems))]


def published_runs() -> list[str]:
    """How many published runs are simulated, and the least and the largest mean error of a set of them in per cent."""
    cases = json.loads((ROOT / "tests" / "published" / "cases.json").read_text(encoding="utf-8"))
    page = (ROOT / "docs" / "published-runs.md").read_text(encoding="utf-8")
    (row,) = re.findall(r"^\| the runtime's own \|(.*)", page, flags=re.MULTILINE)
    cells = [float(cell.partition("%")[0]) for cell in row.split("|") if "%" in cell]
    sets = [cells[0], *cells[-2:]]
    return [str(len(cases)), f"{min(sets):.0f}", f"{max(sets):.0f}"]


def test_numbers_stand_where_they_belong() -> None:
    """They are said of what they were computed from."""
    oldest, instances = settings()
    runs, least, largest = published_runs()
    flat = " ".join(README.split())
    assert f"Python {oldest} or newer" in flat
    assert f"the {instances} instances of suite `quick`" in flat
    assert f"off by {least} to {largest} % on average on {runs} runs" in flat


def test_the_strategy_has_ten_lines(every_fence: list[Any]) -> None:
    """As its heading says; blank lines do not count."""
    (strategy,) = (fence.text for fence in every_fence if fence.page == "README.md" and fence.file == "mine.py")
    assert "## Ten lines" in README
    assert len([line for line in strategy.splitlines() if line.strip()]) == 10


def test_the_command_of_the_tests_is_the_one_that_ci_runs() -> None:
    """CI takes a line from the README and runs it: it is the command that is stated for the tests, whole."""
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    (assignment,) = re.findall(r"^command=.*", script, flags=re.MULTILINE)
    assert re.search(r'^bash -c "\$command"$', script, flags=re.MULTILINE)
    command = f'{assignment}\nprintf %s "$command"'
    done = subprocess.run(["bash", "-c", command], cwd=ROOT, capture_output=True, text=True, check=True, timeout=10)
    assert done.stdout == ".venv/bin/pip install -e '.[test]' && .venv/bin/pytest"
    assert f"\n```sh\n{done.stdout}\n```\n" in README


def test_the_readme_does_what_it_says(every_fence: list[Any], tmp_path: Path, command_line: Any) -> None:
    """Its problem is solved and launched, its strategy gets a row; with smaller budgets than a reader's."""
    own = [fence for fence in every_fence if fence.page == "README.md"]
    for fence in (fence for fence in own if fence.file):
        (tmp_path / fence.file).write_text(fence.text, encoding="utf-8")
    made = set()
    for line in (line for fence in own if fence.language == "sh" for line in fence.commands()):
        words = shlex.split(line.rpartition("tasklet-bench ")[2]) if "tasklet-bench " in line else []
        if not words or AT_LENGTH.match(" ".join(words)):
            continue
        assert words[0] in CHEAPLY, f"{line}: neither run here nor named in AT_LENGTH"
        done = command_line([*words, *CHEAPLY[words[0]]], tmp_path, timeout_s=120)
        assert done.returncode == 0, (words, done.stderr[-3000:])
        assert "restless" in done.stdout or words[0] != "run"
        made.add(words[0])
    assert made == set(CHEAPLY)
    assert (tmp_path / "ranks.csv").is_file()
    assert (tmp_path / "launch" / "torchrun.sh").is_file()
