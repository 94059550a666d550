"""`jit`: compile a function once per machine, and never run code that has gone stale.

numba's own cache looks at the file of the function alone: one that calls a function in another file keeps that
function's old code when it changes, and goes silently wrong; and it takes a comment for a change. Here the cache's
directory is named after the identity of the function's module (`problems.code`): what it and all that it imports mean,
constants of other files included. Two processes that compile at the same time take turns at the index. Files that were
damaged are compiled again: each stands behind the hash of its content.

>>> @jit
... def twice(x):
...     return 2 * x
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import pickle
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from functools import cache, partial
from importlib import import_module
from pathlib import Path
from types import CodeType
from typing import IO, Any

import llvmlite
import numba
from numba.core.caching import FunctionCache, IndexDataCacheFile

from tasklet_bench.problems.linking import CompiledFunction

KEPT_DAYS = 30
on_compiling: list[Callable[[str], None]] = []
"""Called with the name of each function that is about to be compiled because no cache has its code."""
_patience: ContextVar[bool] = ContextVar("_patience", default=True)
"""Whether a function that another process compiles is waited for."""
_CODE: Any = import_module("tasklet_bench.problems.code")
"""Imported by a text, which is no part of a module's identity: what names a cache is no part of what runs."""


def jit(function: Callable[..., Any] | None = None, *, inline: bool = False, allocates: bool = True) -> Any:
    """Compile `function` for each combination of argument types when it is first called with them, and keep the code.

    Division by zero gives infinity or nan as in NumPy; sums are never reordered. `@jit(inline=True)` makes it part of
    its compiled callers: worth it where handing over the arguments costs more than the work. `@jit(allocates=False)` is
    for functions that make no arrays, nor copies of any: they count no references, which for functions that are handed
    many arrays is most of the time. Functions without a source file are compiled anew in each process.
    """
    if function is None:
        return partial(jit, inline=inline, allocates=allocates)
    options = {"nopython": True, "error_model": "numpy", "forceinline": inline, "_nrt": allocates, "boundscheck": None}
    dispatcher = CompiledFunction(function, options)
    source = Path(function.__code__.co_filename)
    if source.is_file():
        dispatcher._cache = _SharedCache(function, source)
    return dispatcher


@cache
def cache_directory(source: Path) -> Path:
    """Where the compiled code of a source file is kept, made if need be: see `problems.code.private_folder`."""
    folder: Path = _CODE.private_folder(f"numba-{_fingerprint(source.absolute())}")
    os.utime(folder)
    _prune(folder.parent)
    return folder


class BeingCompiled(BaseException):
    """Another process compiles this function just now; no `Exception`, so that nothing on its way takes it for one."""


@contextmanager
def without_waiting() -> Iterator[None]:
    """Meanwhile raise `BeingCompiled` where a function is needed that another process compiles just now."""
    before = _patience.set(False)
    try:
        yield
    finally:
        _patience.reset(before)


class _SharedCache(FunctionCache):  # type: ignore[misc]  # numba is not typed
    """numba's cache of one function in a directory of ours; its index is read and written under a file lock.

    numba picks the number of a data file from the index it has read, so that two processes with different argument
    types could pick the same one and load each other's code. It also names a function's files after its folder and
    line, and drops them when its source has changed by a letter; here its code names them, and the directory says what
    they were made from, so that copies of one source share them. One process at a time compiles a function.
    """

    def __init__(self, function: Callable[..., Any], source: Path) -> None:
        directory = cache_directory(source)
        with _numba_directory(directory):
            super().__init__(function)
        name = f"{function.__qualname__.replace('<', '').replace('>', '')}-{_code_hash(function.__code__)[:12]}"
        python = f"py{sys.version_info.major}{sys.version_info.minor}{sys.abiflags}"
        self._turn: IO[str] | None = None
        self._cache_path = str(directory)
        self._cache_file = _SealedFiles(self._cache_path, f"{source.stem}.{name}.{python}", directory.name)

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """Load the code for these types; where there is none, return None when it is this process' turn to compile it.

        Whoever else needs it meanwhile waits, and then loads what this process has saved; see `without_waiting`.
        """
        loaded = super().load_overload(sig, target_context)
        if loaded is None:
            self._begin_turn(sig)
            loaded = super().load_overload(sig, target_context)
            if loaded is None:
                for call in on_compiling:
                    call(self._py_func.__qualname__)
        return loaded

    def _begin_turn(self, sig: Any) -> None:
        types = hashlib.sha256(str(sig).encode()).hexdigest()[:16]
        directory = Path(self.cache_path)
        directory.mkdir(parents=True, exist_ok=True)
        self._turn = (directory / f"{self._cache_file._index_name}.{types}.turn").open("a")
        try:
            fcntl.flock(self._turn, fcntl.LOCK_EX if _patience.get() else fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BeingCompiled(self._py_func.__qualname__) from None

    def end_turn(self) -> None:
        """Let others have what was compiled, or compile it themselves if this process could not."""
        if self._turn is not None:
            self._turn.close()
            self._turn = None

    def _load_overload(self, sig: Any, target_context: Any) -> Any:
        with _locked(Path(self.cache_path), fcntl.LOCK_SH):
            return super()._load_overload(sig, target_context)

    def _save_overload(self, sig: Any, data: Any) -> None:
        with _locked(Path(self.cache_path), fcntl.LOCK_EX):
            super()._save_overload(sig, data)


class _SealedFiles(IndexDataCacheFile):  # type: ignore[misc]  # numba is not typed
    """numba's index and data of one function; what is not as it was written is never unpickled."""

    def _load_index(self) -> dict[Any, str]:
        content = _CODE.read_sealed(Path(self._index_path))
        if content is None:
            return {}
        stamp, overloads = pickle.loads(content)  # noqa: S301 - its own, as it was written
        return dict(overloads) if stamp == self._source_stamp else {}

    def _save_index(self, overloads: dict[Any, str]) -> None:
        with self._open_for_write(self._index_path) as file:
            file.write(_CODE.sealed(self._dump((self._source_stamp, overloads))))

    def _load_data(self, name: str) -> Any:
        content = _CODE.read_sealed(Path(self._data_path(name)))
        if content is None:
            raise FileNotFoundError(name)  # as numba takes it, the entry is compiled and written again
        return pickle.loads(content)  # noqa: S301 - its own, as it was written

    def _save_data(self, name: str, data: Any) -> None:
        with self._open_for_write(self._data_path(name)) as file:
            file.write(_CODE.sealed(self._dump(data)))


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


@cache
def _fingerprint(source: Path) -> str:
    """Hash of the versions that compile and of what a source and all that it imports mean."""
    plain = os.environ.get("TASKLET_BENCH_PLAIN_KERNELS", "")
    versions = f"{sys.version} {numba.__version__} {llvmlite.__version__} {plain}"
    return hashlib.sha256(f"{versions} {_CODE.identify(source).hash}".encode()).hexdigest()[:20]


def _code_hash(code: CodeType) -> str:
    """What tells functions of one name in one module apart: their code, wherever it stands."""
    described = code.co_consts[:1] and isinstance(code.co_consts[0], str | None)
    values = code.co_consts[1:] if described else code.co_consts
    constants = [_code_hash(value) if isinstance(value, CodeType) else repr(value) for value in values]
    parts = [code.co_code.hex(), *code.co_names, *code.co_varnames, *constants]
    return hashlib.sha256("\n".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


@cache
def _prune(parent: Path) -> None:
    """Drop the code of sources that nobody has used for a month."""
    oldest = time.time() - KEPT_DAYS * 86400
    for directory in parent.glob("numba-*"):
        with suppress(OSError):
            if directory.stat().st_mtime < oldest:
                shutil.rmtree(directory)
