"""What an engine says while it works; whoever shows progress or stores results listens."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from tasklet_bench.bench.execution.compiling import Compiling
from tasklet_bench.bench.runs.record import Improvement, RunRecord
from tasklet_bench.bench.runs.spec import RunSpec

Kind = tuple[str, str]
"""Entrant and budget of a run, by name: runs of one kind take about as long."""


def kind(spec: RunSpec) -> Kind:
    """The kind of a run."""
    return spec.entrant.name, spec.budget.name


@dataclass(frozen=True)
class Planned:
    """A campaign begins: how many runs it has, how many of them are done already, and of what kinds the others are."""

    total: int
    done: int
    to_make: Mapping[Kind, int] = field(default_factory=dict)

    @classmethod
    def of(cls, total: int, wanted: Iterable[RunSpec]) -> Planned:
        """A campaign of so many runs, of which these are to be made."""
        to_make = Counter(kind(spec) for spec in wanted)
        return cls(total, total - to_make.total(), to_make)


@dataclass(frozen=True)
class Started:
    """A run has been handed to a child."""

    spec: RunSpec


@dataclass(frozen=True)
class Improved:
    """A run has reported a better cost or bound."""

    spec: RunSpec
    row: Improvement


@dataclass(frozen=True)
class Finished:
    """A run is over, and its record has been taken in."""

    record: RunRecord


Event = Planned | Compiling | Started | Improved | Finished
