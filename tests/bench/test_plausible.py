"""What a run reports is held against what its supervisor has measured, and what is odd is flagged."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from tasklet_bench.bench.campaigns.admission import Admission, changed_since
from tasklet_bench.bench.execution.messages import Exit, Seal
from tasklet_bench.bench.execution.outcome import build_invalid_record, build_record
from tasklet_bench.bench.execution.reception import ReceivedMessages
from tasklet_bench.bench.plugins import entrant, problem_ref
from tasklet_bench.bench.results import best_known
from tasklet_bench.bench.results.store import Store
from tasklet_bench.bench.runs import flags
from tasklet_bench.bench.runs.budget import Budget
from tasklet_bench.bench.runs.record import RunRecord
from tasklet_bench.bench.runs.spec import RunSpec
from tasklet_bench.bench.stats.doubts import doubts
from tasklet_bench.problems.instances import catalogue

PROBLEM = catalogue.load("generated/planted?n=24&dp=4&seed=1")
PLANTED = catalogue.planted_optimum(PROBLEM.name)
SPEC = RunSpec(problem_ref(PROBLEM), replace(entrant("megatron"), target="mine.py:Mine"), 0, Budget(evaluations=50))
CLOCKS = {"evaluations": 1, "cpu_s": 0.9, "wall_s": 0.9, "meter_s": 0.0, "self_counted": False}
COUNTS = {"submitted": 0, "refused": 0, "unmetered": 0}


def _record(spec: RunSpec = SPEC, exit_: dict[str, Any] | None = None, **changes: Any) -> RunRecord:
    """The record of a run that found the planted optimum at once, with parts of its last message changed."""
    cost_s = PROBLEM.cost(PLANTED).total_s
    row = {"cost_s": cost_s, "exact": True, "bound_s": -1.0, "candidate": PROBLEM.candidate_to_json(PLANTED)}
    end = {**CLOCKS, **COUNTS, "status": "ok", "error": None, "candidate": None}
    received = ReceivedMessages()
    received.note(json.dumps({"kind": "told", **CLOCKS, **row}).encode())
    received.note(json.dumps({"kind": "end", **end, **changes}).encode())
    ended = {"cpu_s": 1.0, "wall_s": 1.0, "own_cpu_s": 1.0, "evaluations": 1, "peak_memory_bytes": 0}
    return build_record(
        spec, received, Exit(0, None, system_out_of_memory=False, log_tail="", **{**ended, **(exit_ or {})})
    )


@pytest.mark.parametrize(
    ("changes", "exit_"),
    [
        ({"evaluations": 51, "submitted": 50}, {}),
        ({"evaluations": 7}, {}),
        ({}, {"evaluations": 40}),
        ({"meter_s": 9.0}, {}),
        ({"cpu_s": 9.0}, {}),
        ({"wall_s": 9.0}, {}),
        ({}, {"own_cpu_s": 9.0, "cpu_s": 9.0}),
        ({}, {"wall_s": 9.0}),
        ({"evaluations": 0}, {"evaluations": 0}),
    ],
)
def test_what_cannot_be_is_invalid(changes: dict[str, Any], exit_: dict[str, Any]) -> None:
    """Counts beyond the budget or the meter's, clocks that ran ahead or stood still, and counts that go back."""
    assert _record().status == "ok"
    record = _record(exit_=exit_, **changes)
    assert record.status == "invalid"
    assert record.error


def test_budgets_are_by_the_supervisors_clock() -> None:
    """A run that used more than its budget and grace is a timeout, whatever it says."""
    spec = replace(SPEC, budget=Budget(cpu_s=0.5))
    assert _record(spec, {"cpu_s": 1.4, "own_cpu_s": 1.2}).status == "ok"
    assert _record(spec, {"cpu_s": 1.8, "own_cpu_s": 1.2}).status == "timeout"


@pytest.mark.parametrize(
    ("changes", "exit_", "flag"),
    [
        ({"unmetered": 100}, {}, flags.UNMETERED),
        ({}, {"prepare_cpu_s": 30.0}, flags.LONG_PREPARE),
        ({"meter_s": 0.7, "cpu_s": 0.2}, {}, flags.LONG_METER),
    ],
)
def test_what_is_odd_is_flagged(changes: dict[str, Any], exit_: dict[str, Any], flag: str) -> None:
    """The run stays `ok`, and says what is odd about it."""
    assert flag not in _record().flags
    record = _record(exit_=exit_, **changes)
    assert record.status == "ok"
    assert flag in record.flags


def test_more_evaluations_than_the_kernel_can_do_are_flagged() -> None:
    """A million evaluations of one microsecond each are none."""
    spec = replace(SPEC, budget=Budget(evaluations=10**6))
    assert flags.TOO_FAST in _record(spec, {"evaluations": 10**6}, evaluations=10**6).flags
    assert flags.TOO_FAST not in _record(spec, {"evaluations": 10**3}, evaluations=10**3).flags


def test_what_nobody_finds_at_once_is_flagged() -> None:
    """The table's cost, and the planted optimum, at the first evaluation; not where a start solution has it."""
    admitted = Admission(best_known.read()).admit(_record())
    assert {flags.TABLE_AT_ONCE, flags.PLANTED_AT_ONCE} <= set(admitted.flags)
    given = replace(_record(), spec=replace(SPEC, start=PROBLEM.candidate_to_json(PLANTED)))
    assert Admission(best_known.read()).admit(given).flags == given.flags


def test_a_run_far_slower_than_usual_is_flagged() -> None:
    """Per CPU second, against the median of the entrant's own runs before it."""
    admission = Admission({})
    usual = [admission.admit(replace(_record(), evaluations=1000, cpu_s=1.0)) for _ in range(6)]
    slow = admission.admit(replace(_record(), evaluations=10, cpu_s=1.0))
    assert all(flags.SLOW_FOR_ITSELF not in record.flags for record in usual)
    assert flags.SLOW_FOR_ITSELF in slow.flags


def test_a_bound_above_the_best_known_cost_is_invalid() -> None:
    """Even where the run's own candidate is dearer than its bound."""
    known_s = Admission(best_known.read()).known[PROBLEM.digest].cost_s
    record = Admission(best_known.read()).admit(replace(_record(), cost_s=2 * known_s, bound_s=1.5 * known_s))
    assert record.status == "invalid"
    assert "best known" in str(record.error)


def test_a_changed_row_is_named(tmp_path: Any) -> None:
    """The store is held against what was written: a changed value, and a row that is gone."""
    record = _record()
    with Store(tmp_path, writing=True) as store:
        store.append(record)
        runs = store.runs()
    written = {record.spec.key: record}
    assert changed_since(written, runs) == []
    assert changed_since(written, runs.assign(cost_s=1e-9)) == [record.spec.label]
    assert changed_since(written, runs.iloc[:0]) == [record.spec.label]


def test_a_record_that_cannot_be_rescored_can_be_stored(tmp_path: Any) -> None:
    """Its row says why, in text that can be printed."""
    record = build_invalid_record(SPEC, "no \ud800 way\0", "2026-01-01T00:00:00.000+00:00")
    with Store(tmp_path, writing=True) as store:
        store.append(record)
        row = store.runs().iloc[0]
    assert row["status"] == "invalid"
    assert row["error"].isprintable()


def test_only_the_meters_lines_are_opened() -> None:
    """Not another's, not one a second time, and not one out of order."""
    key = bytes(range(16))
    writes, reads = Seal(key), Seal(key)
    first, second = (writes.close(body).rstrip(b"\n") for body in (b"{}", b"[]"))
    assert reads.open(first) == b"{}"
    for line in (first, b"{}", b"", second[:-1] + b"x"):
        with pytest.raises(ValueError, match="not the meter's"):
            Seal(key).open(line) if line != first else reads.open(line)


def test_a_remark_is_no_doubt() -> None:
    """That only a part of a curve was scored again is said, and counts for nothing."""
    assert doubts(json.dumps([flags.sampled(3, 40), flags.UNMETERED])) == [flags.UNMETERED]
    assert doubts("no list") == []
