"""What `new` writes runs at once, passes its own tests, and can be installed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tasklet_bench.bench.scaffold.naming import Names
from tasklet_bench.problems.bad_input import BadInput

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="limits hold on Linux only")

SCRIPT = Path(sys.executable).parent / "tasklet-bench"
Done = subprocess.CompletedProcess[str]


@pytest.fixture
def called(tmp_path: Path) -> Callable[..., Done]:
    """Run a command in an empty folder, or one below it, with packages of its folder `site`, and return what came."""

    def call(*command: object, within: str = ".") -> Done:
        return subprocess.run(
            [*map(str, command)],
            cwd=tmp_path / within,
            env={**os.environ, "PYTHONPATH": str(tmp_path / "site")},
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )

    return call


@pytest.mark.parametrize("kind", ["strategy", "problem"])
def test_a_plug_in_of_one_file_passes_its_own_tests(kind: str, called: Callable[..., Done], tmp_path: Path) -> None:
    """It is written, tested and searched with the commands that `new` says to type next."""
    written = called(SCRIPT, "new", kind, "first-try")
    assert written.returncode == 0, written.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["first_try.py", "test_first_try.py"]
    tested = called(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_first_try.py")
    assert tested.returncode == 0, tested.stdout
    assert "first_try.py:" in written.stdout


def test_a_new_strategy_beats_random_partitions(called: Callable[..., Done]) -> None:
    """By the clause that says so, and it is as short as is promised."""
    called(SCRIPT, "new", "strategy", "first-try", "--out", "here")
    done = called(SCRIPT, "check", "first_try.py:FirstTry", "--only", "beats-random", "--json", within="here")
    assert json.loads(done.stdout)["clauses"][0]["status"] == "kept"


@pytest.mark.slow
def test_packages_are_found_by_their_entry_points(called: Callable[..., Done], tmp_path: Path) -> None:
    """Built, installed, listed by name, tested by their own tests, and run in one campaign."""
    pytest.importorskip("pip")
    pytest.importorskip("hatchling")
    for kind, name in (("strategy", "first-try"), ("problem", "second-try")):
        assert called(SCRIPT, "new", kind, name, "--package").returncode == 0
        assert (tmp_path / name / ".github" / "workflows" / "ci.yml").is_file()
        done = called(
            sys.executable, "-m", "pip", "install", "--no-deps", "--no-build-isolation", "--no-index",
            "--disable-pip-version-check", "--target", tmp_path / "site", tmp_path / name,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        tested = called(
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            "-k",
            "described or one_stage or digest",
            within=name,
        )
        assert tested.returncode == 0, tested.stdout
    assert "first-try" in called(SCRIPT, "list", "strategies").stdout
    run = called(
        SCRIPT, "run", "-p", "second-try/3x4", "-s", "first-try", "-s", "random-partition",
        "--evaluations", 20, "--seeds", 1, "--json",
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    assert json.loads(run.stdout)["failed"] == 0


def test_no_file_is_overwritten(called: Callable[..., Done], tmp_path: Path) -> None:
    """Not even one of several: then nothing is written at all."""
    (tmp_path / "test_first_try.py").write_text("mine")
    done = called(SCRIPT, "new", "strategy", "first-try")
    assert done.returncode == 2
    assert done.stderr == "tasklet-bench: new strategy: test_first_try.py is there already, and is left as it is\n"
    assert [path.name for path in tmp_path.iterdir()] == ["test_first_try.py"]
    assert (tmp_path / "test_first_try.py").read_text() == "mine"


@pytest.mark.parametrize("typed", ["first-try", "first_try"])
def test_all_names_are_made_of_one(typed: str) -> None:
    """With hyphens for users, underscores for the module, capitals for the class."""
    assert Names.of("strategy", typed) == Names("first-try", "first_try", "FirstTry")


@pytest.mark.parametrize("typed", ["", "First", "first try", "1st", "first--try", "../first", "first-", "annealing"])
def test_bad_and_taken_names_are_refused(typed: str) -> None:
    """With what a name looks like, or who has it."""
    with pytest.raises(BadInput, match="new strategy: NAME: found"):
        Names.of("strategy", typed)


@pytest.mark.parametrize("typed", ["json", "numpy", "class", "tests", "tasklet-bench", "paper"])
def test_names_that_would_hide_something_are_refused(typed: str) -> None:
    """Modules of Python, of packages and of the suite, and prefixes of its own problems."""
    with pytest.raises(BadInput, match="expected another"):
        Names.of("problem", typed)
