"""`jit`: compile a function once per machine, and never run code that has gone stale.

numba's own cache looks at the file of the function alone: one that calls a function in another file keeps that
function's old code when it changes, and goes silently wrong. Here the cache's directory is named after a hash of every
compiled source that the function can reach: those of this project and those of the package (or, outside a package, of
the folder) that the function itself lives in. A *compiled source* is a file that imports this module, numba or
llvmlite; what compiled code takes from other files at compile time, such as a constant, belongs into one. Two processes
that compile at the same time take turns at the index.

>>> @jit
... def twice(x):
...     return 2 * x
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache, partial
from pathlib import Path
from typing import IO, Any

import llvmlite
import numba
from numba.core.caching import FunctionCache

PROJECT = Path(__file__).parent
KEPT_DAYS = 30
_COMPILED = re.compile(rb"^\s*(from|import) (tasklet_bench\.problems\.compiled|numba|llvmlite)\b", re.MULTILINE)


def jit(function: Callable[..., Any] | None = None, *, inline: bool = False, allocates: bool = True) -> Any:
    """Compile `function` for each combination of argument types when it is first called with them, and keep the code.

    Division by zero gives infinity or nan as in NumPy; sums are never reordered. `@jit(inline=True)` makes it part of
    its compiled callers: worth it where handing over the arguments costs more than the work. `@jit(allocates=False)` is
    for functions that make no arrays, nor copies of any: they count no references, which for functions that are handed
    many arrays is most of the time. Functions without a source file are compiled anew in each process.
    """
    if function is None:
        return partial(jit, inline=inline, allocates=allocates)
    dispatcher = numba.njit(error_model="numpy", forceinline=inline, _nrt=allocates)(function)
    source = Path(function.__code__.co_filename)
    if source.is_file():
        dispatcher._cache = _SharedCache(function, source)
    return dispatcher


def cache_directory(source: Path) -> Path:
    """Where the compiled code of a source file is kept, made if need be.

    `NUMBA_CACHE_DIR`, else the user's cache folder, else (if that cannot be written) a temporary one of the user's.
    """
    return _writable(f"numba-{_fingerprint(PROJECT, _package(source.resolve()))}")


class _SharedCache(FunctionCache):  # type: ignore[misc]  # numba is not typed
    """numba's cache of one function in a directory of ours; its index is read and written under a file lock.

    numba picks the number of a data file from the index it has read, so that two processes with different argument
    types could pick the same one and load each other's code.
    """

    def __init__(self, function: Callable[..., Any], source: Path) -> None:
        with _numba_directory(cache_directory(source)):
            super().__init__(function)

    def _load_overload(self, sig: Any, target_context: Any) -> Any:
        with _locked(Path(self.cache_path), fcntl.LOCK_SH):
            return super()._load_overload(sig, target_context)

    def _save_overload(self, sig: Any, data: Any) -> None:
        with _locked(Path(self.cache_path), fcntl.LOCK_EX):
            super()._save_overload(sig, data)


@contextmanager
def _locked(directory: Path, kind: int) -> Iterator[None]:
    directory.mkdir(parents=True, exist_ok=True)
    lock: IO[str]
    with (directory / "lock").open("a") as lock:
        fcntl.flock(lock, kind)
        yield


@contextmanager
def _numba_directory(directory: Path) -> Iterator[None]:
    """Point numba at a directory for a moment; its environment variable is read only once, at its first import."""
    before = numba.config.CACHE_DIR
    numba.config.CACHE_DIR = str(directory)
    try:
        yield
    finally:
        numba.config.CACHE_DIR = before


def _package(source: Path) -> Path:
    """The top folder of the package that a file belongs to, or its own folder."""
    folder = source.parent
    while (folder / "__init__.py").exists() and (folder.parent / "__init__.py").exists():
        folder = folder.parent
    return folder


@cache
def _fingerprint(*folders: Path) -> str:
    """Hash of the versions that compile and of the compiled sources below some packages."""
    hasher = hashlib.sha256(f"{sys.version} {numba.__version__} {llvmlite.__version__}".encode())
    for path in sorted({path for folder in folders for path in _sources(folder)}):
        content = path.read_bytes()
        if _COMPILED.search(content):
            hasher.update(f"{path.name} {len(content)}\n".encode() + content)
    return hasher.hexdigest()[:20]


def _sources(folder: Path) -> Iterator[Path]:
    """Python files of a package with its subpackages; outside a package, of the folder alone."""
    return folder.rglob("*.py") if (folder / "__init__.py").exists() else folder.glob("*.py")


@cache
def _writable(name: str) -> Path:
    wanted = os.environ.get("NUMBA_CACHE_DIR")
    users = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    home = Path(wanted) if wanted else users / "tasklet-bench"
    for parent in (home, Path(tempfile.gettempdir()) / f"tasklet-bench-{os.getuid()}"):
        with suppress(OSError):
            directory = parent / name
            directory.mkdir(parents=True, exist_ok=True)
            tempfile.TemporaryFile(dir=directory).close()
            os.utime(directory)
            _prune(parent)
            return directory
    raise OSError(f"no place to keep compiled code: neither {home} nor {tempfile.gettempdir()} can be written")


def _prune(parent: Path) -> None:
    """Drop the code of sources that nobody has used for a month."""
    oldest = time.time() - KEPT_DAYS * 86400
    for directory in parent.glob("numba-*"):
        with suppress(OSError):
            if directory.stat().st_mtime < oldest:
                shutil.rmtree(directory)
