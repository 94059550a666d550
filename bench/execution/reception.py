"""Messages received from the worker so far, each checked against what a worker may say.

Only a worker writes into the pipe, but a strategy in it may write whatever it likes. A line that is not one of the
four kinds of messages, whose values are not of their types and ranges, or that goes back behind the line before it,
makes the run's messages malformed; nothing is read after it.
"""

from __future__ import annotations

import json
import math
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

from tasklet_bench.bench.execution.messages import Seal
from tasklet_bench.bench.runs.flags import NOTICES
from tasklet_bench.bench.runs.record import Improvement
from tasklet_bench.bench.runs.text import clean

LONGEST_LINE_BYTES = 1 << 23
MOST_ROWS = 100_000
KEPT_BYTES = 1 << 25
"""Candidates are kept, to be scored again, up to so many bytes of text; of more, a sample."""
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
    submitted: int = 0
    """Evaluations that the strategy has counted itself."""
    unmetered: int = 0
    """Calls of the problem's `cost` by the strategy."""


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
    seal: Seal | None = None
    """What marks the meter's lines; None takes lines without a mark."""
    prepare_s: float | None = None
    rows: list[Improvement] = field(default_factory=list)
    spent: Spent = Spent()
    incumbent: dict[str, Any] | None = None
    exact: bool = True
    ending: Ending | None = None
    malformed: str | None = None
    """What is wrong with the first line that is no message; None while all are."""
    notices: set[str] = field(default_factory=set)
    """Side effects that were noticed in the worker, of `NOTICES`."""
    candidates: dict[int, bytes] = field(default_factory=dict)
    """The message of each row that came with a candidate, or of a sample of them, by the row's place."""
    n_candidates: int = 0
    _kept_bytes: int = 0

    def note(self, line: bytes) -> Improvement | None:
        """Take in one line; returns the row if it is an improvement."""
        if self.malformed is not None:
            return None
        try:
            body = line if self.seal is None else self.seal.open(line)
            message = _parse(body)
            if self.ending is not None:
                raise ValueError("a line after the end")  # noqa: TRY301 - as any other that is none
            row = self._note(message.get("kind"), message)
            if row is not None and message["candidate"] is not None:
                self._keep(body)
        except (ValueError, TypeError, KeyError, OverflowError, RecursionError) as fault:
            self.malformed = clean(f"{type(fault).__name__}: {fault}"[:200])
            return None
        return row

    def refuse(self, fault: str) -> None:
        """Take note that what comes is no line at all."""
        self.malformed = self.malformed or fault

    def _note(self, kind: Any, message: Mapping[str, Any]) -> Improvement | None:
        if kind == "started":
            self.prepare_s = _seconds(message, "prepare_s")
            return None
        if kind == "notice":
            if message["what"] not in NOTICES:
                _refuse("what", message["what"])
            self.notices.add(message["what"])
            return None
        if kind not in ("told", "end"):
            raise ValueError(f"kind is {kind!r:.40}")
        ends = kind == "end"
        spent = Spent(
            _whole(message, "evaluations"),
            _boolean(message, "self_counted"),
            _seconds(message, "cpu_s", least=-1.0),
            _seconds(message, "wall_s"),
            _seconds(message, "meter_s"),
            *(_whole(message, name) if ends else 0 for name in ("refused", "submitted", "unmetered")),
        )
        if spent.evaluations < self.spent.evaluations or spent.wall_s < self.spent.wall_s:
            raise ValueError("evaluations or wall seconds go back")
        if ends:
            if message["status"] not in STATUSES:
                raise ValueError(f"status is {message['status']!r:.40}")
            self.ending = Ending(message["status"], _text(message, "error"), _candidate(message))
            self.spent = spent
            return None
        return self._improve(spent, message)

    def _improve(self, spent: Spent, message: Mapping[str, Any]) -> Improvement:
        cost_s, bound_s = _number(message, "cost_s"), _number(message, "bound_s")
        if cost_s == -math.inf or bound_s == math.inf:
            raise ValueError(f"cost_s is {cost_s} and bound_s is {bound_s}")
        candidate, exact = _candidate(message), _boolean(message, "exact")
        row = Improvement(spent.evaluations, spent.cpu_s, spent.wall_s, cost_s, bound_s)
        before = self.rows[-1] if self.rows else Improvement(0, -math.inf, 0.0, math.inf, -math.inf)
        if row.cpu_s < before.cpu_s or row.bound_s < before.bound_s:
            raise ValueError("CPU seconds or the bound go back")
        if not (row.cost_s < before.cost_s if candidate is not None else row.cost_s == before.cost_s):
            raise ValueError(f"cost_s is {cost_s!r} after {before.cost_s!r}")
        if len(self.rows) == MOST_ROWS:
            raise ValueError(f"more than {MOST_ROWS} improvements")
        self.incumbent = candidate or self.incumbent
        self.exact = exact
        self.spent = spent
        self.rows.append(row)
        return row

    def _keep(self, body: bytes) -> None:
        """Keep the message of the last row, so that its candidate can be scored again."""
        self.n_candidates += 1
        self.candidates[len(self.rows) - 1] = body
        self._kept_bytes += len(body)
        while self._kept_bytes > KEPT_BYTES and len(self.candidates) > 1:
            dropped = random.choice([*self.candidates][:-1])  # noqa: S311 - whoever reports shall not know which
            self._kept_bytes -= len(self.candidates.pop(dropped))


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
