"""Messages received from the worker so far, each checked against what a worker may say.

Only a worker writes into the pipe, but a strategy in it may write whatever it likes. A line that is not one of the
three kinds of messages, or whose values are not of their types and ranges, makes the run's messages malformed.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

from tasklet_bench.bench.runs.record import Improvement
from tasklet_bench.bench.runs.text import clean

LONGEST_LINE_BYTES = 1 << 23
MOST_EVALUATIONS = 1 << 53
"""Above this a float no longer tells whole numbers apart."""
STATUSES = ("ok", "error", "oom", "invalid")
"""How a worker may say that its run ended."""


@dataclass(frozen=True)
class Spent:
    """What a run had spent when it last reported."""

    evaluations: int = 0
    self_counted: bool = False
    cpu_s: float = 0.0
    wall_s: float = 0.0
    meter_s: float = 0.0
    refused: int = 0


@dataclass(frozen=True)
class Ending:
    """A worker's last message: the status, an error text, and the incumbent with everything decided, if it could."""

    status: str
    error: str | None
    candidate: dict[str, Any] | None


@dataclass
class ReceivedMessages:
    """What the messages of one run say together."""

    started_at: str = ""
    prepare_s: float | None = None
    rows: list[Improvement] = field(default_factory=list)
    spent: Spent = Spent()
    incumbent: dict[str, Any] | None = None
    exact: bool = True
    ending: Ending | None = None
    malformed: str | None = None
    """What is wrong with the first line that is no message; None while all are."""

    def note(self, line: bytes) -> Improvement | None:
        """Take in one line; returns the row if it is an improvement."""
        try:
            message = _parse(line)
            return self._note(message.get("kind"), message)
        except (ValueError, TypeError, KeyError, OverflowError, RecursionError) as fault:
            self.malformed = self.malformed or clean(f"{type(fault).__name__}: {fault}"[:200])
            return None

    def _note(self, kind: Any, message: Mapping[str, Any]) -> Improvement | None:
        if kind == "started":
            self.prepare_s = _seconds(message, "prepare_s")
            return None
        if kind not in ("told", "end"):
            raise ValueError(f"kind is {kind!r:.40}")
        spent = Spent(
            _whole(message, "evaluations"),
            _boolean(message, "self_counted"),
            _seconds(message, "cpu_s", least=-1.0),
            _seconds(message, "wall_s"),
            _seconds(message, "meter_s"),
            _whole(message, "refused") if kind == "end" else 0,
        )
        if kind == "end":
            if message["status"] not in STATUSES:
                raise ValueError(f"status is {message['status']!r:.40}")
            self.ending = Ending(message["status"], _text(message, "error"), _candidate(message))
            self.spent = spent
            return None
        cost_s, bound_s = _number(message, "cost_s"), _number(message, "bound_s")
        if cost_s == -math.inf or bound_s == math.inf:
            raise ValueError(f"cost_s is {cost_s} and bound_s is {bound_s}")
        row = Improvement(spent.evaluations, spent.cpu_s, spent.wall_s, cost_s, bound_s)
        self.incumbent = _candidate(message) or self.incumbent
        self.exact = _boolean(message, "exact")
        self.spent = spent
        self.rows.append(row)
        return row


def _parse(line: bytes) -> Mapping[str, Any]:
    if len(line) > LONGEST_LINE_BYTES:
        raise ValueError(f"a line of {len(line)} bytes")
    message = json.loads(line, parse_int=_parse_int)
    if not isinstance(message, dict):
        raise TypeError(f"a line holds a {type(message).__name__}, expected an object")
    return message


def _parse_int(text: str) -> int:
    if len(text) > 17:
        raise ValueError(f"a whole number of {len(text)} digits")
    return int(text)


def _whole(message: Mapping[str, Any], name: str) -> int:
    value = message[name]
    if type(value) is not int or not 0 <= value <= MOST_EVALUATIONS:
        _refuse(name, value)
    return value


def _boolean(message: Mapping[str, Any], name: str) -> bool:
    value = message[name]
    if type(value) is not bool:
        _refuse(name, value)
    return value


def _number(message: Mapping[str, Any], name: str) -> float:
    value = message[name]
    if type(value) not in (int, float) or math.isnan(value):
        _refuse(name, value)
    return float(value)


def _seconds(message: Mapping[str, Any], name: str, least: float = 0.0) -> float:
    value = _number(message, name)
    if not least <= value < math.inf:
        _refuse(name, value)
    return value


def _text(message: Mapping[str, Any], name: str) -> str | None:
    value = message[name]
    if value is not None and not isinstance(value, str):
        _refuse(name, value)
    return None if value is None else clean(value)


def _candidate(message: Mapping[str, Any]) -> dict[str, Any] | None:
    value = message["candidate"]
    if value is not None and not isinstance(value, dict):
        _refuse("candidate", value)
    return value


def _refuse(name: str, value: Any) -> NoReturn:
    raise ValueError(f"{name} is {value!r:.40}")
