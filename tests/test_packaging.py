"""However it is built, it installs `tasklet_bench` alone, and lives beside a user's packages of any name."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

pytest.importorskip("hatchling")

ROOT = Path(__file__).parents[1]
ROOMS = ("problems", "strategies", "bench")
STRATEGY = '''"""A strategy in five lines."""
from numpy.random import Generator
from tasklet_bench import Problem, Run, Strategy
class Five(Strategy):
    name = "five"
    def search(self, problem: Problem, run: Run, rng: Generator) -> None:
        while not run.exhausted:
            run.evaluate(problem.random(rng))
'''
TEST = """from tasklet_bench import StrategyContract
class TestFive(StrategyContract):
    strategy = "five.py:Five"
"""


def _python(*arguments: str, cwd: Path, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, *arguments], cwd=cwd, env={**os.environ, **environment}, capture_output=True, text=True,
        timeout=280, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _built(project: Path, hook: str, into: Path) -> Path:
    """What a build hook of the project makes."""
    code = f"import hatchling.build as b; print(b.{hook}({str(into)!r}))"
    return into / _python("-c", code, cwd=project).split()[-1]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what is to be packed, links included, and nothing that a checkout collects besides."""
    copy = tmp_path_factory.mktemp("project")
    for name in (*ROOMS, "src", "docs"):
        shutil.copytree(ROOT / name, copy / name, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
    for folder in ("best_known", "certificates"):
        shutil.copytree(ROOT / "results" / folder, copy / "results" / folder)
    (copy / "tests").mkdir()
    for name in ("pyproject.toml", "hatch_build.py", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, copy)
    return copy


def _check_wheel(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.partition("/")[0] for name in names if ".dist-info/" not in name} == {"tasklet_bench"}
    assert {"tasklet_bench/py.typed", "tasklet_bench/__init__.py"} <= set(names)
    assert "tasklet_bench/bench/results/best_known/best_known.jsonl" in names
    assert sum(name.startswith("tasklet_bench/problems/certificates/published/") for name in names) >= 12
    assert "tasklet_bench/problems/instances/NOTICE" in names
    for room in ROOMS:
        assert f"tasklet_bench/{room}/__init__.py" in names
    assert len(names) == len(set(names))


def test_a_wheel_holds_one_package(project: Path, tmp_path: Path) -> None:
    """With its rooms, its type marker and the table of best known costs."""
    _check_wheel(_built(project, "build_wheel", tmp_path))


def test_an_sdist_makes_the_same_wheel(project: Path, tmp_path: Path) -> None:
    """The links into the rooms are made again where it is unpacked, or are not needed there."""
    sdist = _built(project, "build_sdist", tmp_path)
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path, filter="data")
    unpacked = tmp_path / sdist.name.removesuffix(".tar.gz")
    wheel = _built(unpacked, "build_wheel", tmp_path)
    _check_wheel(wheel)
    (tmp_path / "own").mkdir()
    own = zipfile.ZipFile(_built(project, "build_wheel", tmp_path / "own"))
    assert sorted(zipfile.ZipFile(wheel).namelist()) == sorted(own.namelist())


def test_an_editable_install_adds_one_folder_to_the_path(project: Path, tmp_path: Path) -> None:
    """The folder holds the package and nothing else, and no file is copied."""
    wheel = zipfile.ZipFile(_built(project, "build_editable", tmp_path))
    names = [name for name in wheel.namelist() if ".dist-info/" not in name]
    assert len(names) == 1
    assert names[0].endswith(".pth")
    assert wheel.read(names[0]).decode().split() == [str(project / "src")]
    assert [path.name for path in (project / "src").iterdir()] == ["tasklet_bench"]


def test_a_users_packages_of_the_rooms_names_are_no_obstacle(tmp_path: Path) -> None:
    """In a folder with packages `strategies` and `bench` of its own, a test of the contract is found and passes."""
    for name in ROOMS:
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("raise RuntimeError('not the project')\n")
    (tmp_path / "five.py").write_text(STRATEGY)
    (tmp_path / "test_five.py").write_text(TEST)
    out = _python("-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", "described", cwd=tmp_path)
    assert "1 passed" in out


@pytest.mark.slow
def test_a_plug_in_of_five_lines_is_typed(tmp_path: Path) -> None:
    """`mypy --strict` finds nothing to say about it."""
    pytest.importorskip("mypy")
    (tmp_path / "five.py").write_text(STRATEGY)
    out = _python("-m", "mypy", "--strict", "--cache-dir", str(tmp_path / "cache"), "five.py", cwd=tmp_path)
    assert "Success" in out
