"""What is to be done: one run as plain data, for other processes and machines as JSON or pickle, and its key."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any

from tasklet_bench.bench.runs.budget import PREPARE_LIMIT_S, Budget
from tasklet_bench.bench.runs.canonical import canonical_json, sha256

RECORD_FORMAT = 2
"""Changes when the meaning of a stored record does; results of another format are never mixed in."""

DEFAULT_MEMORY_BYTES = 4 * 2**30


@dataclass(frozen=True)
class ProblemRef:
    """A problem by its catalogue name, or by `content`: the text of its problem file, or a plug-in's origin (JSON).

    An origin is what to load it by (`plugin`), with `distribution` and `version` of its package or its file's `sha256`.
    """

    name: str
    digest: str
    content: str | None = None


@dataclass(frozen=True)
class Entrant:
    """A strategy with its parameters, and what of it stands in a record's key.

    `target` is how to load it, and where it came from: a registered name, `path/to/file.py:Class`, or
    `distribution==version:name` of an installed package. `name` is its name on the leaderboard. `code_hash` is the
    identity of its code, and `libraries` the versions of the distributions that its code imports.
    """

    target: str
    name: str
    strategy_name: str
    strategy_version: str
    code_hash: str
    libraries: dict[str, str] = field(default_factory=dict)
    parameters: dict[str, Any] = field(default_factory=dict)
    families: tuple[str, ...] = ("allocation",)
    deterministic: bool = False
    decisions: tuple[str, ...] = ("*",)
    start: str | None = None
    """What it begins from: `known`, the best of the problem's starts; None for nothing. In `parameters` too."""

    def takes(self, family: str) -> bool:
        """Whether it can search problems of a family, if it takes their kind of decision."""
        return family in self.families or "*" in self.families

    def takes_decision(self, kind: str) -> bool:
        """Whether it can search a kind of decision; one that names its families knows theirs."""
        return "*" not in self.families or kind in self.decisions or "*" in self.decisions


@dataclass(frozen=True)
class RunSpec:
    """One run to be made: who searches what, from which seed, with what to spend.

    `timing` says that it runs alone on a core; `attempt` counts up when a failed run is made again; `start` is a
    candidate (the object of an allocation file) that is evaluated first, on the run's account, and stands as its
    incumbent.
    """

    problem: ProblemRef
    entrant: Entrant
    seed: int
    budget: Budget
    memory_bytes: int = DEFAULT_MEMORY_BYTES
    timing: bool = False
    suite: str = ""
    suite_digest: str = ""
    attempt: int = 1
    start: dict[str, Any] | None = None
    prepare_limit_s: float = PREPARE_LIMIT_S

    @cached_property
    def key(self) -> str:
        """What the result depends on, as one hash."""
        return record_key(self)

    @property
    def label(self) -> str:
        """The run in words, for progress and messages."""
        return f"{self.entrant.name} on {self.problem.name}, seed {self.seed}, {self.budget.name}"

    @property
    def timing_mode(self) -> str:
        """`alone` where the run has a core to itself, else `shared`."""
        return "alone" if self.timing else "shared"

    def to_json(self) -> dict[str, Any]:
        """Everything as plain values; `from_json` reads it back."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> RunSpec:
        """Read what `to_json` wrote."""
        entrant = dict(data["entrant"])
        entrant |= {name: tuple(entrant[name]) for name in ("families", "decisions") if name in entrant}
        parts = {
            "problem": ProblemRef(**data["problem"]),
            "entrant": Entrant(**entrant),
            "budget": Budget(**data["budget"]),
        }
        return cls(**{**data, **parts})


def record_key(spec: RunSpec) -> str:
    """Hex SHA-256 of everything that the result of a run depends on."""
    entrant = spec.entrant
    parts = {
        "record_format": RECORD_FORMAT,
        "problem": spec.problem.digest,
        "strategy": [entrant.strategy_name, entrant.strategy_version, entrant.code_hash],
        "libraries": entrant.libraries,
        "parameters": entrant.parameters,
        "start": spec.start,
        "seed": spec.seed,
        "budget": asdict(spec.budget),
        "memory_bytes": spec.memory_bytes,
        "timing_mode": spec.timing_mode,
    }
    return sha256(canonical_json(parts))
