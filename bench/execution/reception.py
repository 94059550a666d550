"""What a coordinator hears of a run, straight from its child."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, fields
from typing import Any

from tasklet_bench.bench.runs.record import Improvement

_CLOCKS = ("evaluations", "self_counted", "cpu_s", "wall_s", "meter_s")


@dataclass
class Heard:
    """What has been heard of one run so far."""

    started_at: str = ""
    prepare_s: float | None = None
    rows: list[Improvement] = field(default_factory=list)
    clocks: dict[str, Any] = field(default_factory=lambda: dict.fromkeys(_CLOCKS, 0))
    """What had been spent when the run last told something."""
    incumbent: dict[str, Any] | None = None
    exact: bool = True
    end: dict[str, Any] | None = None
    garbled: bool = False

    def note(self, line: bytes) -> Improvement | None:
        """Take in one line; returns the row if it is an improvement.

        Only a child writes here, but a strategy in it may write whatever it likes: nonsense is noted as such.
        """
        try:
            message = json.loads(line)
            return self._note(message.pop("kind"), message)
        except (ValueError, TypeError, KeyError, AttributeError):
            self.garbled = True
            return None

    def _note(self, kind: str, message: dict[str, Any]) -> Improvement | None:
        if kind == "started":
            self.prepare_s = float(message["prepare_s"])
            return None
        clocks = {name: message[name] for name in _CLOCKS}
        if kind == "end":
            self.end, self.clocks = message, clocks
            return None
        row = Improvement(*(message[field.name] for field in fields(Improvement)))
        self.incumbent = message["candidate"] or self.incumbent
        self.exact = bool(message["exact"])
        self.clocks = clocks
        self.rows.append(row)
        return row
