"""The proof in progress: window after window, until none is open or the budget is spent."""

from __future__ import annotations

import time

import numpy as np

from tasklet_bench.problems.allocation.classes import DeviceClasses
from tasklet_bench.problems.allocation.compositions.counted import CountedProblem
from tasklet_bench.problems.allocation.compositions.search import Outcome, Search
from tasklet_bench.problems.tolerances import SAME_COST
from tasklet_bench.strategies.dynamic_program.windows import Window, Windows
from tasklet_bench.strategies.shared.incumbent import Incumbent

STEPS_PER_EVALUATION = 100_000
"""Steps of the programme that count as one evaluation: about a millisecond's worth."""
MOST_STATES = 4_000_000
"""States of one attempt, of some 60 bytes each."""
_FIRST_STEPS = 10_000_000
_ENOUGH_STEPS = 1_000_000
"""From how many on an attempt tells the speed."""
_LATER = 4
"""How many times as many steps a window may take when it comes again."""
_STEPS_PER_S = 20_000_000
"""Until an attempt was timed; on the slow side."""
_SHARE = 0.4
"""Of the time that is left, what an attempt may take at the speed seen so far."""


class Sweep:
    """Closes the windows below an incumbent, which it improves on the way; hands the run every bound."""

    def __init__(self, incumbent: Incumbent, classes: DeviceClasses, counted: CountedProblem, pieces: int) -> None:
        self._incumbent, self._classes, self._counted = incumbent, classes, counted
        self._search = Search(counted)
        self._values = np.unique(counted.dp)
        self._steps_per_cpu_s = self._steps_per_wall_s = float(_STEPS_PER_S)
        high = self._cost() - counted.pipeline_least - 1
        self._windows = Windows.of(counted.dp_least, high, counted.pipeline_least, pieces)

    def run(self) -> None:
        """Attempt one window after another; ends with a proof, or where the budget does."""
        run = self._incumbent.run
        while True:
            window = self._windows.take(self._cost())
            if window is None:
                run.bound(self._counted.seconds(self._cost()))
                return
            steps = min(_FIRST_STEPS * _LATER**window.attempts, self._affordable())
            if steps <= 0 or run.exhausted:
                self._windows.postpone(window)
                run.bound(self._counted.seconds(self._windows.bound(self._cost())))
                return
            self._attempt(window, steps)
            run.bound(self._counted.seconds(self._windows.bound(self._cost())))

    def _attempt(self, window: Window, steps: int) -> None:
        """Refute a window, improve on the incumbent in it, or postpone it."""
        begin, end = np.searchsorted(self._values, [window.low, window.high + 1])
        if begin == end:
            return
        low, high = int(self._values[begin]), int(self._values[end - 1])
        window = Window(low, high, window.pipeline, window.attempts)
        cpu_s, wall_s = time.process_time(), time.monotonic()
        outcome = self._search.cheapest(high, self._cost() - low, steps, MOST_STATES)
        if outcome.steps > _ENOUGH_STEPS:
            self._steps_per_cpu_s = outcome.steps / (time.process_time() - cpu_s)
            self._steps_per_wall_s = outcome.steps / (time.monotonic() - wall_s)
        if outcome.gave_up:
            self._windows.postpone(window)
        elif outcome.pipeline is not None:
            self._windows.put_back(window, outcome.pipeline)
        self._report(outcome)

    def _report(self, outcome: Outcome) -> None:
        """Count what was spent; hand in the pipeline, if one was met."""
        left = self._incumbent.run.remaining.evaluations
        spent = max(1, outcome.steps // STEPS_PER_EVALUATION)
        spent = spent if left is None else min(spent, left)
        if outcome.counts is None:
            self._incumbent.count(spent)
        else:
            self._incumbent.offer(self._classes.labels(outcome.counts), spent)

    def _cost(self) -> int:
        """Units that something better has to stay below."""
        return self._counted.units(self._incumbent.cost_s * (1 - SAME_COST))

    def _affordable(self) -> int:
        """Steps that the budget has left."""
        left = self._incumbent.run.remaining
        steps = [] if left.evaluations is None else [left.evaluations * STEPS_PER_EVALUATION]
        for seconds, speed in ((left.cpu_s, self._steps_per_cpu_s), (left.wall_s, self._steps_per_wall_s)):
            if seconds is not None:
                steps.append(int(_SHARE * seconds * speed))
        return min(steps, default=2**62)
