"""What tests with real processes share: finding what they have left running."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest

_PATIENCE_S = 6.0
LONGEST_S = 5.0
"""Nothing may outlive its coordinator by more than this."""


@dataclass(frozen=True)
class Mark:
    """A variable in the environment of every process that is started while it stands."""

    name: str

    def alive(self) -> list[int]:
        """Processes with the mark, other than this one."""
        wanted = f"{self.name}=1".encode()
        result = []
        for entry in Path("/proc").glob("[0-9]*/environ"):
            try:
                if int(entry.parent.name) != os.getpid() and wanted in entry.read_bytes():
                    result.append(int(entry.parent.name))
            except OSError:
                continue
        return result

    def ended_after_s(self) -> float:
        """Seconds until the last of them has ended."""
        start = time.monotonic()
        while self.alive() and time.monotonic() - start < _PATIENCE_S:
            time.sleep(0.02)
        return time.monotonic() - start


@contextmanager
def _marked() -> Iterator[Mark]:
    mark = Mark(f"TASKLET_BENCH_TEST_{uuid4().hex}")
    os.environ[mark.name] = "1"
    try:
        yield mark
    finally:
        del os.environ[mark.name]
    assert mark.ended_after_s() < LONGEST_S, f"still alive: {mark.alive()}"


@pytest.fixture(scope="session")
def marked() -> Callable[[], AbstractContextManager[Mark]]:
    """A context that marks all processes started in it, and fails if any is left 5 s after its end."""
    return _marked
