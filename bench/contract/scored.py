"""Who scores what in the course of a search, and how long the run takes for it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tasklet_bench.strategies.run import Run


@dataclass
class Account:
    """What was scored: by the run and by the strategy itself, declared in `submit`, and the time of the former."""

    by_run: int = 0
    by_strategy: int = 0
    declared: int = 0
    run_cpu_s: float = 0.0


_OWN = ("account", "_run", "_note", "_in_run", "_progress")


class Scored:
    """A run that notes who scores: each call of the problem's `cost`, and each of the run's `evaluate` and `submit`."""

    def __init__(self, problem: Any, run: Run, note: Callable[..., None]) -> None:
        self.account = Account()
        self._run = run
        self._note = note
        self._in_run = False
        self._progress = 0.0
        cost = problem.cost

        def counted(candidate: Any) -> Any:
            if not self._in_run:
                self.account.by_strategy += 1
            return cost(candidate)

        object.__setattr__(problem, "cost", counted)

    def __getattr__(self, name: str) -> Any:
        """What the run has and this does not change."""
        return getattr(self._run, name)

    def __setattr__(self, name: str, value: Any) -> None:
        """Keep what is this one's own; anything else is tried on the run, which refuses it."""
        if name in _OWN:
            object.__setattr__(self, name, value)
        else:
            setattr(self._run, name, value)

    def evaluate(self, candidate: Any) -> float:
        """Score as the run does."""
        self.account.by_run += 1
        return self._count(lambda: self._run.evaluate(candidate))

    def submit(self, candidate: Any, evaluations: int, refused: int = 0) -> float:
        """Hand in as to the run."""
        left = self._run.remaining.evaluations
        if left is not None and evaluations > left:
            self._note("over-declared", asked=evaluations, left=left)
        self.account.declared += evaluations
        return self._count(lambda: self._run.submit(candidate, evaluations, refused))

    def _count(self, report: Callable[[], float]) -> float:
        self._in_run = True
        entered = time.process_time()
        try:
            return report()
        finally:
            self.account.run_cpu_s += time.process_time() - entered
            self._in_run = False
            progress = self._run.progress
            if not self._progress <= progress <= 1:
                self._note("went-back", was=self._progress, now=progress)
            self._progress = progress
