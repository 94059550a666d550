"""What came of a run, as plain data, which travels as JSON or pickle to other processes and machines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, get_args

from tasklet_bench.bench.runs.spec import RunSpec
from tasklet_bench.bench.runs.tolerances import PROVEN_GAP

Status = Literal["ok", "error", "oom", "crashed", "timeout", "invalid", "interrupted"]
"""How a run ended; `interrupted` runs were stopped by the user and are never stored."""
STORED_STATUSES: tuple[str, ...] = tuple(status for status in get_args(Status) if status != "interrupted")


def relative_gap(cost_s: float, bound_s: float) -> float:
    """(cost − bound)/cost; of a cost of 0 or below the share of the larger of both sizes, 0 at the bound."""
    if cost_s > 0:
        return (cost_s - bound_s) / cost_s
    return 0.0 if cost_s <= bound_s else (cost_s - bound_s) / max(abs(cost_s), abs(bound_s))


@dataclass(frozen=True)
class Improvement:
    """One row of a trajectory: what had been spent when a better cost or bound was reported.

    `bound_s` is the best lower bound known then, the problem's own or one that the run reported; `cost_s` is infinite
    where a bound was reported before any candidate.
    """

    evaluations: int
    cpu_s: float
    wall_s: float
    cost_s: float
    bound_s: float


@dataclass(frozen=True)
class RunRecord:
    """What came of one run. `cost_s` and its parts are of the incumbent as re-scored; None where nothing was reported.

    `exact` is False where the incumbent is a partition whose best order is not proven: a better grid may be had of it.
    """

    spec: RunSpec
    status: Status
    error: str | None
    cost_s: float | None
    parts_s: dict[str, float]
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
    candidate: dict[str, Any] | None
    """The incumbent with everything decided, as the object of an allocation file: `{"grid": …}`, `{"order": …}`."""
    refused: int = 0
    """Moves that a floor refused unscored; they are no evaluations."""
    flags: tuple[str, ...] = ()
    """What is possible but odd about the run."""
    trajectory: tuple[Improvement, ...] = ()

    @property
    def gap(self) -> float | None:
        """(cost − bound)/cost; over the larger of both sizes where the cost is 0 or below; None without a cost."""
        return None if self.cost_s is None else relative_gap(self.cost_s, self.bound_s)

    @property
    def proven(self) -> bool:
        """Whether the incumbent is proven optimal, to one part in a million."""
        return self.status == "ok" and self.gap is not None and self.gap <= PROVEN_GAP
