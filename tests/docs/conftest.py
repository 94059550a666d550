"""What is fenced on the pages of docs/ and in the README: files to be saved, commands to be typed, Python to be run."""

from __future__ import annotations

import os
import re
import site
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
_FENCE = re.compile(
    r"(?:<!-- file: (?P<file>\S+) -->\n)?(?P<indent> *)```(?P<language>\w*)\n(?P<text>.*?)^ *```",
    re.DOTALL | re.MULTILINE,
)


@dataclass(frozen=True)
class Fence:
    """A block of a page; `file` is what the page asks to save it as."""

    page: str
    language: str
    text: str
    file: str | None

    def commands(self) -> list[str]:
        """The lines that a user types."""
        return [line for line in self.text.splitlines() if "tasklet-bench " in line and not line.startswith("#")]


def fences(page: Path) -> list[Fence]:
    """All blocks of a page, in their order."""
    result = _FENCE.finditer(page.read_text(encoding="utf-8"))
    return [
        Fence(page.name, match["language"], re.sub(f"^{match['indent']}", "", match["text"], flags=re.M), match["file"])
        for match in result
    ]


def pages() -> list[Path]:
    """The README and every page of docs/."""
    return [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def followed(
    page: Path,
    folder: Path,
    environment: dict[str, str],
    timeout_s: float,
    changed: Mapping[str, str] = MappingProxyType({}),
) -> list[tuple[str, str]]:
    """Do what a page says, from top to bottom, in one shell: save its files, type its commands.

    A line that `changed` holds is typed as it says instead. Returns each line of the page with what it printed, and
    fails at the first that fails.
    """
    script = ["set -e"]
    typed: list[Any] = []
    for number, fence in enumerate(fences(page)):
        if fence.file is not None:
            saved = folder / f".page-{number}"
            saved.write_text(fence.text, encoding="utf-8")
            script.append(f"cp {saved} {fence.file}")
        elif fence.language == "sh":
            for line in fence.text.splitlines():
                script += [f"echo '=== {len(typed)}'", changed.get(line, line)]
                typed.append(line)
    done = subprocess.run(
        ["bash", "-c", "\n".join(script)],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=timeout_s,
    )
    assert done.returncode == 0, done.stdout[-4000:]
    printed = re.split(r"^=== \d+\n", done.stdout, flags=re.M)[1:]
    return list(zip(typed, printed, strict=True))


def compiled_code() -> str:
    """Where this user's compiled code is kept: making it anew takes minutes, and says nothing about a page."""
    users = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return os.environ.get("NUMBA_CACHE_DIR") or str(users / "tasklet-bench")


@pytest.fixture(scope="session")
def every_fence() -> list[Fence]:
    """The blocks of all pages."""
    return [fence for page in pages() for fence in fences(page)]


@pytest.fixture(scope="session")
def follow() -> Callable[..., list[tuple[str, str]]]:
    """`followed`, for tests that cannot import this file."""
    return followed


@pytest.fixture(scope="session")
def bare_environment() -> Callable[[Path], dict[str, str]]:
    """The environment of somebody who has just logged in, with a home of their own; packages come from no network."""

    def make(home: Path) -> dict[str, str]:
        home.mkdir(exist_ok=True)
        return {
            "HOME": str(home),
            "PATH": os.environ["PATH"],
            "LANG": "C.UTF-8",
            "NO_COLOR": "1",
            "NUMBA_CACHE_DIR": compiled_code(),
            "PIP_NO_INDEX": "1",
            "PIP_NO_BUILD_ISOLATION": "false",
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        }

    return make


@pytest.fixture(scope="session")
def offline_python() -> Callable[[Path], Path]:
    """Make a folder with a `python3` that shows the environments it makes where the tests' own packages are.

    Pages make an environment and install into it. Tests have no network: an environment that is made in them also sees
    the packages of the one that runs them, which the project depends on.
    """

    def make(folder: Path) -> Path:
        folder.mkdir()
        shown = "; ".join(f"site.addsitedir({path!r})" for path in site.getsitepackages())
        lines = ["#!/bin/sh", f'"{sys.executable}" "$@" || exit', "for packages in .venv/lib/python*/site-packages; do"]
        lines += [f'    echo "import site; {shown}" > "$packages/offline.pth"', "done", ""]
        python = folder / "python3"
        python.write_text("\n".join(lines), encoding="utf-8")
        python.chmod(0o755)
        return folder

    return make
