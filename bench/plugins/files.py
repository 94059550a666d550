"""Code that is not the project's: files by their targets, and what is kept from foreign code while it is imported.

Searching happens in a run's own process. Importing has to happen in others too: whoever plans runs must know what a
strategy is called, and whoever judges them what a candidate costs.
"""

from __future__ import annotations

import hashlib
import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from pathlib import Path
from types import ModuleType
from typing import Any

from tasklet_bench.bench.plugins.neighbours import import_file
from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.files import is_file, shown
from tasklet_bench.problems.text import clean, shorten

_SUFFIX = ".py:"


class BrokenPlugin(BadInput):
    """A plug-in that is there and cannot be used; the message names it and says why."""


def file_of(target: str) -> Path | None:
    """The file of a target such as `path/to/file.py:Class`; None where it is a name."""
    path, separator, _ = target.partition(_SUFFIX)
    return Path(f"{path}.py") if separator else None


def within(target: str) -> str:
    """What stands behind the colon of `path/to/file.py:Class`."""
    return target.partition(_SUFFIX)[2]


def locate(target: str, folder: Path | None = None) -> str:
    """The target with its file's whole path, from `folder`: a run does not start in the folder of this process."""
    path = file_of(target)
    return target if path is None else f"{((folder or Path()) / path).resolve()}:{within(target)}"


def attribute_of(path: Path, name: str, expected: str) -> Any:
    """What a file calls `name`; raises `BadInput` for nothing of that name, `BrokenPlugin` for a broken file."""
    result = getattr(_module(path), name, None)
    if result is None:
        raise BadInput.at(str(path), name, "nothing of that name", expected)
    return result


class _Printable(io.TextIOBase):
    """Standard error for foreign code, without what moves the cursor or names a window."""

    def __init__(self) -> None:
        self._stream = sys.stderr

    def write(self, text: str) -> int:
        """Print the text, its unprintable characters replaced."""
        self._stream.write(clean(text))
        return len(text)

    def flush(self) -> None:
        """Flush the stream behind."""
        self._stream.flush()


@contextmanager
def contained(source: str, doing: str) -> Iterator[None]:
    """Run foreign code in this process, and go on as if it had not been.

    What it prints goes to standard error, the working directory stays, a fork of it ends here, and whatever it raises
    (`SystemExit` too) becomes a `BrokenPlugin` that names `source`.
    """
    process, folder = os.getpid(), Path.cwd()
    try:
        with redirect_stdout(_Printable()), redirect_stderr(_Printable()):
            yield
    except BadInput:
        raise
    except (Exception, SystemExit) as fault:
        raise BrokenPlugin(f"{source}: cannot be {doing}: {type(fault).__name__}: {_words_of(fault)}") from fault
    finally:
        if os.getpid() != process:
            os._exit(0)
        with suppress(OSError):
            os.chdir(folder)


def _words_of(fault: BaseException) -> str:
    """What an exception says; some cannot even do that."""
    try:
        return shorten(fault, 400)
    except Exception:  # a foreign `__str__` may do anything
        return "it cannot be put into words"


def file_hash(path: Path) -> str:
    """Hex SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _module(path: Path) -> ModuleType:
    """Import a file with its neighbours."""
    if not is_file(path):
        raise BadInput(f"{shown(path)}: no such file, expected a Python file")
    with contained(str(path), "imported"):
        return import_file(path)
