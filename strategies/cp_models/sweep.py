"""The proof in progress: window after window, until none is open or the budget is spent."""

from __future__ import annotations

import math
import time

import numpy as np
from numpy.typing import NDArray

from problems.allocation.classes import DeviceClasses
from strategies.cp_models.incumbent import Incumbent
from strategies.cp_models.solve import Limits, Manner, Outcome, solve
from strategies.cp_models.whole_numbers import WholeProblem
from strategies.cp_models.window_model import build
from strategies.cp_models.windows import Window, Windows

EVALUATIONS_PER_S = 1000
"""One evaluation is one millisecond of deterministic time."""


class Sweep:
    """Closes the windows below an incumbent, which it improves on the way; tells the run every bound."""

    def __init__(self, incumbent: Incumbent, classes: DeviceClasses, seed: int) -> None:
        self._incumbent = incumbent
        self._classes = classes
        self._seed = seed
        self._whole = WholeProblem.below(incumbent.problem, classes, incumbent.cost_s)
        self._counted = 0

    def run(self, pieces: int, effort: float) -> None:
        """Begin with `pieces` windows of `effort` deterministic seconds each, thrice that when one comes again."""
        run, whole = self._incumbent.run, self._whole
        high = self._cost() - 1 - whole.pipeline_least
        windows = Windows(whole.dp_least, high, whole.pipeline_least, pieces)
        while True:
            windows.drop_from(self._cost())
            run.bound(whole.seconds(windows.bound(self._cost())))
            if not windows.open or run.exhausted:
                return
            window = windows.take()
            outcome = self._attempt(window, effort * 3**window.attempts)
            if not outcome.closed:
                windows.put_back(window, outcome.bound)

    def _attempt(self, window: Window, effort: float) -> Outcome:
        """First briefly with a linear relaxation, then without.

        With one, CP-SAT closes windows in which the sum of all parts decides; without one, it learns several times
        faster, which closes windows where what fits together decides.
        """
        bound = 0
        for linear, share in ((True, 0.2), (False, 0.8)):
            begun = time.monotonic()
            model = build(self._whole, window, cut=self._cost())
            model.hint(self._classes.counts(self._incumbent.labels, self._whole.n_stages))
            limits = self._limits(share * effort, loading_s=time.monotonic() - begun)
            self._counted = 0
            outcome = solve(model, Manner(self._seed, linear), limits, self._on_solution)
            self._incumbent.count(self._spent(outcome.deterministic_s))
            bound = max(bound, outcome.bound)
            if outcome.closed or self._incumbent.run.exhausted:
                break
        return Outcome(outcome.closed, bound, outcome.deterministic_s)

    def _on_solution(self, counts: NDArray[np.int64], deterministic_s: float) -> None:
        self._incumbent.offer(self._classes.labels(counts), self._spent(deterministic_s))

    def _spent(self, deterministic_s: float) -> int:
        """Evaluations since they were last counted, of an attempt that has taken so much time."""
        evaluations = math.ceil(deterministic_s * EVALUATIONS_PER_S) - self._counted
        self._counted += evaluations
        return evaluations

    def _limits(self, effort: float, loading_s: float) -> Limits:
        """What is left, less the time that CP-SAT takes to load a model: about as long as building it took."""
        left = self._incumbent.run.remaining
        evaluations = math.inf if left.evaluations is None else left.evaluations
        seconds = [max(0.0, s - loading_s) for s in (left.cpu_s, left.wall_s) if s is not None]
        return Limits(min(effort, evaluations / EVALUATIONS_PER_S), min(seconds, default=None))

    def _cost(self) -> int:
        """What the incumbent costs in units."""
        return self._whole.cost(self._incumbent.grid)
