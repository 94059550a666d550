"""The proof in progress: window after window, until none is open or the budget is spent."""

from __future__ import annotations

import math
import time

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.allocation.classes import DeviceClasses
from tasklet_bench.strategies.constraint_program.integer_problem import WholeProblem
from tasklet_bench.strategies.constraint_program.solve import Limits, Manner, Outcome, solve
from tasklet_bench.strategies.constraint_program.window_model import WindowModel, build, n_terms
from tasklet_bench.strategies.constraint_program.windows import Window, Windows
from tasklet_bench.strategies.shared.incumbent import Incumbent

EVALUATIONS_PER_S = 1000
"""One evaluation is one millisecond of deterministic time."""
_S_PER_TERM = 3e-5
"""Seconds for building a model, over its size, until one is built; on the generous side."""
_LOADING = 2
"""Once it is built, CP-SAT takes up to so many times as long to load a model, in which it may look at no clock."""


class Sweep:
    """Closes the windows below an incumbent, which it improves on the way; tells the run every bound."""

    def __init__(self, incumbent: Incumbent, classes: DeviceClasses, seed: int) -> None:
        self._incumbent = incumbent
        self._classes = classes
        self._seed = seed
        self._whole = WholeProblem.below(incumbent.problem, classes, incumbent.cost_s)
        self._counted = 0
        self._cpu_s_per_term = self._wall_s_per_term = _S_PER_TERM

    def run(self, pieces: int, effort: float) -> None:
        """Begin with `pieces` windows of `effort` deterministic seconds each, thrice that when one comes again.

        Ends where too little time is left for the model of the next window.
        """
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
            if outcome is None:
                return
            if not outcome.closed:
                windows.put_back(window, outcome.bound)

    def _attempt(self, window: Window, effort: float) -> Outcome | None:
        """First briefly with a linear relaxation, then without; None where no time is left for that.

        With one, CP-SAT closes windows in which the sum of all parts decides; without one, it learns several times
        faster, which closes windows where what fits together decides.
        """
        outcome, bound = None, 0
        for linear, share in ((True, 0.2), (False, 0.8)):
            if not self._has_time_for(window):
                break
            model = self._model(window)
            self._counted = 0
            outcome = solve(model, Manner(self._seed, linear), self._limits(share * effort, window), self._on_solution)
            self._incumbent.count(max(1, self._spent(outcome.deterministic_s)))
            bound = max(bound, outcome.bound)
            if outcome.closed or self._incumbent.run.exhausted:
                break
        return outcome and Outcome(outcome.closed, bound, outcome.deterministic_s)

    def _model(self, window: Window) -> WindowModel:
        """The window's model below the incumbent, with that as a hint; takes note of how long it took."""
        cpu_s, wall_s = time.process_time(), time.monotonic()
        model = build(self._whole, window, cut=self._cost())
        model.hint(self._classes.counts(self._incumbent.labels, self._whole.n_stages))
        terms = n_terms(self._whole, window, self._cost())
        self._cpu_s_per_term = (time.process_time() - cpu_s) / terms
        self._wall_s_per_term = (time.monotonic() - wall_s) / terms
        return model

    def _on_solution(self, counts: NDArray[np.int64], deterministic_s: float) -> None:
        self._incumbent.offer(self._classes.labels(counts), self._spent(deterministic_s))

    def _spent(self, deterministic_s: float) -> int:
        """Evaluations since they were last counted, of an attempt that has taken so much time."""
        evaluations = math.ceil(deterministic_s * EVALUATIONS_PER_S) - self._counted
        self._counted += evaluations
        return evaluations

    def _limits(self, effort: float, window: Window) -> Limits:
        """What is left, less what loading the model of a window takes."""
        left = self._incumbent.run.remaining.evaluations
        evaluations = math.inf if left is None else left
        wall_s = self._spare_s(window, _LOADING)
        return Limits(min(effort, evaluations / EVALUATIONS_PER_S), None if wall_s is None else max(0.0, wall_s))

    def _has_time_for(self, window: Window) -> bool:
        """Whether the model of a window can be built and loaded, and a moment is left for solving it."""
        spare_s = self._spare_s(window, 1.5 + _LOADING)
        return spare_s is None or spare_s > 0

    def _spare_s(self, window: Window, times: float) -> float | None:
        """Seconds left, less so many times what building the model of a window takes; None without a limit.

        CPU or wall seconds, whichever are fewer: one worker takes no more of the former than of the latter.
        """
        left, terms = self._incumbent.run.remaining, n_terms(self._whole, window, self._cost())
        clocks = ((left.cpu_s, self._cpu_s_per_term), (left.wall_s, self._wall_s_per_term))
        return min((s - times * terms * s_per_term for s, s_per_term in clocks if s is not None), default=None)

    def _cost(self) -> int:
        """What the incumbent costs in units."""
        return self._whole.cost(self._incumbent.grid)
