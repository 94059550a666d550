"""A run, before and after: what is to be done (`RunSpec`) and what came of it (`RunRecord`).

Plain data all through: both travel as JSON or pickle to other processes and machines.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any, Literal

from tasklet_bench.bench.runs.budget import PREPARE_LIMIT_S, Budget
from tasklet_bench.bench.runs.keys import record_key

Status = Literal["ok", "error", "oom", "crashed", "timeout", "invalid", "interrupted"]
"""How a run ended; `interrupted` runs were stopped by the user and are never stored."""

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

    `target` is how to load it, and where it came from: a registered name, `path/to/file.py:Class` (whose hash is
    `code_hash`), or `distribution==version:name` of an installed package. `name` is its name on the leaderboard.
    """

    target: str
    name: str
    strategy_name: str
    strategy_version: str
    code_hash: str
    parameters: dict[str, Any] = field(default_factory=dict)
    families: tuple[str, ...] = ("allocation",)
    deterministic: bool = False

    def takes(self, family: str) -> bool:
        """Whether it can search problems of a family."""
        return family in self.families or "*" in self.families


@dataclass(frozen=True)
class RunSpec:
    """One run to be made: who searches what, from which seed, with what to spend.

    `timing` says that it runs alone on a core; `attempt` counts up when a failed run is made again; `start` is a grid
    that is evaluated first, on the run's account, and stands as its incumbent.
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
    start: list[list[int]] | None = None
    prepare_limit_s: float = PREPARE_LIMIT_S

    @cached_property
    def key(self) -> str:
        """What the result depends on, as one hash; see `bench.runs.keys`."""
        return record_key(self)

    @property
    def label(self) -> str:
        """The run in words, for progress and messages."""
        return f"{self.entrant.name} on {self.problem.name}, seed {self.seed}, {self.budget.name}"

    def to_json(self) -> dict[str, Any]:
        """Everything as plain values; `from_json` reads it back."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> RunSpec:
        """Read what `to_json` wrote."""
        entrant = dict(data["entrant"], families=tuple(data["entrant"]["families"]))
        parts = {
            "problem": ProblemRef(**data["problem"]),
            "entrant": Entrant(**entrant),
            "budget": Budget(**data["budget"]),
        }
        return cls(**{**data, **parts})


@dataclass(frozen=True)
class Improvement:
    """One row of a trajectory: what had been spent when a better cost or bound was told.

    `bound_s` is the best lower bound known then, the problem's own or one that the run reported; `cost_s` is infinite
    where a bound was told before any candidate.
    """

    evaluations: int
    cpu_s: float
    wall_s: float
    cost_s: float
    bound_s: float


@dataclass(frozen=True)
class RunRecord:
    """What came of one run. `cost_s` and its parts are of the incumbent as re-scored; None where nothing was told.

    `exact` is False where the incumbent is a partition whose best order is not proven: a better grid may be had of it.
    """

    spec: RunSpec
    status: Status
    error: str | None
    cost_s: float | None
    data_parallel_s: float | None
    pipeline_s: float | None
    exact: bool | None
    bound_s: float
    evaluations: int
    self_counted: bool
    cpu_s: float
    wall_s: float
    prepare_s: float | None
    meter_s: float
    peak_memory_bytes: int | None
    machine: str
    versions: dict[str, str]
    started_at: str
    allocation: list[list[int]] | None
    """The incumbent written out as a grid, D rows of K devices."""
    trajectory: tuple[Improvement, ...] = ()

    @property
    def gap(self) -> float | None:
        """(cost − bound)/cost, 0 where the cost is 0; None without a cost."""
        if self.cost_s is None:
            return None
        return (self.cost_s - self.bound_s) / self.cost_s if self.cost_s > 0 else 0.0

    @property
    def proven(self) -> bool:
        """Whether the incumbent is proven optimal, to one part in a million."""
        return self.status == "ok" and self.gap is not None and self.gap <= PROVEN_GAP


PROVEN_GAP = 1e-6
