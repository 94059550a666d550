"""A clause: one thing that every strategy must keep to, and how it is found out.

A clause is a function of `Trials`, named after what it asks for; its docstring is the promise in one sentence. It
returns what it has found, or raises `Broken`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tasklet_bench.bench.contract.trials import Trials


class Broken(Exception):
    """A clause is not kept: what was expected, what happened instead, and what the run said at its end, if anything."""

    def __init__(self, expected: str, found: str, said: str | None = None) -> None:
        super().__init__(f"expected {expected}; found {found}")
        self.expected = expected
        self.found = found
        self.said = said


class Remark(str):
    """A finding that breaks nothing, and that the author of the strategy should know of."""

    __slots__ = ()


class NotApplicable(str):
    """Why a clause says nothing about this strategy: its families have no instance of the kind that it takes."""

    __slots__ = ()


Judge = Callable[["Trials"], str]


@dataclass(frozen=True)
class Clause:
    """One clause: `judge` returns its finding or raises `Broken`."""

    name: str
    promise: str
    judge: Judge


def clause(judge: Judge) -> Clause:
    """Make a clause of a function with a docstring of one sentence: `seed_obeyed` becomes `seed-obeyed`."""
    return Clause(judge.__name__.replace("_", "-"), " ".join((judge.__doc__ or "").split()), judge)
