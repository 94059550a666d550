"""One trial: how it is watched, when it is ended, and what came of it."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from tasklet_bench.bench.contract.clause import Remark
from tasklet_bench.bench.runs.record import RunRecord


@dataclass(frozen=True)
class Watch:
    """How a watched trial is made; see `bench.contract.watched`."""

    global_seed: int = 1
    pickled: bool = False
    idle: bool = False


@dataclass(frozen=True)
class Trial:
    """What came of a trial.

    `notes` is what was seen inside. `cut_off` says that it was ended for want of patience. `ended_after_s` is how long
    a run went on that was asked to end after its first result; None where it was not asked.
    """

    record: RunRecord
    notes: tuple[dict[str, Any], ...] = ()
    cut_off: bool = False
    ended_after_s: float | None = None

    def saw(self, what: str) -> list[dict[str, Any]]:
        """The notes of one kind."""
        return [note for note in self.notes if note["saw"] == what]

    @cached_property
    def curve(self) -> list[tuple[int, float, float]]:
        """Evaluations, cost and bound of each improvement: what a seed has to bring about again."""
        return [(row.evaluations, row.cost_s, row.bound_s) for row in self.record.trajectory]


def finding(text: str, *trials: Trial) -> str:
    """What was found; a mere remark where a run did not end well, so that it tells little."""
    unwell = [trial for trial in trials if trial.record.status != "ok" and trial.ended_after_s is None]
    return Remark(f"{text}, in a run of status {unwell[0].record.status}") if unwell else text


@dataclass
class End:
    """When a run is asked to end: when patience is over, or where `after_s` is given so long after its first result."""

    patience_s: float
    after_s: float | None = None
    begun: bool = False
    asked_at: float | None = None
    _at: float = math.inf

    def start(self) -> None:
        """Let patience begin."""
        self._at = time.monotonic() + self.patience_s

    def improved(self, _: object) -> None:
        """Take note of an improvement."""
        if self.after_s is not None and not self.begun:
            self._at, self.begun = time.monotonic() + self.after_s, True

    def due_in_s(self) -> float | None:
        """Seconds to wait at most; None where it was asked already."""
        return None if self.asked_at is not None else max(0.0, self._at - time.monotonic())
