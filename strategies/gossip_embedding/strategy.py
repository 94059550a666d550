"""Gossip embedding: sites embedded by recursive halving, then annealed on the period itself.

Ring, cube and hosts are graphs into which the devices are embedded. What takes no search comes first: a short tour
(nearest neighbour and 2-opt on the time of a pair) and, for a power of two, recursive halving that keeps sites together
along it. Then moves are judged by the exact period, found incrementally: two devices change places, a device comes
beside one that it is near to (both after the neighbour lists of travelling salesmen), a segment is turned round (2-opt)
or moved (Or-opt), aligned blocks of ranks change places. The best of the constructions is cooled gently; after that,
coolings from random orders and gentle ones from the best order take turns, each longer than the one before.

Sources: Kirkpatrick, Gelatt and Vecchi, "Optimization by simulated annealing", Science 220, 1983; F. Pellegrini,
"Static mapping by dual recursive bipartitioning of process and architecture graphs", SHPCC 1994. The moves' share, the
guide and the incremental period are this project's. One evaluation is one move whose period, or a lower bound on it
that rules it out, was computed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tasklet_bench.strategies.parameters import parameter
from tasklet_bench.strategies.shared.slices import Slices
from tasklet_bench.strategies.strategy import Strategy

if TYPE_CHECKING:
    from tasklet_bench.problems.gossip.problem import GossipProblem
    from tasklet_bench.strategies.gossip_embedding.walk import Order, Walker
    from tasklet_bench.strategies.run import Run

LEAST_SPAN = 1e-6
"""The least share of the budget that a cooling is planned for."""
FIRST_SHARE = 0.15
"""Most of the budget that the first cooling may take, unless there is time for no other."""


@dataclass(frozen=True)
class GossipEmbedding(Strategy):
    """A short tour or recursive halving, then annealing on the period."""

    name = "gossip-embedding"
    families = ("gossip",)
    uses_start = True
    hot: float = parameter(
        0.03, "first temperature from a random order, over the period", low=0.003, high=0.3, log=True, above=0.0
    )
    warm: float = parameter(
        0.008, "first temperature from a good order, over its period", low=0.001, high=0.1, log=True, above=0.0
    )
    cold: float = parameter(0.0005, "last temperature, over the period", low=1e-5, high=0.01, log=True, above=0.0)
    guide: float = parameter(0.5, "weight of the quadratic mean of all exchanges", low=0.0, high=3.0, at_least=0.0)
    shortest: float = parameter(
        300.0, "evaluations of a cooling, for each device", low=30.0, high=3e4, log=True, at_least=1.0
    )
    growth: float = parameter(1.4, "how many times longer the next cooling is", low=1.0, high=4.0, at_least=1.0)

    def prepare(self) -> None:
        """Compile or load the walk and the tour, by a ring of four devices."""
        from tasklet_bench.strategies.gossip_embedding.warming import load

        load()

    def search(self, problem: GossipProblem, run: Run, rng: np.random.Generator) -> None:
        """Construct, then cool down again and again until the budget is spent."""
        from tasklet_bench.strategies.gossip_embedding.walk import Walker

        slices = Slices(run, problem.schedule.n_ranks)
        best, best_s = _construct(problem, run)
        if run.exhausted or problem.schedule.n_ranks < 2:
            return
        walker = Walker(problem, rng, self.guide)
        span, good = None, True
        while not run.exhausted:
            walker.begin(best if good else problem.random(rng))
            hot = self.warm if good else self.hot
            if span is None:
                span = self._first_span(walker, run, slices, problem.schedule.n_ranks, best_s)
            left = 1.0 - slices.progress
            span = span if left - span >= self.growth * span else left
            self._cool(walker, run, slices, (best_s * hot, best_s * self.cold), max(span, LEAST_SPAN))
            if walker.best_s < best_s:
                best, best_s = walker.best.copy(), walker.best_s
            good, span = not good, span * self.growth

    def _first_span(self, walker: Walker, run: Run, slices: Slices, n: int, best_s: float) -> float:
        """The share of the budget that the first cooling gets; under clocks a probe tells how long a move takes."""
        if slices.counted:
            return self.shortest * n * slices.one_evaluation
        before, probes = slices.progress, 2 * n
        left = run.remaining.evaluations
        evaluated = walker.walk(best_s * self.cold, best_s * self.cold, probes if left is None else left, probes)
        run.submit(walker.best.copy(), evaluated)
        each = (slices.progress - before) / max(evaluated, 1)
        return min(FIRST_SHARE, self.shortest * n * each)

    def _cool(self, walker: Walker, run: Run, slices: Slices, course_s: tuple[float, float], span: float) -> None:
        """Cool down within a span of the budget; `course_s` are the first and the last temperature (in seconds)."""
        hot_s, cold_s = course_s
        first = slices.progress
        while not run.exhausted and (done := (slices.progress - first) / span) < 1.0:
            evaluations, moves = slices.next(span)
            temperature_s = hot_s * (cold_s / hot_s) ** done
            evaluated = walker.walk(temperature_s, temperature_s, evaluations, moves)
            run.submit(walker.best.copy(), evaluations if slices.counted else evaluated)
            slices.took(span, moves)


def _construct(problem: GossipProblem, run: Run) -> tuple[Order, float]:
    """The cheapest of the start that was given, if any, the tour, and the halving."""
    from tasklet_bench.problems.gossip.bisection import bisect_sites
    from tasklet_bench.problems.gossip.starts import short_tour

    orders = []
    if run.start is not None:
        orders.append(np.array(run.start, dtype=np.int64))
    tour = short_tour(problem)
    orders.append(tour)
    n = problem.schedule.n_ranks
    if n & (n - 1) == 0:
        orders.append(bisect_sites(problem.network.topology.site_of, tour))
    best, best_s = orders[0], np.inf
    for order in orders:
        if not run.exhausted and (order_s := run.evaluate(order)) < best_s:
            best, best_s = order, order_s
    return best, float(best_s)
