"""The meter: the `Run` that strategies get. It scores, counts, reads three clocks and tells every improvement at once.

The clocks start in `start_clocks`, before anything is scored. CPU seconds are those of `execution.cpu_clock`, less
what the meter itself used (`meter_s`: checking, telling, and scoring again what is submitted; to about a microsecond
each time). Where a budget of CPU or wall seconds ends within an evaluation, that evaluation still counts;
what is handed in later is refused.
"""

from __future__ import annotations

import copy
import math
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from tasklet_bench.bench.execution.cpu_clock import CpuClock
from tasklet_bench.bench.runs.budget import Budget
from tasklet_bench.problems.candidate import Candidate, Infeasible
from tasklet_bench.problems.problem import Cost, Problem
from tasklet_bench.strategies.run import BudgetExhausted, Remaining

Cell: TypeAlias = "list[float] | memoryview[float]"
"""A single float that can be written; in memory that processes share, it is a view of that."""


@dataclass(frozen=True)
class Told:
    """What the meter says when the cost or the bound has improved: the clocks, and the incumbent if it is new."""

    evaluations: int
    cpu_s: float
    wall_s: float
    meter_s: float
    cost_s: float
    exact: bool
    bound_s: float
    self_counted: bool
    candidate: Candidate | None


class Meter:
    """Spends `budget` on `problem` and tells every improvement; implements `strategies.run.Run`.

    `own_s` is one cell that holds the CPU seconds of the meter itself; whoever else looks at the clocks may share it.
    """

    def __init__(
        self,
        problem: Problem,
        budget: Budget,
        tell: Callable[[Told], None],
        own_s: Cell | None = None,
    ) -> None:
        self._problem = problem
        self._budget = budget
        self._tell = tell
        self._max_evaluations = math.inf if budget.evaluations is None else budget.evaluations
        self._timed = budget.cpu_s is not None or budget.wall_s is not None
        self._clock = CpuClock()
        self._own_s: Cell = [0.0] if own_s is None else own_s
        self._wall_start = 0.0
        self._process = os.getpid()
        self.evaluations = 0
        self.refused = 0
        self.self_counted = False
        self.start: Candidate | None = None
        self._told_cpu_s = 0.0
        self._incumbent: Candidate | None = None
        self.best_s = math.inf
        self._exact = True
        self.bound_s = -math.inf

    def start_clocks(self) -> None:
        """Start the clocks."""
        self._clock.start()
        self._wall_start = time.monotonic()

    def evaluate(self, candidate: Candidate) -> float:
        """Score a candidate (in seconds) and count one evaluation; see `strategies.run.Run.evaluate`."""
        entered = time.process_time()
        if self.exhausted:
            raise BudgetExhausted(f"the budget of {self._budget.name} is spent")
        checked = time.process_time()
        try:
            cost = self._problem.cost(candidate)
        except Infeasible:
            self.evaluations += 1
            raise
        self._own_s[0] += checked - entered
        self.evaluations += 1
        if cost.total_s < self.best_s:
            self._keep(candidate, cost)
        return cost.total_s

    def submit(self, candidate: Candidate, evaluations: int, refused: int = 0) -> float:
        """Score again what a strategy scored itself, and count what it spent; see `strategies.run.Run.submit`."""
        entered = time.process_time()
        for what, count in (("evaluations", evaluations), ("refused moves", refused)):
            if isinstance(count, bool) or int(count) != count or count < 0:
                raise ValueError(f"submit was told {count!r} {what}, expected a whole number of at least 0")
        left = self._max_evaluations - self.evaluations
        if evaluations > left or self._time_is_up():
            raise BudgetExhausted(f"{evaluations} evaluations were submitted where the budget had {left:g} left")
        cost = self._problem.cost(candidate)
        self.evaluations += int(evaluations)
        self.refused += int(refused)
        self.self_counted = True
        self._own_s[0] += time.process_time() - entered
        if cost.total_s < self.best_s:
            self._keep(candidate, cost)
        return cost.total_s

    def bound(self, value: float) -> None:
        """Report a proven lower bound on the cost (in seconds); only a larger one than before is told."""
        if not math.isfinite(value):
            raise ValueError(f"bound was told {value!r}, expected a finite number of seconds")
        if value > self.bound_s:
            entered = time.process_time()
            self.bound_s = float(value)
            self._say(None, entered)

    @property
    def incumbent(self) -> Candidate | None:
        """The best candidate so far, as a copy; None before the first."""
        return copy.deepcopy(self._incumbent)

    @property
    def exhausted(self) -> bool:
        """Whether the next `evaluate` would raise `BudgetExhausted`."""
        return self.evaluations >= self._max_evaluations or (self._timed and self._time_is_up())

    @property
    def remaining(self) -> Remaining:
        """What is left to spend, never below zero."""
        budget = self._budget
        return Remaining(
            evaluations=None if budget.evaluations is None else max(0, budget.evaluations - self.evaluations),
            cpu_s=None if budget.cpu_s is None else max(0.0, budget.cpu_s - self.cpu_s),
            wall_s=None if budget.wall_s is None else max(0.0, budget.wall_s - self.wall_s),
        )

    @property
    def progress(self) -> float:
        """The largest share of evaluations, CPU and wall seconds that is spent, in [0, 1]."""
        budget = self._budget
        shares = [self.evaluations / self._max_evaluations]
        if budget.cpu_s is not None:
            shares.append(self.cpu_s / budget.cpu_s)
        if budget.wall_s is not None:
            shares.append(self.wall_s / budget.wall_s)
        return min(1.0, max(0.0, *shares))

    @property
    def meter_s(self) -> float:
        """CPU seconds that the meter itself used."""
        return self._own_s[0]

    @property
    def cpu_s(self) -> float:
        """CPU seconds since the start, of this process and its descendants, less the meter's own."""
        return self._clock.spent_s() - self.meter_s

    @property
    def own_cpu_s(self) -> float:
        """CPU seconds since the start without those of living descendants, which their warden counts at their end."""
        return self._clock.own_s() - self.meter_s

    @property
    def wall_s(self) -> float:
        """Wall seconds since the start."""
        return time.monotonic() - self._wall_start

    def _time_is_up(self) -> bool:
        budget = self._budget
        return (budget.cpu_s is not None and self.cpu_s >= budget.cpu_s) or (
            budget.wall_s is not None and self.wall_s >= budget.wall_s
        )

    def _keep(self, candidate: Candidate, cost: Cost) -> None:
        entered = time.process_time()
        if os.getpid() != self._process:
            raise RuntimeError("a run belongs to the process that was given it; tell results there, not from a fork")
        self._incumbent = copy.deepcopy(candidate)
        self.best_s, self._exact = cost.total_s, cost.exact
        self._say(self._incumbent, entered)

    def _say(self, candidate: Candidate | None, entered: float) -> None:
        """Tell where the run is. What was used since `entered`, and telling itself, is the meter's own."""
        kept = time.process_time()
        self._own_s[0] += kept - entered
        self._told_cpu_s = max(self._told_cpu_s, self.cpu_s)  # a microsecond of telling must not look like going back
        self._tell(self._told(candidate))
        self._own_s[0] += time.process_time() - kept

    def _told(self, candidate: Candidate | None) -> Told:
        return Told(
            self.evaluations,
            self._told_cpu_s,
            self.wall_s,
            self.meter_s,
            self.best_s,
            self._exact,
            self.bound_s,
            self.self_counted,
            candidate,
        )
