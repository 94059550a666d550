"""The outcome of a run: from the messages received and the supervisor's report to its record.

Nothing that a worker says about its result is believed. The incumbent is completed and scored again by the problem's
judge; a cost that changes by that, or a bound above it, makes the run invalid.
"""

from __future__ import annotations

import math
import signal
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from tasklet_bench.bench.execution.messages import OUT_OF_MEMORY, Exit
from tasklet_bench.bench.execution.reception import ReceivedMessages
from tasklet_bench.bench.execution.rescore import Rescored, rescore
from tasklet_bench.bench.plugins import load_problem
from tasklet_bench.bench.runs import machine
from tasklet_bench.bench.runs.record import RunRecord, Status
from tasklet_bench.bench.runs.spec import ProblemRef, RunSpec
from tasklet_bench.bench.runs.tolerances import SAME_COST

if TYPE_CHECKING:
    from tasklet_bench.problems.problem import Problem

_MEMORY_WORDS = ("bad_alloc", "out of memory", "cannot allocate memory", "memoryerror", "resource temporarily unav")
_ABORTS = (signal.SIGABRT, signal.SIGSEGV, signal.SIGBUS, signal.SIGTRAP)


def build_record(spec: RunSpec, received: ReceivedMessages, exit_: Exit | None) -> RunRecord:
    """The record of a run; `exit_` is None where its supervisor was killed with it."""
    problem = _problem(spec.problem)
    status, error = _ending(received, exit_)
    rescored = _rescore(problem, received)
    fault = rescored.mismatch
    reported_s = max((row.bound_s for row in received.rows), default=-math.inf)
    if status == "ok" and fault is None and rescored.cost is not None:
        cost_s = rescored.cost.total_s
        if reported_s > cost_s * (1 + SAME_COST):
            fault = f"the run reported a bound of {reported_s!r} s, above its own verified cost of {cost_s!r} s"
    if status == "ok" and fault is not None:
        status, error = "invalid", fault
    cost = rescored.cost
    bound_s = problem.bound()
    return RunRecord(
        spec=spec,
        status=status,
        error=error,
        cost_s=None if cost is None else cost.total_s,
        parts_s={} if cost is None else dict(cost.parts_s),
        exact=None if cost is None else received.exact,
        bound_s=max(bound_s, reported_s) if status == "ok" else bound_s,
        evaluations=received.spent.evaluations,
        self_counted=received.spent.self_counted,
        refused=received.spent.refused,
        cpu_s=_cpu_s(received, exit_),
        wall_s=_wall_s(received, exit_),
        prepare_s=received.prepare_s,
        meter_s=received.spent.meter_s,
        peak_memory_bytes=None if exit_ is None else exit_.peak_memory_bytes,
        machine=machine.fingerprint(),
        versions=machine.versions(),
        started_at=received.started_at,
        candidate=rescored.candidate,
        trajectory=tuple(replace(row, bound_s=max(row.bound_s, bound_s)) for row in received.rows),
    )


def never_started(spec: RunSpec) -> RunRecord:
    """The record of a run that was stopped before it began."""
    return build_record(spec, ReceivedMessages(), Exit(0, "stop", 0.0, 0.0, 0.0, 0, False, ""))


def _rescore(problem: Problem, received: ReceivedMessages) -> Rescored:
    """The incumbent, scored again; completed by the worker already where it could."""
    if received.incumbent is None:
        return Rescored(None, None, "the run ended without reporting a single candidate")
    complete = None if received.ending is None else received.ending.candidate
    return rescore(problem, complete or received.incumbent, received.rows[-1].cost_s)


def _ending(received: ReceivedMessages, exit_: Exit | None) -> tuple[Status, str | None]:
    """Status and message, from how the process ended and what it said."""
    if exit_ is None:
        return "crashed", "the supervisor of the run was killed"
    if exit_.killed == "stop":
        return "interrupted", None
    if exit_.killed is not None:
        return "timeout", f"killed: the limit of {_LIMITS[exit_.killed]} was reached\n{exit_.log_tail}".rstrip()
    if received.malformed is not None:
        return "invalid", f"the strategy wrote into the pipe of its run's messages ({received.malformed})"
    if received.ending is not None:
        status: Status = received.ending.status  # type: ignore[assignment]  # one of the statuses, checked on arrival
        return status, received.ending.error
    output = f"{_how(exit_.code)}\n{exit_.log_tail}".rstrip()
    return ("oom" if _for_want_of_memory(exit_) else "crashed"), output


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


def _cpu_s(received: ReceivedMessages, exit_: Exit | None) -> float:
    """CPU seconds of search: the worker's last reading and what its orphans used; the supervisor's if it was killed."""
    if exit_ is None:
        return received.spent.cpu_s
    if received.ending is not None:
        return received.spent.cpu_s + exit_.orphans_cpu_s
    return max(0.0, exit_.cpu_s - received.spent.meter_s)


def _wall_s(received: ReceivedMessages, exit_: Exit | None) -> float:
    return received.spent.wall_s if received.ending is not None or exit_ is None else exit_.wall_s


@lru_cache(maxsize=64)
def _problem(ref: ProblemRef) -> Problem:
    return load_problem(ref)
