"""A constraint program for CP-SAT: the strategy that can prove its result.

The direct model (one variable for the slowest group, one for each boundary) stalls far from a proof, because "the
slowest group" ties all stages together through a weak bound. Here the range of its seconds is cut into windows; in each
one asks for an allocation below the incumbent with the slowest group inside the window, and most windows are refuted in
a second or two (`strategies.cp_models.windows`, `strategies.cp_models.window_model`). Devices that no cost can tell
apart are counted, not named; where there are no such devices the same model has one Boolean per device and stage.

Weights are whole numbers, rounded down, so that a proof for them is a proof for the problem. One worker, a seed from
the run's stream, and deterministic time: the same seed gives the same run under a budget of evaluations. The start is
the best of two simple allocations (devices dealt in turn, and in blocks, class after class), improved by a descent of
swaps; one evaluation of it is one proposal. After that, one evaluation is one millisecond of CP-SAT's deterministic
time. Models of more than `LARGEST_MODEL` flows are not built: there, the start and the problem's bound are all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from problems.allocation import AllocationProblem
from strategies.run import Run
from strategies.strategy import Strategy

if TYPE_CHECKING:
    from problems.allocation.classes import DeviceClasses
    from strategies.cp_models.incumbent import Incumbent

MOST_SWAPS = 100_000
LARGEST_MODEL = 150_000


@dataclass(frozen=True)
class ConstraintProgram(Strategy):
    """Parameters: how devices are modelled, how many windows to begin with, how long one may resist (both coarse)."""

    name = "constraint-program"
    model: Literal["auto", "counts", "devices"] = "auto"
    windows: int = 8
    effort: float = 10.0

    def __post_init__(self) -> None:
        if self.windows < 1:
            raise ValueError(f"windows is {self.windows}, expected at least 1")
        if not self.effort > 0:
            raise ValueError(f"effort is {self.effort}, expected seconds above 0")

    def prepare(self) -> None:
        """Load the solver and the compiled descent, on two devices."""
        from strategies.compiled import descent
        from strategies.cp_models import solve

        descent.load()
        solve.load()

    def search(self, problem: AllocationProblem, run: Run, rng: np.random.Generator) -> None:
        """Start from a simple allocation, then close window after window until none is open."""
        from strategies.cp_models.incumbent import Incumbent
        from strategies.cp_models.sweep import Sweep

        classes = self._classes(problem)
        incumbent = Incumbent(problem, run)
        _start(incumbent, classes, rng)
        if len(problem.group_sizes) == 1:
            run.bound(incumbent.cost_s * (1 - 1e-12))
        elif incumbent.cost_s * (1 - 1e-9) <= problem.bound():
            return
        elif (len(problem.group_sizes) - 1) * classes.n_classes**2 <= LARGEST_MODEL:
            Sweep(incumbent, classes, seed=int(rng.integers(2**31 - 1))).run(self.windows, self.effort)

    def _classes(self, problem: AllocationProblem) -> DeviceClasses:
        from problems.allocation.classes import DeviceClasses

        return DeviceClasses.single(problem) if self.model == "devices" else DeviceClasses.found(problem)


def _start(incumbent: Incumbent, classes: DeviceClasses, rng: np.random.Generator) -> None:
    """Two simple allocations, the better one improved by swaps that take at most half of the evaluations."""
    from strategies.compiled.descent import descend

    problem, run = incumbent.problem, incumbent.run
    n, k = problem.shape.n_devices, problem.shape.pipeline_parallel
    by_class = np.argsort(classes.class_of, kind="stable")
    for stages in (np.arange(n) % k, np.arange(n) // problem.shape.data_parallel):
        labels = np.empty(n, dtype=np.int64)
        labels[by_class] = stages
        incumbent.offer(labels, evaluations=1)
    left = run.remaining.evaluations
    labels, spent = descend(problem, incumbent.labels, rng, MOST_SWAPS if left is None else min(MOST_SWAPS, left // 2))
    incumbent.offer(labels, spent)
