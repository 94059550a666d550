"""A run's status follows from how its process ended and from its result scored again; no word of it is trusted."""

from __future__ import annotations

import json
import signal
from typing import Any

import pytest

from tasklet_bench.bench.execution.messages import Exit
from tasklet_bench.bench.execution.outcome import build_record
from tasklet_bench.bench.execution.reception import ReceivedMessages
from tasklet_bench.bench.plugins import entrant, problem_ref
from tasklet_bench.bench.runs.budget import Budget
from tasklet_bench.bench.runs.spec import RunSpec
from tasklet_bench.problems.instances import catalogue

PROBLEM = catalogue.load("paper/regional")
SPEC = RunSpec(problem_ref(PROBLEM), entrant("megatron"), 0, Budget(evaluations=10))
GRID = [[stage * 8 + pipeline for stage in range(8)] for pipeline in range(8)]
COST_S = 4.62 + 35.36262077540977


def _exit(code: int = 0, killed: str | None = None, system: bool = False, log: str = "", **changes: Any) -> Exit:
    """How the worker of a run ended that counted 7 evaluations."""
    clocks = {"cpu_s": 0.5, "wall_s": 0.6, "own_cpu_s": 0.4, "evaluations": 7, "peak_memory_bytes": 1 << 27}
    return Exit(code, killed, system_out_of_memory=system, log_tail=log, **{**clocks, **changes})


CLEAN = _exit()


def _reported(**changes: Any) -> bytes:
    clocks = {"evaluations": 1, "cpu_s": 0.1, "wall_s": 0.2, "meter_s": 0.01, "self_counted": False, "refused": 0}
    message = {**clocks, "kind": "told", "cost_s": COST_S, "exact": True, "bound_s": -1.0, "candidate": {"grid": GRID}}
    return json.dumps({**message, **changes}).encode()


def _end(**changes: Any) -> bytes:
    clocks = {"evaluations": 7, "cpu_s": 0.3, "wall_s": 0.4, "meter_s": 0.02, "self_counted": False}
    clocks |= {"refused": 3, "submitted": 0, "unmetered": 0}
    return json.dumps({"kind": "end", "status": "ok", "error": None, "candidate": None, **clocks, **changes}).encode()


def _record_of(*lines: bytes, exit_: Exit | None = CLEAN):
    received = ReceivedMessages()
    for line in lines:
        received.note(line)
    return build_record(SPEC, received, exit_)


def test_a_clean_run_is_ok_with_its_cost_and_clocks() -> None:
    """The clocks are its supervisor's, less what the meter used; the cost is the readable model's."""
    record = _record_of(_reported(), _end())
    assert (record.status, record.error) == ("ok", None)
    assert record.cost_s == pytest.approx(COST_S, rel=1e-12)
    assert (record.evaluations, record.wall_s, record.meter_s) == (7, CLEAN.wall_s, 0.02)
    assert record.cpu_s == pytest.approx(CLEAN.cpu_s - 0.02)
    assert record.candidate == {"grid": GRID}
    assert record.bound_s == PROBLEM.bound()
    assert record.trajectory[0].bound_s == PROBLEM.bound()


@pytest.mark.parametrize(
    ("lines", "exit_", "status"),
    [
        ([_end()], CLEAN, "invalid"),
        ([_reported(cost_s=COST_S * (1 + 1e-6)), _end()], CLEAN, "invalid"),
        ([_reported(cost_s=COST_S * (1 + 1e-12)), _end()], CLEAN, "ok"),
        ([_reported(candidate={"grid": [[0, 1], [2, 3]]}), _end()], CLEAN, "invalid"),
        ([_reported(candidate={"groups": [[0] * 8] * 8}), _end()], CLEAN, "invalid"),
        ([_reported(bound_s=COST_S + 1), _end()], CLEAN, "invalid"),
        ([_reported(bound_s=COST_S), _end()], CLEAN, "ok"),
        ([_reported(), b"{", _end()], CLEAN, "invalid"),
        ([_reported(), b'{"kind": "told"}', _end()], CLEAN, "invalid"),
        ([_reported(), b"[]", _end()], CLEAN, "invalid"),
        ([_reported(), _end(status="error", error="Traceback")], CLEAN, "error"),
        ([_reported()], CLEAN, "crashed"),
        ([_reported()], None, "crashed"),
        ([_reported()], _exit(-signal.SIGSEGV, None, False, ""), "crashed"),
        ([_reported()], _exit(-signal.SIGABRT, None, False, "what(): std::bad_alloc"), "oom"),
        ([_reported()], _exit(-signal.SIGABRT, None, False, "assertion failed"), "crashed"),
        ([_reported()], _exit(-signal.SIGKILL, None, True, ""), "oom"),
        ([_reported()], _exit(-signal.SIGKILL, "wall", False, ""), "timeout"),
        ([_reported(), _end()], _exit(0, "cpu"), "timeout"),
        ([_reported()], _exit(-signal.SIGTERM, "stop", False, ""), "interrupted"),
    ],
)
def test_each_ending_has_its_status(lines: list[bytes], exit_: Exit | None, status: str) -> None:
    """As the design lists them; every status but these two comes with a reason."""
    record = _record_of(*lines, exit_=exit_)
    assert record.status == status
    assert (record.error is None) == (status in {"ok", "interrupted"})


def test_a_killed_run_is_as_good_as_what_it_reported() -> None:
    """Its cost, grid and curve are kept, and its clocks are its supervisor's."""
    killed = _exit(-signal.SIGKILL, "wall", cpu_s=1.5, wall_s=2.5)
    record = _record_of(_reported(), exit_=killed)
    assert record.cost_s == pytest.approx(COST_S)
    assert record.candidate == {"grid": GRID}
    assert (record.wall_s, record.cpu_s) == (2.5, 1.5 - 0.01)
    assert record.evaluations == 1


def test_labels_are_written_out_as_a_grid() -> None:
    """By the child if it got to it, else here; either way it costs what the labels do."""
    labels = [device // 8 for device in range(64)]
    cost_s = PROBLEM.cost(labels).total_s
    for end in ([], [_end(candidate={"grid": PROBLEM.allocation(labels).grid.tolist()})]):
        record = _record_of(_reported(candidate=PROBLEM.candidate_to_json(labels), cost_s=cost_s), *end)
        assert record.cost_s == pytest.approx(cost_s, rel=1e-12)
        assert sorted(device for row in record.candidate["grid"] for device in row) == list(range(64))


def test_a_reported_bound_counts_if_it_is_the_larger() -> None:
    """The gap closes by it, and an optimum is called proven."""
    record = _record_of(_reported(bound_s=COST_S * (1 - 1e-7)), _end())
    assert record.proven
    assert 0 <= record.gap < 1e-6
    assert not _record_of(_reported(), _end()).proven


def test_an_unproven_order_is_said() -> None:
    """Where the best order of labels is not known, the record does not claim to be exact."""
    assert _record_of(_reported(exact=False), _end()).exact is False
