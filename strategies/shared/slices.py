"""How a search of compiled slices goes through its budget: by a fixed count, or by clocks that it learns from."""

from __future__ import annotations

from tasklet_bench.strategies.run import Run

SLICES = 60
"""Temperatures of a cooling, where its slices are not too short for that."""
SHORTEST_SLICE, LONGEST_SLICE = 50, 200_000
"""Scans of a slice under a budget of seconds, the latter over N: handing over to compiled code takes as long as ten."""
SCANS_PER_EVALUATION = 50
"""Scans of a slice at most for each of its evaluations, where those are counted."""
SLOW_S = 1e-6
"""CPU seconds of an evaluation, over the number of devices: on the high side, to tell which budget ends the run."""
UNLIMITED = 2**62
LEAST_STEP = 1e-9
"""The least that a clock is taken to have moved, as a share of the budget."""


class Slices:
    """Slices of a run's budget.

    Where evaluations end the run, a slice has a fixed number of them and no clock is looked at, so that a seed gives
    one result; it counts in full even if its scans are over before. Where seconds end the run, slices are as long as
    the last ones turned out to take.
    """

    def __init__(self, run: Run, n_devices: int) -> None:
        left = run.remaining
        seconds = min((s for s in (left.cpu_s, left.wall_s) if s is not None), default=float("inf"))
        self.counted = left.evaluations is not None and left.evaluations * n_devices * SLOW_S < seconds
        self._run, self._evaluations = run, left.evaluations or 1
        self.one_evaluation = 1.0 / self._evaluations
        self._longest = max(SHORTEST_SLICE, LONGEST_SLICE // n_devices)
        self._scans, self._begun = float(SHORTEST_SLICE), 0.0

    @property
    def progress(self) -> float:
        """How much of the budget is spent, in [0, 1]; of the evaluations alone where they end the run."""
        if not self.counted:
            return self._run.progress
        return 1.0 - (self._run.remaining.evaluations or 0) / self._evaluations

    def next(self, span: float) -> tuple[int, int]:
        """Evaluations and scans of the next slice of a span, which is a share of the budget."""
        left = self._run.remaining.evaluations
        if self.counted:
            wanted = min(left or 0, max(1, round(span * self._evaluations / SLICES)))
            return wanted, SCANS_PER_EVALUATION * wanted
        self._begun = self._run.progress
        return UNLIMITED if left is None else left, int(self._scans)

    def took(self, span: float, scans: int) -> None:
        """Learn from the slice of a span that has been walked."""
        share = (self._run.progress - self._begun) * SLICES / span
        wanted = scans * min(2.0, max(0.5, 1.0 / max(share, LEAST_STEP)))
        self._scans = min(self._longest, max(SHORTEST_SLICE, wanted))
