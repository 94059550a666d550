"""Whether a page that was written earlier still shows what it would show if it were made again.

The page's last line is a hash of all that it is made from and of the text above it: whoever edits a record, a source of
the project, the table of best known costs or the page itself, or cuts the page off, gets a new one.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

import tasklet_bench
from tasklet_bench.bench.plugins import installed_problems
from tasklet_bench.bench.results import best_known
from tasklet_bench.problems.files.size import LARGE

if TYPE_CHECKING:
    from tasklet_bench.bench.results.store import Store

LIBRARIES = ("moocore", "numpy", "pandas", "pyarrow", "scipy")
"""Whose versions may change a figure of the page."""
_MARK = b"\n<!-- made from "
_END = b" -->\n"


def made_from(store: Store, *about: str) -> str | None:
    """A hash of everything that the page of a store is made from; `about` is what else its maker chose.

    All bytes count: the store's rows, the project's sources and data, the table of best known costs, and the versions
    of the libraries that compute. None where it cannot be said, as an installed plug-in's code makes problems.
    """
    if installed_problems():
        return None
    result = hashlib.sha256()
    allowed = os.environ.get(LARGE, "")  # problems of more devices are shown with their topology
    for part in (*about, allowed, sys.version, *map(_version, LIBRARIES)):
        result.update(f"{part}\0".encode())
    for file in _sources():
        content = file.read_bytes()
        result.update(f"{file}\0{len(content)}\0".encode())
        result.update(content)
    for row in store.all_rows():
        result.update(repr(row).encode())
    return result.hexdigest()


def mark(page: Path, origin: str | None) -> None:
    """Add the line to a page that has just been written from what hashes to `origin`."""
    if origin is None:
        return
    text = page.read_bytes()
    with page.open("ab") as file:
        file.write(_MARK + _seal(origin, text) + _END)


def stands(page: Path, origin: str | None) -> bool:
    """Whether the page is there, whole and unchanged, and was made from what hashes to `origin`."""
    try:
        text = page.read_bytes()
    except OSError:
        return False
    above, mark, seal = text.rpartition(_MARK)
    return bool(mark) and origin is not None and seal == _seal(origin, above) + _END


def _seal(origin: str, text: bytes) -> bytes:
    return hashlib.sha256(origin.encode() + text).hexdigest().encode()


def _version(library: str) -> str:
    try:
        return f"{library} {version(library)}"
    except PackageNotFoundError:
        return f"{library} is not installed"


def _sources() -> Iterator[Path]:
    """The project's own files in order of their names, those that Python compiles left out; and the table beside."""
    for folder, rooms, names in os.walk(Path(tasklet_bench.__file__).parent, followlinks=True):
        rooms[:] = sorted(room for room in rooms if room != "__pycache__")
        yield from (Path(folder, name) for name in sorted(names))
    if best_known.default_path().exists():
        yield best_known.default_path()
