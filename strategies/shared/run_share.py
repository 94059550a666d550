"""A share of a run: what one strategy lets another one spend of its budget."""

from __future__ import annotations

from tasklet_bench.problems.problem import Candidate
from tasklet_bench.strategies.run import BudgetExhausted, Remaining, Run


class Share:
    """A `Run` over another, which it ends after a `share` of what that has left, or after so many evaluations."""

    def __init__(self, run: Run, share: float, evaluations: int) -> None:
        left = run.remaining
        self._run = run
        self._whole = evaluations if left.evaluations is None else min(evaluations, int(share * left.evaluations))
        self._evaluations = self._whole
        self._seconds = tuple(None if s is None else share * s for s in (left.cpu_s, left.wall_s))
        self._kept = tuple(None if s is None else (1 - share) * s for s in (left.cpu_s, left.wall_s))

    def evaluate(self, candidate: Candidate) -> float:
        """Score and count one, as the run does; see `strategies.run.Run.evaluate`."""
        return self._counted(1, self._run.evaluate(candidate)) if not self.exhausted else self._refuse(1)

    def submit(self, candidate: Candidate, evaluations: int, refused: int = 0) -> float:
        """Hand in, as to the run; see `strategies.run.Run.submit`."""
        if evaluations > self._evaluations:
            self._refuse(evaluations)
        return self._counted(evaluations, self._run.submit(candidate, evaluations, refused))

    def bound(self, value: float) -> None:
        """Report to the run."""
        self._run.bound(value)

    @property
    def start(self) -> Candidate | None:
        """What the run begins from."""
        return self._run.start

    @property
    def incumbent(self) -> Candidate | None:
        """The run's."""
        return self._run.incumbent

    @property
    def exhausted(self) -> bool:
        """Whether the share is spent, or the run is."""
        return self.progress >= 1 or self._run.exhausted

    @property
    def remaining(self) -> Remaining:
        """What is left of the share."""
        cpu_s, wall_s = self._seconds_left()
        return Remaining(self._evaluations, cpu_s, wall_s)

    @property
    def progress(self) -> float:
        """How much of the share is spent, in [0, 1]."""
        spent = [1 - self._evaluations / self._whole if self._whole else 1.0]
        for left, whole in zip(self._seconds_left(), self._seconds, strict=True):
            if left is not None and whole is not None:
                spent.append(1 - left / whole if whole > 0 else 1.0)
        return max(spent)

    def _seconds_left(self) -> tuple[float | None, float | None]:
        left = self._run.remaining
        cpu_s, wall_s = (
            None if s is None or kept is None else max(0.0, s - kept)
            for s, kept in zip((left.cpu_s, left.wall_s), self._kept, strict=True)
        )
        return cpu_s, wall_s

    def _counted(self, evaluations: int, cost_s: float) -> float:
        self._evaluations -= evaluations
        return cost_s

    def _refuse(self, evaluations: int) -> float:
        raise BudgetExhausted(f"{evaluations} evaluations were asked of a share that has {self._evaluations} left")
