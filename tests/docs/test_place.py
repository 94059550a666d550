"""From a network to launch files as the README says it, and the page of the problem file explains every field."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from tasklet_bench.problems.files import problem_file

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def placed(every_fence: list[Any], tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """The four commands of the README, made; their folder, and what each printed. The search is the one that proves."""
    folder = tmp_path_factory.mktemp("place")
    own = [fence for fence in every_fence if fence.page == "README.md"]
    for fence in own:
        if fence.file in ("links.csv", "hosts.csv"):
            (folder / fence.file).write_text(fence.text, encoding="utf-8")
    typed = [
        line.partition("tasklet-bench ")[2] for fence in own if fence.language == "sh" for line in fence.commands()
    ]
    printed = {}
    for name in ("measure", "solve", "evaluate", "launch"):
        (words,) = (shlex.split(line) for line in typed if line.startswith(f"{name} ") and "clouds:" not in line)
        extra = ["-s", "exact-small"] if name == "solve" else []
        call = [sys.executable, "-c", "from tasklet_bench.bench.cli import main; main()", *words, *extra]
        done = subprocess.run(call, cwd=folder, capture_output=True, text=True, timeout=250)
        assert done.returncode == 0, done.stderr[-3000:]
        printed[name] = done.stdout
    return folder, printed


def test_the_problem_file_by_hand_is_what_measure_writes(
    placed: tuple[Path, dict[str, str]], every_fence: list[Any]
) -> None:
    """The JSON on the page of the problem file and the file that the README's first command makes are one."""
    shown = next(fence.text for fence in every_fence if fence.page == "problem-file.md" and fence.language == "json")
    written = (placed[0] / "cities.json").read_text(encoding="utf-8")
    assert json.loads(shown) == json.loads(written)


def test_the_readmes_figures_are_those_of_its_commands(placed: tuple[Path, dict[str, str]]) -> None:
    """Cost, gain, and what torchrun's default would cost, are printed as the page says them."""
    _, printed = placed
    (gain,) = re.findall(r"([\d.]+) % less than in the order of the hosts", " ".join(README.split()))
    assert re.search(rf"the order of the host list costs [\d.]+ s: {re.escape(gain)}% less", printed["solve"])
    optimum = re.search(r"optimum of ([\d.]+) s", README)
    default = re.search(r"moves (\d of \d) ranks and costs ([\d.]+) s \((\+\d+) %\)", README.replace("\n", " "))
    assert optimum is not None
    assert default is not None
    assert f" {optimum[1]}" in re.sub(r"(\d+\.\d\d)(\d+)", lambda m: f"{float(m[0]):.2f}", printed["evaluate"])
    said = re.search(r"move (\d of \d) ranks and cost ([\d.]+) s .*\((\+\d+)%\)", printed["launch"])
    assert said is not None
    assert (said[1], f"{float(said[2]):.2f}", said[3]) == default.groups()


def models() -> dict[str, type[BaseModel]]:
    """The models of a problem file by the heading under which the page explains them."""
    result: dict[str, type[BaseModel]] = {"The whole": problem_file._ProblemFile}
    todo = [problem_file._ProblemFile]
    while todo:
        for name, field in todo.pop().model_fields.items():
            for inner in inner_models(field.annotation):
                if name != "profile" and inner not in result.values():
                    result[name] = inner
                    todo.append(inner)
    return result


def inner_models(annotation: Any) -> list[type[BaseModel]]:
    """Models within an annotation, however deep."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in get_args(annotation) for model in inner_models(part)]


def test_every_field_of_the_problem_file_is_explained() -> None:
    """Each heading's table has the fields of its model, all of them, and no others."""
    page = (ROOT / "docs" / "problem-file.md").read_text(encoding="utf-8")
    parts = re.split(r"^#{2,3} ", page, flags=re.MULTILINE)[1:]
    sections = {part.partition("\n")[0]: set(re.findall(r"^\| `(\w+)` \|", part, re.MULTILINE)) for part in parts}
    known = models()
    assert len(known) >= 7
    for name, model in known.items():
        (heading,) = (title for title in sections if title == name or f"`{name}`" in title)
        assert sections[heading] == {field.alias or key for key, field in model.model_fields.items()}, heading
    assert len(sections) == len(known)
