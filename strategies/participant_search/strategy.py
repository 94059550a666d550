"""Who takes part, searched with the best ways of each choice found exactly; all sets of peers where there are few.

Peers join in falling order of rates and of network cards; one by one from the fastest one, and leave one by one from
all, each time the one that costs least. The best set on any of these ways is where annealing begins. Up to `MOST_PEERS`
peers, all sets are tried instead, most of them refused by a bound, and the best is proven optimal.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from tasklet_bench.problems.atom.starts import falling_prefixes
from tasklet_bench.strategies.parameters import parameter
from tasklet_bench.strategies.run import Run
from tasklet_bench.strategies.shared.slices import Slices
from tasklet_bench.strategies.strategy import Strategy

if TYPE_CHECKING:
    from tasklet_bench.problems.atom import AtomProblem
    from tasklet_bench.strategies.participant_search.walker import Walker

MOST_PEERS = 20
"""Peers of whom all sets are tried: a million sets, within seconds."""
SETS_AT_ONCE = 1 << 12
FIRST, LONGER = 0.1, 1.7
"""Share of the budget of the first annealing run, and how many times longer each next one is."""
SAME = 1 - 1e-9
"""What a proven optimum is shortened by as a bound."""


@dataclass(frozen=True)
class ParticipantSearch(Strategy):
    """Prefixes found greedily, then annealing on sets of peers, or all sets."""

    name = "participant-search"
    families = ("atom",)
    uses_start = True
    hot: float = parameter(0.1, "first temperature, over the best cost so far", low=0.001, high=1.0, log=True, above=0)
    cold: float = parameter(0.0001, "last temperature, likewise", low=1e-6, high=0.01, log=True, above=0)

    def prepare(self) -> None:
        """Load the compiled walk."""
        from tasklet_bench.strategies.participant_search.walker import load

        load()

    def search(self, problem: AtomProblem, run: Run, rng: np.random.Generator) -> None:
        """Follow both ways, then anneal until the budget is spent, or try all sets."""
        from tasklet_bench.strategies.participant_search.walker import Walker

        n = problem.devices.n_devices
        walker = Walker(problem, rng)
        slices = Slices(run, n)
        if run.start is not None:
            walker.begin(np.array(run.start[0]))
            run.evaluate(run.start)
        self._try_prefixes(problem, walker, run)
        for joins, begin in ((True, _single(problem)), (False, np.ones(n, dtype=np.int64))):
            if run.exhausted:
                return
            walker.begin(begin)
            left = run.remaining.evaluations
            scored = walker.follow(joins, None if left is None else left // 4)
            run.submit(walker.best, max(1, scored))
        if n <= MOST_PEERS:
            self._try_all(walker, run, n)
            return
        unit_s, span, anew = walker.best_s, FIRST, False
        while not run.exhausted:
            remaining = 1.0 - slices.progress
            span = span if remaining - span >= LONGER * span else remaining
            walker.begin(problem.random(rng)[0] if anew else walker.best[0])
            self._cool(walker, run, slices, unit_s, max(span, slices.one_evaluation))
            span, anew = span * LONGER, not anew

    def _try_prefixes(self, problem: AtomProblem, walker: Walker, run: Run) -> None:
        """Peers join in falling order of their rates, and of their cards."""
        rates = np.array([max(menu.rates) for menu in problem.menus])
        for key in (rates, problem.devices.card_bytes_s):
            left = run.remaining.evaluations
            prefixes = list(islice(falling_prefixes(key), left))
            if run.exhausted or not prefixes:
                return
            for takes_part in prefixes:
                walker.begin(takes_part)
            run.submit(walker.best, len(prefixes))

    def _try_all(self, walker: Walker, run: Run, n: int) -> None:
        for first in range(0, 1 << n, SETS_AT_ONCE):
            left = run.remaining.evaluations
            if run.exhausted or (left is not None and left < SETS_AT_ONCE):
                return
            scored = walker.try_all(first, min(first + SETS_AT_ONCE, 1 << n))
            run.submit(walker.best, scored, SETS_AT_ONCE - scored)
        run.bound(walker.best_s * SAME)

    def _cool(self, walker: Walker, run: Run, slices: Slices, unit_s: float, span: float) -> None:
        """Cool down within a span of the budget."""
        first = slices.progress
        while not run.exhausted and (done := (slices.progress - first) / span) < 1.0:
            evaluations, proposals = slices.next(span)
            temperature_s = unit_s * self.hot * (self.cold / self.hot) ** done
            scored, refused = walker.walk(temperature_s, evaluations, proposals)
            run.submit(walker.best, evaluations if slices.counted else scored, refused)
            slices.took(span, proposals)


def _single(problem: AtomProblem) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """The fastest peer alone."""
    takes_part = np.zeros(problem.devices.n_devices, dtype=np.int64)
    takes_part[int(np.argmax([max(menu.rates) for menu in problem.menus]))] = 1
    return takes_part
