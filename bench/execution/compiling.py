"""How far a process is with what it compiles before runs can begin, which a machine does once."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Compiling:
    """So many of all tasks are done, and the others take about so many seconds."""

    done: int
    total: int
    left_s: float

    def __str__(self) -> str:
        """The sentence for people."""
        return (
            f"compiling once for this machine, about {max(1, round(self.left_s))} s ({self.done} of {self.total} done)"
        )
