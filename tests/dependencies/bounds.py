"""Try the bounds of the dependencies: install the lowest versions that are allowed, or the newest, and use them.

Run as `python tests/dependencies/bounds.py lowest`, or `newest`, with `--python PATH` for another interpreter. Makes
a virtual environment of its own, installs the project and its extras that a user can choose into it, and types a few
commands. Ends with status 1 if one of them fails. Takes some minutes; needs what pip needs.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
EXTRAS = ("bayes", "dask")
"""Extras that come as wheels for every interpreter; `multilevel` has to be compiled on some."""
SMALL = "generated/uniform?n=12&dp=3&seed=1"
COMMANDS = (
    ("--version",),
    ("--help",),
    ("list", "suites"),
    ("show", SMALL),
    ("solve", SMALL, "--evaluations", "200", "--json"),
    ("run", "-p", SMALL, "-s", "genetic", "-s", "tpe", "-s", "constraint-program", "-s", "evolution-strategy",
     "--evaluations", "60", "--seeds", "2", "--out", "store"),
    ("compare", "genetic", "tpe", "--results", "store"),
    ("report", "store", "--format", "md"),
    ("verify", "store"),
    ("export", "store", "--out", "exported"),
    ("export", "store", "--format", "csv", "--out", "exported-csv"),
    ("merge", "exported", "merged"),
    ("run", "-p", SMALL, "-s", "random-partition", "--evaluations", "60", "--seeds", "1", "--engine", "dask",
     "--workers", "1", "--out", "on-dask"),
)  # fmt: skip
"""Each uses other libraries: the command line, tables, solvers, the store, Parquet, statistics, Dask."""
LIMIT_S = 3600
"""The first command that computes compiles everything, on a busy machine for long."""
_REQUIREMENT = re.compile(r"(?P<name>[A-Za-z0-9._-]+)(\[[^]]*\])?>=(?P<lowest>[0-9][^,; ]*)")


def requirements(project: Path = ROOT / "pyproject.toml") -> Iterator[str]:
    """What the project and the extras of users need, as pyproject.toml has it."""
    data = tomllib.loads(project.read_text(encoding="utf-8"))["project"]
    yield from data["dependencies"]
    for extra in EXTRAS:
        yield from data["optional-dependencies"][extra]


def lowest(requirement: str) -> str:
    """The pin to the lowest version that a requirement allows; raises `ValueError` where it names none."""
    match = _REQUIREMENT.match(requirement)
    if match is None:
        raise ValueError(f"{requirement!r} has no lower bound, expected NAME>=VERSION")
    return f"{match['name']}=={match['lowest']}"


def main(which: str, python: str, keep: Path | None) -> int:
    """Install and try; returns the number of commands that failed, 1 if nothing can be installed."""
    folder = keep or Path(tempfile.mkdtemp(prefix="bounds-"))
    folder.mkdir(parents=True, exist_ok=True)
    try:
        subprocess.run([python, "-m", "venv", "--clear", folder / "venv"], check=True)
        pins = [lowest(requirement) for requirement in requirements()] if which == "lowest" else []
        project = f"{ROOT}[{','.join(EXTRAS)}]"
        installer: list[str | Path] = [folder / "venv/bin/python", "-m", "pip", "install", "-q", "--prefer-binary"]
        if subprocess.run([*installer, project, *pins], check=False).returncode != 0:
            print(f"{which}: cannot be installed")
            return 1
        listed = subprocess.run([*installer[:3], "list", "--format=freeze"], check=True, capture_output=True, text=True)
        print(listed.stdout)
        return sum(not _works(command, folder) for command in COMMANDS)
    finally:
        if keep is None:
            shutil.rmtree(folder)


def _works(command: tuple[str, ...], folder: Path) -> bool:
    began = time.monotonic()
    try:
        done = subprocess.run(
            [folder / "venv/bin/tasklet-bench", *command],
            cwd=folder, capture_output=True, text=True, timeout=LIMIT_S, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        print(f"FAILS  no end after {LIMIT_S} s  tasklet-bench {' '.join(command)}")
        return False
    fine = done.returncode == 0 and "Traceback" not in done.stderr
    print(f"{'works' if fine else 'FAILS'}  {time.monotonic() - began:6.1f} s  tasklet-bench {' '.join(command)}")
    if not fine:
        print(f"status {done.returncode}\n{done.stdout[-1000:]}\n{done.stderr[-3000:]}")
    return fine


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("which", choices=("lowest", "newest"))
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--keep", type=Path, default=None, help="Folder that stays, with the environment in it.")
    options = parser.parse_args()
    sys.exit(1 if main(options.which, options.python, options.keep) else 0)
