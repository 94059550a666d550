"""Feed random lines to whatever takes in a worker's messages: `python tests/fuzz/worker_lines.py [LINES] [SEED]`.

Lines are honest messages with parts changed, cut, repeated or replaced, and plain junk; each belongs to a short run
that is judged, and turned into the row of a store. Nothing may be raised, whatever comes: a run is `invalid`, or it is
what its lines say and its candidate costs.
"""

from __future__ import annotations

import json
import math
import random
import sqlite3
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from tasklet_bench.bench.execution.messages import Exit
from tasklet_bench.bench.execution.outcome import build_record
from tasklet_bench.bench.execution.reception import ReceivedMessages
from tasklet_bench.bench.plugins import entrant, problem_ref
from tasklet_bench.bench.results.store import Store
from tasklet_bench.bench.runs.budget import Budget
from tasklet_bench.bench.runs.record import RunRecord
from tasklet_bench.bench.runs.spec import RunSpec
from tasklet_bench.bench.runs.tolerances import same_cost
from tasklet_bench.problems.instances import catalogue

PROBLEM = catalogue.load("generated/uniform?n=16&dp=4&seed=1")
LINES_A_RUN = 4
STORED_EVERY = 50
"""Each so many runs one is stored as well: a commit to disk takes longer than all else."""
_STRANGE: tuple[Any, ...] = (
    None, True, -1, 0, 1.5, 2**53, 2**70, -(2**70), 1e308, -1e308, math.nan, math.inf, -math.inf, "", "x", "\ud800",
    "\0", "\x1b[31m", [], [[]], [1, [2, [3]]], {}, {"a": {}}, "9" * 5000, "ok", "told", "end", "interrupted",
)  # fmt: skip


class Fuzz:
    """Makes runs of random lines; the same seed makes the same."""

    def __init__(self, seed: int) -> None:
        self._draws = random.Random(seed)  # noqa: S311 - inputs, not secrets
        self._numbers = np.random.default_rng(seed)
        self._entrant = entrant("random-partition")
        self._ref = problem_ref(PROBLEM)

    def run(self, seed: int) -> RunRecord:
        """One run, from its lines to its record."""
        received = ReceivedMessages()
        for line in self._lines():
            received.note(line)
        spec = RunSpec(self._ref, self._entrant, seed, Budget(evaluations=50))
        exit_ = Exit(0, None, 1.0, 1.0, 0, False, "", own_cpu_s=1.0, evaluations=self._draws.choice([1, 3, 50]))
        return build_record(spec, received, None if self._draws.random() < 0.02 else exit_)

    def _lines(self) -> Iterator[bytes]:
        messages = self._honest()
        for message in messages:
            yield self._spoilt(message)

    def _honest(self) -> list[dict[str, Any]]:
        candidate = PROBLEM.random(self._numbers)
        clocks = {"evaluations": 1, "cpu_s": 0.9, "wall_s": 0.9, "meter_s": 0.0, "self_counted": False}
        row = {"cost_s": PROBLEM.cost(candidate).total_s, "exact": True, "bound_s": -math.inf}
        counts = {"submitted": 0, "refused": 0, "unmetered": 0, "status": "ok", "error": None, "candidate": None}
        return [
            {"kind": "started", "prepare_s": 0.1},
            {"kind": "told", **clocks, **row, "candidate": PROBLEM.candidate_to_json(candidate)},
            {"kind": "told", **clocks, **row, "bound_s": 0.0, "candidate": None},
            {"kind": "end", **clocks, **counts},
        ]

    def _spoilt(self, message: dict[str, Any]) -> bytes:
        draws = self._draws
        way = draws.random()
        if way < 0.8:
            return json.dumps(message).encode()
        if way < 0.9:
            for _ in range(draws.randint(1, 3)):
                name = draws.choice([*message, "extra"])
                if draws.random() < 0.2:
                    message.pop(name, None)
                else:
                    message[name] = self._strange(message.get(name))
            return json.dumps(message).encode("utf-8", "surrogatepass")
        line = bytearray(json.dumps(message).encode())
        if way < 0.93:
            return bytes(line[: draws.randrange(len(line))])
        if way < 0.97:
            for _ in range(draws.randint(1, 8)):
                line[draws.randrange(len(line))] = draws.randrange(256)
            return bytes(line)
        return draws.choice([b"", b"[" * draws.randint(1, 60_000), b"{}", b"null", draws.randbytes(200)])

    def _strange(self, value: Any) -> Any:
        """Something else than a value: near it where it is a number or has parts, else anything."""
        draws = self._draws
        if isinstance(value, dict) and value and draws.random() < 0.5:
            name = draws.choice([*value])
            return {**value, name: self._strange(value[name])}
        if isinstance(value, list) and value and draws.random() < 0.7:
            at = draws.randrange(len(value))
            return [*value[:at], self._strange(value[at]), *value[at + draws.randint(0, 1) :]]
        if type(value) in (int, float) and draws.random() < 0.5:
            return value * draws.choice([0, -1, 1 + 1e-12, 1 + 1e-6, 0.5, 2, 1e9])
        return draws.choice(_STRANGE)


def faults(record: RunRecord) -> list[str]:
    """What a record must never be, whatever its run wrote."""
    result = []
    if record.status not in ("ok", "error", "oom", "crashed", "timeout", "invalid"):
        result.append(f"status {record.status!r}")
    if record.status == "ok":
        candidate = {} if record.candidate is None else record.candidate
        again_s = PROBLEM.judge(PROBLEM.candidate_from_json(candidate)).total_s
        if record.cost_s is None or not same_cost(again_s, record.cost_s):
            result.append(f"an ok cost of {record.cost_s!r} s, which is {again_s!r}")
        if record.bound_s > (record.cost_s or 0.0) * (1 + 1e-9):
            result.append(f"an ok bound of {record.bound_s!r} s")
        if not 0 <= record.evaluations <= 50:
            result.append(f"{record.evaluations!r} evaluations")
    numbers = (record.bound_s, record.cpu_s, record.wall_s, record.meter_s)
    if not all(math.isfinite(number) for number in numbers):
        result.append(f"numbers {numbers!r}")
    return result


def fuzz(lines: int, seed: int, folder: Path) -> Counter[str]:
    """So many lines, in runs; how often each status came of it. Raises `AssertionError` for what must not be."""
    source = Fuzz(seed)
    statuses: Counter[str] = Counter()
    with Store(folder, writing=True) as store:
        for number in range(math.ceil(lines / LINES_A_RUN)):
            record = source.run(number)
            statuses[record.status] += 1
            if result := faults(record):
                raise AssertionError(f"seed {seed}, run {number}: {'; '.join(result)}")
            if number % STORED_EVERY == 0:
                try:
                    store.append(record)
                except (sqlite3.Error, ValueError, OverflowError) as fault:
                    raise AssertionError(f"seed {seed}, run {number}: cannot be stored: {fault}") from fault
    return statuses


if __name__ == "__main__":
    given = [int(text) for text in sys.argv[1:3]]
    wanted, first = given + [100_000, 0][len(given) :]
    with tempfile.TemporaryDirectory() as scratch:
        sys.stdout.write(f"{dict(fuzz(wanted, first, Path(scratch)))}\n")
