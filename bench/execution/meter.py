"""The meter: the `Run` that strategies get. It scores, counts, reads three clocks and reports each improvement at once.

The clocks start in `start_clocks`, before anything is scored. CPU seconds are those of `execution.cpu_clock`, less
what the meter itself used (`meter_s`: checking, reporting, and scoring again what is submitted; to about a microsecond
each time). Where a budget of CPU or wall seconds ends within an evaluation, that evaluation still counts;
what is handed in later is refused.

Strategies hold a `Meter`, whose attributes cannot be assigned; the account that it keeps is behind its functions.
"""

from __future__ import annotations

import copy
import math
import os
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic, process_time
from typing import Any, NoReturn, TypeAlias

from tasklet_bench.bench.execution.cpu_clock import CpuClock
from tasklet_bench.bench.runs.budget import Budget
from tasklet_bench.problems.candidate import Candidate, Infeasible
from tasklet_bench.problems.problem import Cost, Problem
from tasklet_bench.strategies.run import BudgetExhausted, Remaining

Page: TypeAlias = "list[float] | memoryview[float]"
"""Floats that can be written; in memory that processes share, it is a view of that."""
METER_S, EVALUATIONS = 0, 1
"""Places on a page: the meter's own CPU seconds, and the evaluations that it has scored itself."""
PAGE_PLACES = 2


@dataclass(frozen=True)
class ReportedResult:
    """What the meter reports when the cost or the bound has improved: the clocks, and the incumbent if it is new."""

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
    """Spends `budget` on `problem` and reports every improvement; implements `strategies.run.Run`.

    `page` holds what a supervisor watches; see `METER_S` and `EVALUATIONS`. `cost` scores instead of the problem's own
    `cost`, where that is watched.
    """

    __slots__ = ("_begin", "_bound", "_evaluate", "_fork", "_read", "_start", "_submit")
    _begin: Callable[[Candidate], None]
    _bound: Callable[[float], None]
    _evaluate: Callable[[Candidate], float]
    _fork: Callable[[], None]
    _read: Callable[[str], Any]
    _start: Callable[[], None]
    _submit: Callable[[Candidate, int, int], float]

    def __init__(
        self,
        problem: Problem,
        budget: Budget,
        report: Callable[[ReportedResult], None],
        page: Page | None = None,
        cost: Callable[[Candidate], Cost] | None = None,
    ) -> None:
        account = _Account(cost or problem.cost, budget, report, [0.0] * PAGE_PLACES if page is None else page)

        def evaluate(candidate: Candidate) -> float:
            return account.evaluate(candidate)

        def submit(candidate: Candidate, evaluations: int, refused: int) -> float:
            return account.submit(candidate, evaluations, refused)

        def bound(value: float) -> None:
            account.bound(value)

        def begin(candidate: Candidate) -> None:
            account.start = candidate

        def read(name: str) -> Any:
            return getattr(account, name)

        def start() -> None:
            account.start_clocks()

        def fork() -> None:
            account.page = [0.0] * PAGE_PLACES

        for function in (evaluate, submit, bound, begin, read, start, fork):
            object.__setattr__(self, f"_{function.__name__}", function)

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"{name} cannot be set: what a run has spent and found is the harness's to say")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"{name} cannot be deleted")

    def start_clocks(self) -> None:
        """Start the clocks."""
        self._start()

    def begin_from(self, candidate: Candidate) -> None:
        """Give the strategy what to begin from; the harness has scored it on the run's account."""
        self._begin(candidate)

    def leave_page(self) -> None:
        """Write to the shared page no more: in a fork of the run, whose counts are its own."""
        self._fork()

    def evaluate(self, candidate: Candidate) -> float:
        """Score a candidate (in seconds) and count one evaluation; see `strategies.run.Run.evaluate`."""
        return self._evaluate(candidate)

    def submit(self, candidate: Candidate, evaluations: int, refused: int = 0) -> float:
        """Score again what a strategy scored itself, and count what it spent; see `strategies.run.Run.submit`."""
        return self._submit(candidate, evaluations, refused)

    def bound(self, value: float) -> None:
        """Report a proven lower bound on the cost (in seconds); only a larger one than before is passed on."""
        self._bound(value)

    @property
    def start(self) -> Candidate | None:
        """What to begin from; None for nothing."""
        return self._read("start")

    @property
    def incumbent(self) -> Candidate | None:
        """The best candidate so far, as a copy; None before the first."""
        return copy.deepcopy(self._read("incumbent"))

    @property
    def exhausted(self) -> bool:
        """Whether the next `evaluate` would raise `BudgetExhausted`."""
        return bool(self._read("exhausted"))

    @property
    def remaining(self) -> Remaining:
        """What is left to spend, never below zero."""
        budget = self._read("budget")
        return Remaining(
            evaluations=None if budget.evaluations is None else max(0, budget.evaluations - self.evaluations),
            cpu_s=None if budget.cpu_s is None else max(0.0, budget.cpu_s - self.cpu_s),
            wall_s=None if budget.wall_s is None else max(0.0, budget.wall_s - self.wall_s),
        )

    @property
    def progress(self) -> float:
        """The largest share of evaluations, CPU and wall seconds that is spent, in [0, 1]."""
        budget = self._read("budget")
        shares = [0.0 if budget.evaluations is None else self.evaluations / budget.evaluations]
        if budget.cpu_s is not None:
            shares.append(self.cpu_s / budget.cpu_s)
        if budget.wall_s is not None:
            shares.append(self.wall_s / budget.wall_s)
        return min(1.0, max(0.0, *shares))

    @property
    def evaluations(self) -> int:
        """Evaluations spent."""
        return int(self._read("evaluations"))

    @property
    def submitted(self) -> int:
        """Of these, what the strategy counted itself."""
        return int(self._read("submitted"))

    @property
    def refused(self) -> int:
        """Moves that a lower bound has refused unscored."""
        return int(self._read("refused"))

    @property
    def self_counted(self) -> bool:
        """Whether the strategy has counted evaluations itself."""
        return bool(self._read("self_counted"))

    @property
    def best_s(self) -> float:
        """The incumbent's cost in seconds; infinite before the first."""
        return float(self._read("best_s"))

    @property
    def bound_s(self) -> float:
        """The largest bound that was reported, in seconds; minus infinity before the first."""
        return float(self._read("bound_s"))

    @property
    def meter_s(self) -> float:
        """CPU seconds that the meter itself used."""
        return float(self._read("page")[METER_S])

    @property
    def cpu_s(self) -> float:
        """CPU seconds since the start, of this process and its descendants, less the meter's own."""
        return float(self._read("cpu_s"))

    @property
    def own_cpu_s(self) -> float:
        """CPU seconds since the start without those of living descendants."""
        return float(self._read("clock").own_s()) - self.meter_s

    @property
    def wall_s(self) -> float:
        """Wall seconds since the start."""
        return float(self._read("wall_s"))


class _Account:
    """What a run has spent and found."""

    __slots__ = (
        "_cost", "_exact", "_limit", "_process", "_reported_cpu_s", "_send", "_timed", "_wall_start", "best_s",
        "bound_s", "budget", "clock", "evaluations", "incumbent", "page", "refused", "self_counted", "start",
        "submitted",
    )  # fmt: skip

    def __init__(
        self, cost: Callable[[Candidate], Cost], budget: Budget, report: Callable[[ReportedResult], None], page: Page
    ) -> None:
        self._cost = cost
        self._send = report
        self._limit = math.inf if budget.evaluations is None else budget.evaluations
        self._timed = budget.cpu_s is not None or budget.wall_s is not None
        self._process = os.getpid()
        self._wall_start = 0.0
        self._reported_cpu_s = 0.0
        self._exact = True
        self.budget = budget
        self.page = page
        self.clock = CpuClock()
        self.evaluations = 0
        self.submitted = 0
        self.refused = 0
        self.self_counted = False
        self.start: Candidate | None = None
        self.incumbent: Candidate | None = None
        self.best_s = math.inf
        self.bound_s = -math.inf

    def start_clocks(self) -> None:
        self.clock.start()
        self._wall_start = monotonic()

    def evaluate(self, candidate: Candidate) -> float:
        page = self.page
        entered = process_time()
        if self.evaluations >= self._limit or (self._timed and self._time_is_up()):
            raise BudgetExhausted(f"the budget of {self.budget.name} is spent")
        checked = process_time()
        try:
            cost = self._cost(candidate)
        except Infeasible:
            self.evaluations += 1
            page[EVALUATIONS] += 1
            raise
        page[METER_S] += checked - entered
        page[EVALUATIONS] += 1
        self.evaluations += 1
        if cost.total_s < self.best_s:
            self._keep(candidate, cost)
        return cost.total_s

    def submit(self, candidate: Candidate, evaluations: int, refused: int) -> float:
        entered = process_time()
        for what, count in (("evaluations", evaluations), ("refused moves", refused)):
            if isinstance(count, bool) or int(count) != count or count < 0:
                raise ValueError(f"submit received {count!r} {what}, expected a whole number of at least 0")
        left = self._limit - self.evaluations
        if evaluations > left or self._time_is_up():
            raise BudgetExhausted(f"{evaluations} evaluations were submitted where the budget had {left:g} left")
        cost = self._cost(candidate)
        self.evaluations += int(evaluations)
        self.submitted += int(evaluations)
        self.refused += int(refused)
        self.self_counted = True
        self.page[METER_S] += process_time() - entered
        if cost.total_s < self.best_s:
            self._keep(candidate, cost)
        return cost.total_s

    def bound(self, value: float) -> None:
        if not math.isfinite(value):
            raise ValueError(f"bound received {value!r}, expected a finite number of seconds")
        if value > self.bound_s:
            entered = process_time()
            self.bound_s = float(value)
            self._report(None, entered)

    @property
    def exhausted(self) -> bool:
        return self.evaluations >= self._limit or (self._timed and self._time_is_up())

    @property
    def cpu_s(self) -> float:
        return self.clock.spent_s() - self.page[METER_S]

    @property
    def wall_s(self) -> float:
        return monotonic() - self._wall_start

    def _time_is_up(self) -> bool:
        budget = self.budget
        return (budget.cpu_s is not None and self.cpu_s >= budget.cpu_s) or (
            budget.wall_s is not None and self.wall_s >= budget.wall_s
        )

    def _keep(self, candidate: Candidate, cost: Cost) -> None:
        entered = process_time()
        if os.getpid() != self._process:
            raise RuntimeError("a run belongs to the process that was given it; tell results there, not from a fork")
        self.incumbent = copy.deepcopy(candidate)
        self.best_s, self._exact = cost.total_s, cost.exact
        self._report(self.incumbent, entered)

    def _report(self, candidate: Candidate | None, entered: float) -> None:
        """Report where the run is. What was used since `entered`, and reporting itself, is the meter's own."""
        kept = process_time()
        page = self.page
        page[METER_S] += kept - entered
        self._reported_cpu_s = max(self._reported_cpu_s, self.cpu_s)  # a microsecond must not look like going back
        self._send(
            ReportedResult(
                self.evaluations,
                self._reported_cpu_s,
                self.wall_s,
                page[METER_S],
                self.best_s,
                self._exact,
                self.bound_s,
                self.self_counted,
                candidate,
            )
        )
        page[METER_S] += process_time() - kept
