"""What a strategy does beside its search, seen from inside its process: files, signals, and costs asked unmetered.

Python tells an audit hook of these, and a hook cannot be taken out again. Compiled code and other programs pass it by:
it sees the shortcut that somebody takes, and stops nobody who is determined (`run --untrusted` does).
"""

from __future__ import annotations

import os
import sys
import tempfile
import types
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from tasklet_bench.bench.execution import process_tree
from tasklet_bench.bench.runs.flags import READS_TABLE, SIGNALS_OTHERS, TOUCHES_STORE, WRITES_OUTSIDE
from tasklet_bench.problems.candidate import Candidate
from tasklet_bench.problems.problem import Cost, Problem

_TABLE_FILE = "best_known.jsonl"
_STORE_FILE = "store.sqlite"
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_PROGRAMS = ("subprocess.Popen", "os.exec", "os.posix_spawn", "os.system")
_CHANGES = {"os.rename": 2, "os.remove": 1, "os.truncate": 1, "os.link": 2, "os.symlink": 2, "os.mkdir": 1}
"""Events of changes to the file system, with how many of their first arguments are paths."""


class CostCalls:
    """Counts the calls of a problem's `cost` that do not come from the meter, which has `cost` from here."""

    def __init__(self, problem: Problem) -> None:
        self.count = 0
        self.cost: Callable[[Candidate], Cost] = problem.cost
        self._watching = True
        with suppress(AttributeError):  # a class with slots cannot be watched
            object.__setattr__(problem, "cost", _Counted(self, problem))

    def note(self) -> None:
        """One call more."""
        self.count += self._watching

    @contextmanager
    def unwatched(self) -> Iterator[None]:
        """Let the harness's own calls pass."""
        self._watching = False
        yield
        self._watching = True


class _Counted:
    """A problem's `cost`, counted; a copy or a pickle of the problem has the plain one."""

    def __init__(self, calls: CostCalls, problem: Problem) -> None:
        self._calls = calls
        self._cost = calls.cost
        self._problem = problem

    def __call__(self, candidate: Candidate) -> Cost:
        self._calls.note()
        return self._cost(candidate)

    def __reduce__(self) -> tuple[Any, ...]:
        return types.MethodType, (type(self._problem).cost, self._problem)


class Notices:
    """An audit hook that refuses what no search needs, and reports it, each kind once.

    Refused are tables of best-known costs, stores, and signals to processes that are not the run's. Files that are
    written elsewhere than in the run's own folder are reported and allowed.
    """

    def __init__(self, report: Callable[[str], None]) -> None:
        self._report = report
        self._reported: set[str] = set()
        self._busy = False
        self._own = os.path.realpath(tempfile.gettempdir()) + os.sep
        caches = (os.environ.get("NUMBA_CACHE_DIR"), os.devnull, "/dev/shm", "/proc/self")  # noqa: S108
        self._allowed = (self._own, *(os.path.realpath(cache) for cache in caches if cache))

    def install(self) -> None:
        """From now on, for as long as this process lives."""
        sys.addaudithook(self)

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self._busy:
            return
        if event == "open":
            self._opened(*arguments)
        elif event == "sqlite3.connect":
            self._opened(arguments[0], None, 0)
        elif event in _CHANGES:
            for path in arguments[: _CHANGES[event]]:
                self._opened(path, "w", 0)
        elif event in _PROGRAMS:
            self._started(arguments)
        elif event in ("os.kill", "os.killpg"):
            self._signalled(arguments[0], group=event == "os.killpg")

    def _opened(self, path: Any, mode: Any, flags: Any) -> None:
        if not isinstance(path, str | bytes | os.PathLike):
            return
        name = os.fsdecode(path)
        self._look_for_names(name)
        writes = bool(set(mode or "") & set("wax+")) or bool((flags or 0) & _WRITING)
        if writes and not self._is_allowed(os.path.realpath(name)):
            self._notice(WRITES_OUTSIDE)

    def _look_for_names(self, text: str) -> None:
        if _TABLE_FILE in text:
            self._refuse(READS_TABLE, "the table of best-known costs")
        if _STORE_FILE in text:
            self._refuse(TOUCHES_STORE, "a store of results")

    def _is_allowed(self, path: str) -> bool:
        return path.startswith(self._allowed) or "__pycache__" in path or path.endswith((".nbi", ".nbc"))

    def _started(self, arguments: tuple[Any, ...]) -> None:
        """A program that is to be run: its words may name what it is not to touch."""
        for words in arguments[:2]:
            for word in words if isinstance(words, list | tuple) else [words]:
                if isinstance(word, str | bytes | os.PathLike):
                    self._look_for_names(os.fsdecode(word))

    def _signalled(self, pid: int, *, group: bool) -> None:
        self._busy = True  # finding out who that is opens files
        try:
            own = pid in (0, os.getpid()) or process_tree.is_descendant(abs(pid)) or (group and pid == os.getpgid(0))
        finally:
            self._busy = False
        if not own:
            self._refuse(SIGNALS_OTHERS, "processes that are not its own")

    def _refuse(self, what: str, whom: str) -> None:
        self._notice(what)
        raise PermissionError(f"a run leaves {whom} alone")

    def _notice(self, what: str) -> None:
        if what not in self._reported:
            self._reported.add(what)
            self._report(what)
