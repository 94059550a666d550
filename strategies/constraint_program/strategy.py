"""A constraint program for CP-SAT: the strategy that can prove its result.

The direct model (one variable for the slowest group, one for each boundary) stalls far from a proof, because "the
slowest group" ties all stages together through a weak bound. Here the range of its seconds is cut into windows; in each
one asks for an allocation below the incumbent with the slowest group inside the window, and most windows are refuted in
a second or two (`windows`, `window_model`). Devices that no cost can tell
apart are counted, not named; where there are no such devices the same model has one Boolean per device and stage.

Devices that no stage takes are spares. Rules about stages are part of the model; a device of a rule is always named.

Weights are whole numbers, rounded down, so that a proof for them is a proof for the problem. One worker, a seed from
the run's stream, and deterministic time: the same seed gives the same run under a budget of evaluations.

It begins with the best of two simple allocations (devices dealt in turn, and in blocks, class after class), of a start
that is given, and, with `warm=annealing`, of a short annealing, improved by a descent of swaps. One evaluation of these
is one proposal. After that, one evaluation is one millisecond of CP-SAT's deterministic time. Models
of more than `LARGEST_MODEL` flows are
not built, nor such as too little time is left for: there, the start and the problem's bound are all.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from tasklet_bench.problems.allocation import AllocationProblem
from tasklet_bench.problems.tolerances import ROUNDED_DOWN, SAME_COST
from tasklet_bench.strategies.parameters import parameter
from tasklet_bench.strategies.run import Run
from tasklet_bench.strategies.shared.rules import refuse_rules
from tasklet_bench.strategies.strategy import Strategy

if TYPE_CHECKING:
    from tasklet_bench.problems.allocation.classes import DeviceClasses

LARGEST_MODEL = 150_000
_CLASSES_S_PER_PAIR = 2e-7
"""CPU seconds for comparing two devices, when looking for classes of them and for a bound."""


@dataclass(frozen=True)
class ConstraintProgram(Strategy):
    """The proof is the same whatever it begins with; a good incumbent makes it shorter."""

    name = "constraint-program"
    version = "2"
    uses_start = True

    model: Literal["auto", "counts", "devices"] = parameter("auto", "how devices are modelled")
    warm: Literal["annealing", "none"] = parameter("annealing", "what finds an incumbent before the proof begins")
    windows: int = parameter(8, "windows to begin with", low=1, high=64, log=True, at_least=1)
    effort: float = parameter(
        10.0, "deterministic seconds that a window may resist at first", low=0.3, high=100.0, log=True, above=0
    )

    def prepare(self) -> None:
        """Load the solver and the compiled searches, on two devices."""
        from tasklet_bench.strategies.constraint_program import solve
        from tasklet_bench.strategies.shared import warm_start

        warm_start.load(self.warm)
        solve.load()

    def search(self, problem: AllocationProblem, run: Run, rng: np.random.Generator) -> None:
        """Start from a simple allocation, then close window after window until none is open."""
        from tasklet_bench.strategies.constraint_program.sweep import Sweep
        from tasklet_bench.strategies.shared.incumbent import Incumbent
        from tasklet_bench.strategies.shared.warm_start import improve, simple

        refuse_rules(self.name, problem, keeps=("pins", "exclude", "together", "apart"))
        incumbent = Incumbent(problem, run)
        if run.start is not None:
            incumbent.adopt(run.start)
        classes = self._classes(problem, run)
        simple(incumbent, np.arange(problem.n_devices) if classes is None else classes.class_of)
        if classes is None:
            return
        if len(problem.group_sizes) == 1 and not problem.n_spares:
            run.bound(incumbent.cost_s * ROUNDED_DOWN)
            return
        improve(incumbent, self.warm, rng)
        if incumbent.cost_s * (1 - SAME_COST) > problem.bound() and _n_flows(problem, classes) <= LARGEST_MODEL:
            Sweep(incumbent, classes, seed=int(rng.integers(2**31 - 1))).run(self.windows, self.effort)

    def _classes(self, problem: AllocationProblem, run: Run) -> DeviceClasses | None:
        """The classes that the model counts; None where a quarter of the time left is too little to find them."""
        from tasklet_bench.problems.allocation.classes import DeviceClasses

        if self.model == "devices":
            return DeviceClasses.single(problem)
        left = [s for s in (run.remaining.cpu_s, run.remaining.wall_s) if s is not None]
        if _CLASSES_S_PER_PAIR * problem.n_devices**2 > 0.25 * min(left, default=math.inf):
            return None
        return DeviceClasses.find(problem)


def _n_flows(problem: AllocationProblem, classes: DeviceClasses) -> int:
    return (problem.shape.pipeline_parallel - 1) * classes.n_classes**2
