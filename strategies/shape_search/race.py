"""Successive halving over shapes on one run's budget."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from tasklet_bench.strategies.shape_search.contenders import Contender, Field

if TYPE_CHECKING:
    from tasklet_bench.problems.tensor_parallel import TensorParallelProblem
    from tasklet_bench.strategies.run import Run
    from tasklet_bench.strategies.shape_search.strategy import ShapeSearch

FEWEST_MOVES = 300
"""Moves below which a share of a round is not worth having: fewer shapes take part in it."""
LONGEST_SLICE = 20_000
"""Moves that are made before the clock is looked at again."""
PLANS = 0.25
"""Most of the budget that placing by the dynamic programme may take."""
GROWTH = 1.3
"""How much more of the budget each round has than the one before."""
SLOW_S = 3e-5
"""CPU seconds of an evaluation on the high side, to tell which budget ends the run."""


class Race:
    """The contenders of one run, and the account of its budget."""

    def __init__(self, strategy: ShapeSearch, problem: TensorParallelProblem, run: Run, contenders: Field) -> None:
        self._strategy, self._run, self._field = strategy, run, contenders
        self._host = np.arange(problem.devices.n_devices)
        self._best_s = math.inf
        left = run.remaining
        seconds = min((s for s in (left.cpu_s, left.wall_s) if s is not None), default=math.inf)
        self._counted = left.evaluations is not None and left.evaluations * SLOW_S < seconds
        self._all_evaluations = left.evaluations or 1
        self._moves_per_share = 1e5

    def run(self) -> None:
        """Place every shape, then race those that may beat the incumbent until the budget is spent."""
        self._plan()
        while not self._run.exhausted:
            alive = self._alive()
            if not alive:
                return
            rounds = 1 + math.ceil(math.log(len(alive)) / -math.log(self._strategy.keep)) if len(alive) > 1 else 1
            for left in range(rounds, 0, -1):
                span = (1.0 - self._progress) * (GROWTH - 1.0) / (GROWTH - GROWTH ** (1 - left)) if left > 1 else (
                    1.0 - self._progress
                )
                most = max(1, int(span * self._moves_per_share / FEWEST_MOVES))
                for contender in alive[:most]:
                    self._anneal(contender, span / min(most, len(alive)))
                    if self._run.exhausted:
                        return
                alive = self._alive(alive[:most])
                alive = alive[: max(1, round(self._strategy.keep * len(alive)))]
                if not alive:
                    break

    @property
    def _progress(self) -> float:
        """How much of the budget is spent, in [0, 1]; of the evaluations alone where they end the run."""
        if not self._counted:
            return self._run.progress
        return 1.0 - (self._run.remaining.evaluations or 0) / self._all_evaluations

    def _alive(self, among: list[Contender] | None = None) -> list[Contender]:
        """Contenders that may beat the incumbent, the best first."""
        alive = [c for c in among or self._field.all if c.bound_s < self._best_s and c.cost_s < math.inf]
        return sorted(alive, key=lambda c: (c.cost_s, c.bound_s))

    def _plan(self) -> None:
        """Score the host order at every shape; then place shapes by the dynamic programme, lowest bounds first."""
        self._try_everywhere(self._host, self._field.all[0])
        for contender in self._field.all:
            if contender.bound_s >= self._best_s or self._progress >= PLANS or self._run.exhausted:
                break
            scored = self._field.plan(contender)
            self._hand_in(contender, scored)

    def _try_everywhere(self, order: np.ndarray, contender: Contender) -> None:
        """Score an order at every shape, if the budget has room for that."""
        left = self._run.remaining.evaluations
        if left is not None and left < 2 * len(self._field.all):
            contender.order, contender.cost_s = order, self._run.evaluate((np.array([contender.number]), order))
            self._best_s = min(self._best_s, contender.cost_s)
            return
        self._field.try_order(order)
        self._hand_in(min(self._field.all, key=lambda c: c.cost_s), len(self._field.all))

    def _hand_in(self, contender: Contender, scored: int) -> bool:
        """Tell the run of a contender's best order; returns whether it is a new incumbent."""
        left = self._run.remaining.evaluations
        if left is not None:
            scored = min(scored, left)
        if scored:
            self._run.submit((np.array([contender.number]), contender.order), scored)
        better = contender.cost_s < self._best_s
        self._best_s = min(self._best_s, contender.cost_s)
        return better

    def _anneal(self, contender: Contender, share: float) -> None:
        """Cool a contender down within a share of the budget."""
        first = self._progress
        self._field.begin(contender)
        hot_s, cold_s = self._strategy.hot * contender.cost_s, self._strategy.cold * contender.cost_s
        improved = False
        while (done := (self._progress - first) / share) < 1.0 and not self._run.exhausted:
            wanted = int((1.0 - done) * share * self._moves_per_share)
            left = self._run.remaining.evaluations
            moves = max(1, min(wanted, LONGEST_SLICE, LONGEST_SLICE if left is None else left))
            ahead = min(1.0, done + moves / max(share * self._moves_per_share, 1.0))
            temperatures = tuple(hot_s * (cold_s / hot_s) ** x for x in (done, ahead))
            guides = tuple(self._strategy.guide * (1.0 - x) for x in (done, ahead))
            before = self._progress
            scored = self._field.walk(contender, temperatures, guides, moves)
            improved |= self._hand_in(contender, moves if self._counted else scored)
            self._learn(moves, self._progress - before)
        if improved and not self._run.exhausted:
            self._try_everywhere(contender.order, contender)

    def _learn(self, moves: int, spent: float) -> None:
        """How many moves the budget is worth, by the last slices."""
        if self._counted:
            self._moves_per_share = self._all_evaluations
        elif spent > 0:
            self._moves_per_share += 0.2 * (moves / spent - self._moves_per_share)
