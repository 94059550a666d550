"""Successive halving over shapes on one run's budget."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from tasklet_bench.strategies.shape_search.account import Account
from tasklet_bench.strategies.shape_search.contenders import Contender, Field

if TYPE_CHECKING:
    from tasklet_bench.strategies.shape_search.strategy import ShapeSearch

FEWEST_MOVES = 300
"""Moves below which a share of a round is not worth having: fewer shapes take part in it."""
LONGEST_SLICE = 20_000
"""Moves that are made before the clock is looked at again."""
PLANS = 0.25
"""Most of the budget that placing by the dynamic programme may take."""
TRIALS = 0.1
"""Most of what is left that trying one order at all shapes may take."""
HOTTER = 50.0
"""How many times hotter the first of two coolings begins: links differ by orders of magnitude, or hardly."""
TWICE = 5
"""Moves, over the square of the number of devices, from which on a share is worth two coolings."""
GROWTH = 0.8
"""How much of the budget each round has, over the one before."""


class Race:
    """The contenders of one run."""

    def __init__(self, strategy: ShapeSearch, field: Field, account: Account) -> None:
        self._strategy, self._field, self._account = strategy, field, account

    def run(self) -> None:
        """Place every shape, then race those that may beat the incumbent until the budget is spent."""
        self._place_all()
        while not self._account.exhausted and (alive := self._alive(self._field.all)):
            rounds = 1 + math.ceil(math.log(len(alive)) / -math.log(self._strategy.keep))
            for left in range(rounds, 0, -1):
                alive = self._run_round(alive, left)
                if not alive or self._account.exhausted:
                    break

    def _place_all(self) -> None:
        """Score the host list (or the user's start) at all shapes, then place them, lowest bounds first."""
        account, field = self._account, self._field
        first = field.all[0]
        for contender in field.given or [first]:
            self._try_everywhere(contender, 1.0)
        for contender in field.all:
            most = account.allows(field.most_plans)
            if contender.bound_s >= account.best_s or account.progress >= PLANS or not most or account.exhausted:
                break
            account.hand_in(contender, field.plan(contender, most))

    def _run_round(self, alive: list[Contender], left: int) -> list[Contender]:
        """Anneal each for an equal share of this round of so many that are left; returns those that go on."""
        account = self._account
        span = (1.0 - account.progress) / sum(GROWTH**later for later in range(left))
        taking_part = alive[: max(1, int(span * account.moves / FEWEST_MOVES))]
        for contender in taking_part:
            if account.exhausted:
                break
            if contender.bound_s < account.best_s:
                self._improve(contender, span / len(taking_part))
        going_on = self._alive(taking_part)
        return going_on[: max(1, round(self._strategy.keep * len(going_on)))]

    def _alive(self, among: list[Contender]) -> list[Contender]:
        """Contenders that have an order and may beat the incumbent, the best first."""
        alive = [c for c in among if c.bound_s < self._account.best_s and c.cost_s < math.inf]
        return sorted(alive, key=lambda contender: (contender.cost_s, contender.bound_s))

    def _improve(self, contender: Contender, share: float) -> None:
        """Anneal a contender within a share of the budget; an order that is the best so far is tried everywhere."""
        twice = share * self._account.moves >= TWICE * len(contender.order) ** 2
        improved = twice and self._anneal(contender, share / 2, HOTTER)
        improved |= not self._account.exhausted and self._anneal(contender, share / 2 if twice else share, 1.0)
        if improved and not self._account.exhausted:
            self._try_everywhere(contender, TRIALS)

    def _anneal(self, contender: Contender, share: float, hotter: float) -> bool:
        """Cool a contender down from its best order; returns whether that gave the best candidate so far."""
        account, strategy = self._account, self._strategy
        first = account.progress
        hot_s, cold_s = hotter * strategy.hot * contender.cost_s, strategy.cold * contender.cost_s
        improved = False
        self._field.begin(contender)
        while (done := (account.progress - first) / share) < 1.0 and not account.exhausted:
            whole = max(1.0, share * account.moves)
            moves = account.allows(max(1, min(round((1.0 - done) * whole), LONGEST_SLICE)))
            ends = (done, min(1.0, done + moves / whole))
            temperatures_s = (hot_s * (cold_s / hot_s) ** ends[0], hot_s * (cold_s / hot_s) ** ends[1])
            guides = (strategy.guide * (1.0 - ends[0]), strategy.guide * (1.0 - ends[1]))
            before = account.progress
            scored = self._field.walk(contender, temperatures_s, guides, moves)
            improved |= account.hand_in(contender, moves if account.counted else scored)
            account.learn(moves, account.progress - before)
        return improved

    def _try_everywhere(self, contender: Contender, most: float) -> None:
        """Score a contender's order at every shape if that takes at most a share of what is left, else there alone."""
        count = len(self._field.all)
        left = self._account.allows(10 * count * math.ceil(1 / most))
        if count <= most * left:
            best = self._field.try_order(contender.order)
            self._account.hand_in(best, count)
        elif contender.cost_s == math.inf:
            self._field.offer(contender, contender.order)
            self._account.hand_in(contender, 1)
