"""An exact dynamic programme: devices counted by class, stages laid one after another, coarse classes as a guide.

What a stage pays for gradients, and what two neighbours pay at their best wiring, depend only on how many devices of
each class they have. So a pipeline is a path through compositions, and of all paths that end with one composition and
have used the same devices only the cheapest matters. Such states are many; most are dropped because the same programme
with classes merged, which is much smaller, says what the stages to come cost at least (a pattern database, as in the
search for shortest solutions of puzzles). The range of the slowest stage is cut into windows: in each, stages up to its
upper end may be used, and boundaries have what the incumbent leaves above its lower end.

It proves in a second or two what has a dozen classes, and finds better allocations on the way. Where the compositions
are too many, as where all devices differ, devices that are nearly alike are taken for alike, at the cheapest of their
links: what nothing costs less than among these is a bound, and no allocation comes of it. Too many are those that
cannot be listed in the time that is left, too. With spares or rules there is no proof. It begins with the best of
simple allocations, of a given start, and, with `warm=annealing`, of a short annealing, improved by a descent of
swaps. One evaluation of these is one proposal; after that, one evaluation is 100,000 steps of the programme, about a
millisecond.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from tasklet_bench.problems.allocation import AllocationProblem
from tasklet_bench.problems.tolerances import ROUNDED_DOWN, SAME_COST
from tasklet_bench.strategies.parameters import parameter
from tasklet_bench.strategies.shared.rules import refuse_rules
from tasklet_bench.strategies.strategy import Strategy

if TYPE_CHECKING:
    from tasklet_bench.strategies.run import Run
    from tasklet_bench.strategies.shared.incumbent import Incumbent

_MOST_DEVICES = 2048
"""Above, not even the classes are looked for."""
_LISTED_S = 4e-7
"""Seconds to list, sort and merge the count of one class in one composition, which nothing interrupts; rather slow."""
_LISTING = 0.4
"""Of the time that is left, what listing the compositions may take."""


@dataclass(frozen=True)
class DynamicProgram(Strategy):
    """The proof is the same whatever it begins with; a good incumbent makes it shorter."""

    name = "dynamic-program"
    uses_start = True

    warm: Literal["annealing", "none"] = parameter("annealing", "what finds an incumbent before the proof begins")
    windows: int = parameter(8, "windows to begin with", low=1, high=64, log=True, at_least=1)

    def prepare(self) -> None:
        """Load the compiled searches and the programme, on two devices."""
        from tasklet_bench.problems.allocation.compositions.search import load
        from tasklet_bench.strategies.shared import warm_start

        load()  # what no other strategy needs comes first, for whoever compiles the rest in another process meanwhile
        warm_start.load(self.warm)

    def search(self, problem: AllocationProblem, run: Run, rng: np.random.Generator) -> None:
        """Start from a simple allocation, then close window after window until none is open."""
        from tasklet_bench.strategies.shared.incumbent import Incumbent
        from tasklet_bench.strategies.shared.warm_start import improve, simple

        refuse_rules(self.name, problem)
        incumbent = Incumbent(problem, run)
        if run.start is not None:
            incumbent.adopt(run.start)
        simple(incumbent, np.arange(problem.n_devices))
        if len(problem.group_sizes) == 1 and not problem.n_spares:
            run.bound(incumbent.cost_s * ROUNDED_DOWN)
            return
        improve(incumbent, self.warm, rng)
        if incumbent.cost_s * (1 - SAME_COST) > problem.bound():
            self._prove(incumbent)

    def _prove(self, incumbent: Incumbent) -> None:
        from tasklet_bench.problems.allocation.classes import DeviceClasses
        from tasklet_bench.problems.allocation.compositions.counted import CountedProblem, TooMany
        from tasklet_bench.problems.allocation.compositions.relaxing import FEW_COMPOSITIONS, relaxed
        from tasklet_bench.strategies.dynamic_program.sweep import Sweep

        problem = incumbent.problem
        if problem.n_spares or problem.rules or problem.n_devices > _MOST_DEVICES:
            return
        classes = DeviceClasses.find(problem)
        most = _listable(incumbent.run, classes.n_classes)
        try:
            counted = CountedProblem.below(problem, classes, incumbent.cost_s, most)
        except TooMany:
            classes = relaxed(classes, problem.shape.data_parallel, min(FEW_COMPOSITIONS, most))
            counted = CountedProblem.below(problem, classes, incumbent.cost_s)
            Sweep(incumbent, classes, counted, self.windows, relaxed=True).run()
        else:
            Sweep(incumbent, classes, counted, self.windows).run()


def _listable(run: Run, n_classes: int) -> int:
    """How many compositions can be listed in the time that is left; all that can be listed at all without a clock."""
    from tasklet_bench.problems.allocation.compositions.counted import MOST_COMPOSITIONS

    clocks = [seconds for seconds in (run.remaining.cpu_s, run.remaining.wall_s) if seconds is not None]
    affordable = [int(_LISTING * seconds / (_LISTED_S * n_classes)) for seconds in clocks]
    return max(1, min([MOST_COMPOSITIONS, *affordable]))
