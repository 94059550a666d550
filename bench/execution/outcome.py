"""The outcome of a run: from the messages received and the supervisor's report to its record.

Nothing that a worker says about its result is trusted where it can be computed. The incumbent is completed and scored
again by the problem's judge, the candidates of the curve by the fast cost; counts and clocks are held against those of
the supervisor. What does not hold makes the run invalid.
"""

from __future__ import annotations

import math
import signal
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from tasklet_bench.bench.execution import plausible
from tasklet_bench.bench.execution.messages import OUT_OF_MEMORY, Exit
from tasklet_bench.bench.execution.problem_cache import make_ready
from tasklet_bench.bench.execution.reception import ReceivedMessages
from tasklet_bench.bench.execution.rescore import Rescored, rescore, rescore_curve
from tasklet_bench.bench.plugins import load_problem
from tasklet_bench.bench.runs import flags, machine
from tasklet_bench.bench.runs.record import RunRecord, Status
from tasklet_bench.bench.runs.spec import ProblemRef, RunSpec
from tasklet_bench.bench.runs.text import clean
from tasklet_bench.bench.runs.tolerances import SAME_COST

if TYPE_CHECKING:
    from tasklet_bench.problems.problem import Problem

RESCORED_SHARE = 0.04
"""Of a run's seconds, how much may be spent on scoring its curve again."""
RESCORED_S = 0.001
"""So much always may."""
LONGEST_ERROR = 4000
_MEMORY_WORDS = ("bad_alloc", "out of memory", "cannot allocate memory", "memoryerror", "resource temporarily unav")
_ABORTS = (signal.SIGABRT, signal.SIGSEGV, signal.SIGBUS, signal.SIGTRAP)


def build_record(spec: RunSpec, received: ReceivedMessages, exit_: Exit | None) -> RunRecord:
    """The record of a run; `exit_` is None where its supervisor was killed with it.

    Whatever goes wrong about one run becomes its record.
    """
    try:
        return _judge(spec, received, exit_)
    except Exception as fault:
        return build_invalid_record(spec, f"judging it failed: {type(fault).__name__}: {fault}", received.started_at)


def build_invalid_record(spec: RunSpec, error: str, started_at: str) -> RunRecord:
    """The record of a run whose result could not be judged or stored: invalid, with nothing of what it reported."""
    return RunRecord(
        spec=spec,
        status="invalid",
        error=clean(error)[:LONGEST_ERROR],
        cost_s=None,
        parts_s={},
        exact=None,
        bound_s=0.0,
        evaluations=0,
        self_counted=False,
        cpu_s=0.0,
        wall_s=0.0,
        prepare_s=None,
        meter_s=0.0,
        peak_memory_bytes=None,
        machine=machine.fingerprint(),
        versions=machine.versions(),
        started_at=started_at,
        candidate=None,
    )


def _judge(spec: RunSpec, received: ReceivedMessages, exit_: Exit | None) -> RunRecord:
    problem = _problem(spec.problem)
    status, error = _ending(received, exit_)
    rescored = _rescore(problem, received)
    reported_s = max((row.bound_s for row in received.rows), default=-math.inf)
    cpu_s, wall_s = _clocks(received, exit_)
    fault, odd = _faults(problem, spec, received, exit_, rescored, reported_s)
    if status == "ok" and fault is not None:
        status, error = "invalid", fault
    if status == "ok" and exit_ is not None and (late := plausible.over_budget(spec, cpu_s, exit_)) is not None:
        status, error = "timeout", late
    cost = rescored.cost
    bound_s = _own_bound_s(spec.problem)
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
        cpu_s=cpu_s,
        wall_s=wall_s,
        prepare_s=received.prepare_s,
        meter_s=received.spent.meter_s,
        peak_memory_bytes=None if exit_ is None else exit_.peak_memory_bytes,
        machine=machine.fingerprint(),
        versions=machine.versions(),
        started_at=received.started_at,
        candidate=rescored.candidate,
        flags=tuple(odd),
        trajectory=tuple(replace(row, bound_s=max(row.bound_s, bound_s)) for row in received.rows),
    )


def never_started(spec: RunSpec) -> RunRecord:
    """The record of a run that was stopped before it began."""
    return build_record(spec, ReceivedMessages(), Exit(0, "stop", 0.0, 0.0, 0, False, ""))


def _rescore(problem: Problem, received: ReceivedMessages) -> Rescored:
    """The incumbent, scored again; completed by the worker already where it could."""
    if received.incumbent is None:
        return Rescored(None, None, "the run ended without reporting a single candidate")
    complete = None if received.ending is None else received.ending.candidate
    return rescore(problem, complete or received.incumbent, received.rows[-1].cost_s)


def _faults(
    problem: Problem,
    spec: RunSpec,
    received: ReceivedMessages,
    exit_: Exit | None,
    rescored: Rescored,
    reported_s: float,
) -> tuple[str | None, list[str]]:
    """What does not hold about a run, in a sentence, or None; and its flags."""
    if exit_ is None or exit_.killed == "stop":
        return rescored.mismatch, []
    fault = plausible.impossible(spec, received, exit_) or rescored.mismatch
    if fault is not None or rescored.cost is None:
        return fault, sorted(received.notices)
    cost_s = rescored.cost.total_s
    if reported_s > cost_s * (1 + SAME_COST):
        return f"the run reported a bound of {reported_s!r} s, above its own verified cost of {cost_s!r} s", []
    seconds = max(RESCORED_S, RESCORED_SHARE * max(exit_.cpu_s, exit_.wall_s))
    scored, fault = rescore_curve(problem, received.rows, received.candidates, spec.key, seconds)
    odd = plausible.odd(problem, _own_bound_s(spec.problem), spec, received, exit_)
    if scored < received.n_candidates:
        odd.append(flags.sampled(scored, received.n_candidates))
    return fault, odd


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


def _clocks(received: ReceivedMessages, exit_: Exit | None) -> tuple[float, float]:
    """CPU and wall seconds of search, by the supervisor's clocks; the worker's last where the supervisor is gone."""
    if exit_ is None:
        return received.spent.cpu_s, received.spent.wall_s
    return max(0.0, exit_.cpu_s - plausible.metering_s(received, exit_)), exit_.wall_s


@lru_cache(maxsize=64)
def _own_bound_s(ref: ProblemRef) -> float:
    """The bound that an instance gives itself, worked out once for all its runs."""
    return _problem(ref).bound()


@lru_cache(maxsize=64)
def _problem(ref: ProblemRef) -> Problem:
    problem = load_problem(ref)
    make_ready(problem)  # the first cost loads compiled code, which is not to count as scoring again
    return problem
