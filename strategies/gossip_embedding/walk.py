"""Annealing on the period, compiled: only groups that a move changes are timed anew, and potentials are kept.

How much longer the period may get is drawn before it is computed, so that the policy iteration ends as soon as some
cycle of waits is longer. The acceptance sees a guided cost, the period plus a share of the quadratic mean of all
exchanges, as most changes leave the slowest cycle as it is; what is kept as best goes by the period alone.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.compiled import jit
from tasklet_bench.problems.gossip.evaluate import group_s, new_scratch, period_of, set_exchanges
from tasklet_bench.strategies.gossip_embedding.layout import layout_of
from tasklet_bench.strategies.gossip_embedding.moves import draw_move

if TYPE_CHECKING:
    from tasklet_bench.problems.gossip.problem import GossipProblem

Order = NDArray[np.int64]


class Walker:
    """An order that walks, and the best one that it has met since it began."""

    def __init__(self, problem: GossipProblem, rng: np.random.Generator, guide: float) -> None:
        self._system, self._layout = problem.system, layout_of(problem.system)
        self._rng, self._guide = rng, guide
        n = problem.schedule.n_ranks
        self.order, self.best = np.arange(n), np.arange(n)
        self._exchange_s = np.zeros(problem.system.ends.shape)
        self._value = np.zeros(n)
        self.period_s = self.best_s = math.inf

    def begin(self, order: Order) -> None:
        """Stand at an order; it is the best so far."""
        self.order[:] = self.best[:] = order
        self._value[:] = 0.0
        self.period_s = self.best_s = float(start(self._system, self.order, self._exchange_s, self._value))

    def walk(self, hot_s: float, cold_s: float, evaluations: int, moves: int) -> int:
        """Walk while it cools from `hot_s` to `cold_s`; returns how many moves were evaluated."""
        evaluated, self.period_s, self.best_s = walk(
            self._system,
            self._layout,
            self._rng,
            self.order,
            self._exchange_s,
            self._value,
            self.period_s,
            self._guide,
            (hot_s, cold_s),
            (evaluations, moves),
            self.best,
            self.best_s,
        )
        return int(evaluated)


@jit
def start(system, order, exchange_s, value):  # type: ignore[no-untyped-def]
    """Time all groups of an order and set its potentials; returns its period."""
    set_exchanges(system, order, exchange_s)
    return period_of(system, order, exchange_s, value, np.inf, new_scratch(len(order)))


@jit
def walk(  # type: ignore[no-untyped-def]
    system, layout, rng, order, exchange_s, value, period_s, guide, temperatures_s, most, best, best_s
):
    """Walk until so many moves are evaluated or drawn; changes `order`, `exchange_s`, `value` and `best` in place."""
    n = len(order)
    scratch, place = new_scratch(n), np.empty(n, dtype=np.int64)
    ranks, devices, before = np.empty(n, dtype=np.int64), np.empty(n, dtype=np.int64), np.empty(n, dtype=np.int64)
    trial, timed_s = np.empty(n), exchange_s.copy()
    stamp = np.zeros(exchange_s.shape, dtype=np.int64)
    square = (layout.share * exchange_s * exchange_s).sum()
    for rank in range(n):
        place[order[rank]] = rank
    hot_s, cold_s = temperatures_s
    evaluated = 0
    for move in range(most[1]):
        if evaluated == most[0]:
            break
        temperature_s = hot_s * (cold_s / hot_s) ** (move / most[1])
        count = draw_move(system, layout, order, place, exchange_s, rng, ranks, devices)
        if count == 0:
            continue
        for i in range(count):
            before[i] = order[ranks[i]]
        for i in range(count):
            order[ranks[i]] = devices[i]
        new_square = square + _time_groups(system, layout, order, ranks, count, move + 1, stamp, timed_s)
        guided_s = guide * (math.sqrt(max(new_square, 0.0)) - math.sqrt(max(square, 0.0)))
        limit_s = period_s - guided_s - temperature_s * math.log(1.0 - rng.random())
        trial[:] = value
        new_s = period_of(system, order, timed_s, trial, limit_s, scratch)
        evaluated += 1
        accepted = new_s <= limit_s
        if accepted:
            period_s, square = new_s, new_square
            value[:] = trial - trial[0]
            for i in range(count):
                place[devices[i]] = ranks[i]
            if new_s < best_s:
                best_s = new_s
                best[:] = order
        else:
            for i in range(count):
                order[ranks[i]] = before[i]
        _settle(layout, ranks, count, accepted, exchange_s, timed_s)
    return evaluated, period_s, best_s


@jit
def _time_groups(system, layout, order, ranks, count, mark, stamp, timed_s):  # type: ignore[no-untyped-def]
    """Time the groups of changed ranks anew, each once; returns by how much the mean square of exchanges grows."""
    grown = 0.0
    for i in range(count):
        for r in range(len(stamp)):
            g = layout.group_of[r, ranks[i]]
            if stamp[r, g] != mark:
                stamp[r, g] = mark
                seconds = group_s(system, order, r, g)
                grown += layout.share[r, g] * (seconds * seconds - timed_s[r, g] * timed_s[r, g])
                timed_s[r, g] = seconds
    return grown


@jit
def _settle(layout, ranks, count, accepted, exchange_s, timed_s):  # type: ignore[no-untyped-def]
    """Make the timed groups of changed ranks the current ones, or the other way round."""
    for i in range(count):
        for r in range(len(exchange_s)):
            g = layout.group_of[r, ranks[i]]
            if accepted:
                exchange_s[r, g] = timed_s[r, g]
            else:
                timed_s[r, g] = exchange_s[r, g]
