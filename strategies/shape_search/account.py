"""The budget of a run in moves: a fixed number where evaluations end it, else what the last slices were worth."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from tasklet_bench.strategies.run import Run
    from tasklet_bench.strategies.shape_search.contenders import Contender

SLOW_S = 3e-5
"""CPU seconds of an evaluation, on the high side, to tell which budget ends the run."""
MOVES_PER_S = 500_000
"""Moves that a second is taken to be worth before any were timed."""
LEARNING = 0.2


class Account:
    """What a run has left, and the best cost handed in (in seconds).

    Where evaluations end the run no clock is looked at, so that a seed gives one result.
    """

    def __init__(self, run: Run) -> None:
        left = run.remaining
        seconds = min((s for s in (left.cpu_s, left.wall_s) if s is not None), default=math.inf)
        self.counted = left.evaluations is not None and left.evaluations * SLOW_S < seconds
        self.best_s = math.inf
        self._run, self._all = run, left.evaluations or 1
        self.moves = float(self._all) if self.counted else seconds * MOVES_PER_S
        """Moves that the whole budget is worth."""

    @property
    def progress(self) -> float:
        """How much of the budget is spent, in [0, 1]; of the evaluations alone where they end the run."""
        if not self.counted:
            return self._run.progress
        return 1.0 - (self._run.remaining.evaluations or 0) / self._all

    @property
    def exhausted(self) -> bool:
        """Whether nothing is left."""
        return self._run.exhausted

    def allows(self, evaluations: int) -> int:
        """So many evaluations, or what is left of them."""
        left = self._run.remaining.evaluations
        return evaluations if left is None else min(left, evaluations)

    def hand_in(self, contender: Contender, scored: int) -> bool:
        """Tell the run of a contender's best order, after so many evaluations; returns whether it is the best."""
        self._run.submit((np.array([contender.number]), contender.order), scored)
        better = contender.cost_s < self.best_s
        self.best_s = min(self.best_s, contender.cost_s)
        return better

    def learn(self, moves: int, spent: float) -> None:
        """A slice of moves took so much of the budget."""
        if not self.counted and spent > 0:
            self.moves += LEARNING * (moves / spent - self.moves)
