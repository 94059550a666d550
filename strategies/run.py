"""The run: what a strategy is given to spend. The harness owns the implementation (`bench.execution.meter`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from tasklet_bench.problems.problem import Candidate, InvalidCandidate

__all__ = ["BudgetExhausted", "InvalidCandidate", "Remaining", "Run"]


class BudgetExhausted(Exception):
    """The budget is spent. The harness catches it, so a strategy may let it pass."""


@dataclass(frozen=True)
class Remaining:
    """What is left of a budget; None is unlimited."""

    evaluations: int | None
    cpu_s: float | None
    wall_s: float | None


class Run(Protocol):
    """One run of one strategy on one problem, under one budget.

    An evaluation is one candidate whose cost was computed, exactly or as an ordered upper bound, incremental
    proposals included; gains that yield no cost do not count, nor do moves that a lower bound refuses.
    """

    def evaluate(self, candidate: Candidate) -> float:
        """Score a candidate (in seconds), count one evaluation, keep it if it is the best so far.

        Raises `BudgetExhausted` beyond the budget, `InvalidCandidate` for no member of the decision, and, of that kind,
        `Infeasible` for a member that breaks a rule of the problem: it counts one evaluation, and may be caught.
        """
        ...

    def submit(self, candidate: Candidate, evaluations: int, refused: int = 0) -> float:
        """Hand in a candidate that the strategy scored itself, with how many evaluations it spent since it last did.

        For compiled and exact solvers. The harness scores the candidate again and returns that cost. `refused` are the
        moves that a lower bound has spared since then: they are no evaluations, and shown beside them. Raises
        `BudgetExhausted`, and keeps nothing, if `evaluations` is above what remains. A solver that scores nothing
        counts one evaluation per millisecond of CP-SAT's deterministic time.
        """
        ...

    def bound(self, value: float) -> None:
        """Report a proven lower bound on the cost (in seconds)."""
        ...

    @property
    def start(self) -> Candidate | None:
        """What to begin from, scored on this run's account: the user's, or the best known one; None for nothing."""
        ...

    @property
    def incumbent(self) -> Candidate | None:
        """The best candidate so far, to keep; None before the first."""
        ...

    @property
    def exhausted(self) -> bool:
        """Whether the next `evaluate` would raise `BudgetExhausted`."""
        ...

    @property
    def remaining(self) -> Remaining:
        """What is left to spend."""
        ...

    @property
    def progress(self) -> float:
        """How much of the budget is spent, in [0, 1]: the largest share of evaluations, CPU and wall seconds."""
        ...
