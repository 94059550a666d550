"""Whether what a run reports can be: its counts and clocks against those of its supervisor, and what is merely odd."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np

from tasklet_bench.bench.execution.messages import Exit
from tasklet_bench.bench.execution.reception import ReceivedMessages
from tasklet_bench.bench.runs import flags
from tasklet_bench.bench.runs.spec import RunSpec
from tasklet_bench.strategies.registry import STRATEGIES

if TYPE_CHECKING:
    from tasklet_bench.problems.problem import Problem

WALL_TOLERANCE = 2.0, 0.1
"""Seconds, and a share, by which two wall clocks may differ: a worker may wait for a core between its readings."""
CPU_TOLERANCE = 0.3, 0.1
"""The same of CPU seconds; those of descendants are counted in hundredths."""
METER_SHARE = 0.5
"""A meter that uses more than this share of a run's CPU seconds is odd; more than all of them it cannot use."""
METER_ODD_S, METER_S_PER_EVALUATION, METER_S_PER_ROW = 0.05, 2e-5, 5e-3
"""What a meter uses at most to be no oddity, where it scores nothing again and reads no clocks of descendants."""
DESCENDANTS_S = 0.02
UNMETERED = 16
"""Calls of `problem.cost` beyond those that were submitted: a strategy may look at a few costs without searching."""
PREPARE_S = 5.0
"""Importing a large library takes about as many CPU seconds; compiling takes more, and is seen."""
FASTEST_MOVE_S = 5e-9
"""No move is scored in less."""
KERNEL_SHARE = 0.25
"""An evaluation cannot take less than this share of the best time that the same cost takes here."""
FEWEST = 1000
"""Evaluations from which on their speed is looked at."""


def impossible(spec: RunSpec, received: ReceivedMessages, exit_: Exit) -> str | None:
    """What cannot be about a run's counts and clocks, in a sentence; None where all can."""
    spent, budget = received.spent, spec.budget
    if budget.evaluations is not None and spent.evaluations > budget.evaluations:
        return f"the run reported {spent.evaluations} evaluations, of {budget.evaluations} that it was given"
    if received.ending is not None and spent.evaluations - spent.submitted != exit_.evaluations:
        own = spent.evaluations - spent.submitted
        return f"the run reported {own} evaluations scored by the meter, which has counted {exit_.evaluations}"
    if spent.meter_s > exit_.cpu_s + CPU_TOLERANCE[0]:
        return f"the run reported {spent.meter_s:.3g} CPU s of metering, and used {exit_.cpu_s:.3g} in all"
    for name, reported_s, measured_s, (some_s, share) in (
        ("wall s", spent.wall_s, exit_.wall_s, WALL_TOLERANCE),
        ("CPU s", spent.cpu_s + spent.meter_s, exit_.cpu_s, CPU_TOLERANCE),
        ("CPU s", max((row.cpu_s for row in received.rows), default=0.0), exit_.cpu_s, CPU_TOLERANCE),
    ):
        if reported_s > measured_s * (1 + share) + some_s / 10:
            return f"the run reported {reported_s:.3g} {name}, where its supervisor measured {measured_s:.3g}"
    late_s = exit_.wall_s * (1 - WALL_TOLERANCE[1]) - WALL_TOLERANCE[0]
    if received.ending is not None and spent.wall_s < late_s:
        return f"the run's clock stood still: {spent.wall_s:.3g} wall s of {exit_.wall_s:.3g}"
    late_s = exit_.own_cpu_s * (1 - CPU_TOLERANCE[1]) - CPU_TOLERANCE[0]
    if received.ending is not None and spent.cpu_s + spent.meter_s < late_s:
        return f"the run's clock stood still: {spent.cpu_s + spent.meter_s:.3g} CPU s of {exit_.own_cpu_s:.3g}"
    return None


def metering_s(received: ReceivedMessages, exit_: Exit) -> float:
    """CPU seconds of the meter that are taken off a run's: as reported, but no more than the run has used."""
    return min(received.spent.meter_s, exit_.cpu_s)


def over_budget(spec: RunSpec, cpu_s: float, exit_: Exit) -> str | None:
    """Whether a run went on beyond its budget and grace by its supervisor's clocks, in a sentence."""
    limit_s = spec.budget.cpu_limit_s
    if limit_s is not None and cpu_s > limit_s:
        return f"the run used {cpu_s:.3g} CPU s by its supervisor's clock, where {limit_s:.3g} were the limit"
    if exit_.wall_s > spec.budget.wall_limit_s:
        limit_s = spec.budget.wall_limit_s
        return f"the run took {exit_.wall_s:.3g} wall s by its supervisor's clock, where {limit_s:.3g} were the limit"
    return None


def odd(problem: Problem, own_bound_s: float, spec: RunSpec, received: ReceivedMessages, exit_: Exit) -> list[str]:
    """The flags of a run that its own messages and clocks call for; the problem's own bound is nobody's claim."""
    spent = received.spent
    search_s = max(0.0, exit_.cpu_s - metering_s(received, exit_))
    result = sorted(received.notices)
    if spent.unmetered > spent.submitted + UNMETERED:
        result.append(flags.UNMETERED)
    if exit_.prepare_cpu_s > max(PREPARE_S, 2 * search_s) and spec.entrant.target not in STRATEGIES:
        result.append(flags.LONG_PREPARE)
    if _meters_long(received, exit_):
        result.append(flags.LONG_METER)
    if spent.evaluations >= FEWEST and _too_fast(problem, received, exit_.cpu_s):
        result.append(flags.TOO_FAST)
    bound_s = max((row.bound_s for row in received.rows), default=-np.inf)
    if spec.entrant.target not in STRATEGIES and bound_s > own_bound_s:
        result.append(flags.CLAIMED_BOUND)
    return result


def _meters_long(received: ReceivedMessages, exit_: Exit) -> bool:
    """Whether the meter used more than it is likely to."""
    spent = received.spent
    own_s = METER_ODD_S + METER_S_PER_EVALUATION * exit_.evaluations + METER_S_PER_ROW * len(received.rows)
    if not spent.self_counted and exit_.cpu_s - exit_.own_cpu_s < DESCENDANTS_S:
        return spent.meter_s > own_s
    return spent.meter_s > max(own_s, METER_SHARE * exit_.cpu_s)


def _too_fast(problem: Problem, received: ReceivedMessages, cpu_s: float) -> bool:
    """Whether an evaluation took less than any can."""
    spent = received.spent
    if spent.evaluations * FASTEST_MOVE_S > cpu_s:
        return True
    if spent.self_counted or received.incumbent is None or cpu_s / spent.evaluations > 1e-3:
        return False
    candidate = problem.candidate_from_json(received.incumbent)
    best_s = np.inf
    for _ in range(5):
        entered = time.perf_counter()
        problem.cost(candidate)
        best_s = min(best_s, time.perf_counter() - entered)
    return bool(spent.evaluations * best_s * KERNEL_SHARE > cpu_s)
