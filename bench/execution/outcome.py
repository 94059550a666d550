"""How a run ended and what its result is worth: from what was heard of it to its record.

Nothing that a child says about its result is believed. The incumbent is written out as a grid and scored again with the
readable cost model; a cost that changes by that, or a bound above it, makes the run invalid.
"""

from __future__ import annotations

import math
import signal
from functools import lru_cache
from typing import TYPE_CHECKING

from tasklet_bench.bench.execution import messages
from tasklet_bench.bench.execution.messages import OUT_OF_MEMORY, Exit
from tasklet_bench.bench.execution.reception import Heard
from tasklet_bench.bench.plugins import load_problem
from tasklet_bench.bench.runs import machine
from tasklet_bench.bench.runs.record import Improvement, ProblemRef, RunRecord, RunSpec, Status
from tasklet_bench.problems.problem import Cost, InvalidCandidate

if TYPE_CHECKING:
    from tasklet_bench.problems.problem import Problem

SAME_COST = 1e-9
"""Relative difference up to which two costs are the same."""

_MEMORY_WORDS = ("bad_alloc", "out of memory", "cannot allocate memory", "memoryerror", "resource temporarily unav")
_ABORTS = (signal.SIGABRT, signal.SIGSEGV, signal.SIGBUS, signal.SIGTRAP)


def judged(spec: RunSpec, heard: Heard, exit_: Exit | None) -> RunRecord:
    """The record of a run; `exit_` is None where its warden was killed with it."""
    problem = _problem(spec.problem)
    status, error = _ending(heard, exit_)
    grid, cost, fault = _scored_again(problem, heard)
    reported = max((row.bound_s for row in heard.rows), default=-math.inf)
    if status == "ok" and fault is None and cost is not None and reported > cost.total_s * (1 + SAME_COST):
        fault = f"the run reported a bound of {reported!r} s, above its own verified cost of {cost.total_s!r} s"
    if status == "ok" and fault is not None:
        status, error = "invalid", fault
    bound_s = problem.bound()
    parts = dict(cost.parts_s) if cost is not None else {}
    return RunRecord(
        spec=spec,
        status=status,
        error=error,
        cost_s=None if cost is None else cost.total_s,
        data_parallel_s=parts.get("data_parallel_s"),
        pipeline_s=parts.get("pipeline_s"),
        exact=None if cost is None else heard.exact,
        bound_s=max(bound_s, reported) if status == "ok" else bound_s,
        evaluations=heard.clocks["evaluations"],
        self_counted=bool(heard.clocks["self_counted"]),
        cpu_s=_cpu_s(heard, exit_),
        wall_s=_wall_s(heard, exit_),
        prepare_s=heard.prepare_s,
        meter_s=heard.clocks["meter_s"],
        peak_memory_bytes=None if exit_ is None else exit_.peak_memory_bytes,
        machine=machine.fingerprint(),
        versions=machine.versions(),
        started_at=heard.started_at,
        allocation=grid,
        trajectory=tuple(_with_bound(row, bound_s) for row in heard.rows),
    )


def never_started(spec: RunSpec) -> RunRecord:
    """The record of a run that was stopped before it began."""
    return judged(spec, Heard(), Exit(0, "stop", 0.0, 0.0, 0.0, 0, False, ""))


def _ending(heard: Heard, exit_: Exit | None) -> tuple[Status, str | None]:
    """Status and message, from how the process ended and what it said."""
    if exit_ is None:
        return "crashed", "the warden of the run was killed"
    if exit_.killed == "stop":
        return "interrupted", None
    if exit_.killed is not None:
        return "timeout", f"killed: the limit of {_LIMITS[exit_.killed]} was reached\n{exit_.log_tail}".rstrip()
    if heard.garbled:
        return "invalid", "the strategy wrote into the pipe on which its run tells its results"
    if heard.end is not None:
        return heard.end["status"], heard.end["error"]
    said = f"{_how(exit_.code)}\n{exit_.log_tail}".rstrip()
    return ("oom" if _for_want_of_memory(exit_) else "crashed"), said


_LIMITS = {
    "prepare": "seconds for loading and `prepare`",
    "cpu": "CPU seconds",
    "wall": "wall seconds",
    "epilogue": "seconds for writing the result out",
}


def _how(code: int) -> str:
    if code >= 0:
        return f"the process ended with exit code {code} before its search was over"
    return f"the process was ended by {signal.Signals(-code).name}"


def _for_want_of_memory(exit_: Exit) -> bool:
    """Whether a death was for want of memory: the system says so, or what ended it complained of it last."""
    if exit_.system_out_of_memory or exit_.log_tail.endswith(OUT_OF_MEMORY.decode().rstrip()):
        return True
    log = exit_.log_tail.lower()
    return -exit_.code in _ABORTS and any(word in log for word in _MEMORY_WORDS)


def _scored_again(problem: Problem, heard: Heard) -> tuple[list[list[int]] | None, Cost | None, str | None]:
    """The incumbent as a grid, its cost by the readable formulas, and what is wrong with it."""
    if heard.incumbent is None:
        return None, None, "the run ended without telling a single candidate"
    try:
        grid, cost = _grid_and_cost(problem, heard)
    except InvalidCandidate as fault:
        return None, None, f"the incumbent is no solution: {fault}"
    told_s = heard.rows[-1].cost_s
    if abs(cost.total_s - told_s) > SAME_COST * max(abs(told_s), abs(cost.total_s)):
        return grid, cost, f"the cost was told as {told_s!r} s and is {cost.total_s!r} s"
    return grid, cost, None


def _grid_and_cost(problem: Problem, heard: Heard) -> tuple[list[list[int]] | None, Cost]:
    from tasklet_bench.problems.allocation import Allocation, cost_model

    assert heard.incumbent is not None  # noqa: S101 - the caller has looked
    candidate = messages.decoded(heard.incumbent)
    if not hasattr(problem, "allocation"):
        return None, problem.cost(candidate)
    if heard.end is not None and heard.end["grid"] is not None:
        candidate = Allocation(heard.end["grid"])
    elif not isinstance(candidate, Allocation):
        candidate = problem.allocation(candidate)
    grid: list[list[int]] = candidate.grid.tolist()
    if problem.family != "allocation":
        return grid, problem.cost(candidate)
    checked = problem.checked_grid(candidate)  # type: ignore[attr-defined]  # of this family
    return grid, cost_model.grid_cost(problem.dp_pair_s, problem.pp_pair_s, checked)  # type: ignore[attr-defined]


def _cpu_s(heard: Heard, exit_: Exit | None) -> float:
    """CPU seconds of search: the child's own last reading, and what its orphans used; the warden's if it was killed."""
    if exit_ is None:
        return float(heard.clocks["cpu_s"])
    if heard.end is not None:
        return float(heard.clocks["cpu_s"]) + exit_.orphans_cpu_s
    return max(0.0, exit_.cpu_s - float(heard.clocks["meter_s"]))


def _wall_s(heard: Heard, exit_: Exit | None) -> float:
    return float(heard.clocks["wall_s"]) if heard.end is not None or exit_ is None else exit_.wall_s


def _with_bound(row: Improvement, bound_s: float) -> Improvement:
    return Improvement(row.evaluations, row.cpu_s, row.wall_s, row.cost_s, max(row.bound_s, bound_s))


@lru_cache(maxsize=64)
def _problem(ref: ProblemRef) -> Problem:
    return load_problem(ref)
