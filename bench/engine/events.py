"""What an engine says while it works; whoever shows progress or stores results listens."""

from __future__ import annotations

from dataclasses import dataclass

from bench.record import Improvement, RunRecord, RunSpec


@dataclass(frozen=True)
class Planned:
    """A campaign begins: how many runs it has, and how many of them are done already."""

    total: int
    done: int


@dataclass(frozen=True)
class Started:
    """A run has been handed to a child."""

    spec: RunSpec


@dataclass(frozen=True)
class Improved:
    """A run has told a better cost or bound."""

    spec: RunSpec
    row: Improvement


@dataclass(frozen=True)
class Finished:
    """A run is over, and its record has been taken in."""

    record: RunRecord


Event = Planned | Started | Improved | Finished
