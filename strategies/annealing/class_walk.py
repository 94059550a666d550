"""The loop of annealing on the ordered state by classes, and the walker that runs it for a strategy.

How much dearer a move may be is drawn before it is scored; what is refused unscored counts as no evaluation.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.allocation import Allocation
from tasklet_bench.problems.allocation.classes import DeviceClasses
from tasklet_bench.problems.allocation.site_level import SiteLevelProblem
from tasklet_bench.problems.allocation.site_level.packing import pack_classes, rank_types_in_use
from tasklet_bench.problems.compiled import jit
from tasklet_bench.problems.workload import Shape
from tasklet_bench.strategies.annealing.class_moves import MADE, NO_MOVE, REFUSED, reorder, swap
from tasklet_bench.strategies.annealing.class_state import (
    assign_devices,
    new_class_state,
    stand,
    sum_anew,
)

ORDER_MOVES = 0.2
"""How often two stages change places, or a run of them is turned round, in place of two devices."""
Labels = NDArray[np.int64]


class ClassWalker:
    """A state by classes that walks among the allocations of a problem."""

    def __init__(self, problem: SiteLevelProblem, rng: np.random.Generator, credit: float) -> None:
        self.problem, self._rng, self._credit = problem, rng, credit
        self._ready = problem.class_pack
        self._state = new_class_state(self._ready)
        stages_or_spares = problem.shape.pipeline_parallel > 1 or problem.n_spares > 0
        self.can_move = stages_or_spares and problem.classes.n_classes > 1

    @property
    def cost_s(self) -> float:
        """Cost of the state in its order, at its best wiring (in seconds)."""
        return float(self._state.tree_s[1] + self._state.pipeline_s[0])

    @property
    def allocation(self) -> Allocation:
        """An allocation that the state stands for, in its order."""
        labels = np.zeros(self.problem.n_devices, dtype=np.int64)
        assign_devices(self._ready, self._state, labels)
        return self.problem.wire_in_order(labels)

    def begin(self, labels: Labels) -> None:
        """Stand at labels `(N,)`, with group j at stage j."""
        stand(self._ready, self._state, labels)

    def mean_rise_s(self, proposals: int) -> tuple[float, int]:
        """Mean change of the guided cost by a random move (in seconds), and how many were scored; none is made."""
        scored, _, _, change_s = walk(
            self._ready, self._state, self._rng, np.inf, 0.0, self._credit, proposals, proposals, False
        )
        return change_s / max(scored, 1), scored

    def walk(self, temperature_s: float, stages: float, evaluations: int, proposals: int) -> tuple[int, int]:
        """Walk at one temperature; `stages` is the weight of the mean stage.

        It ends after so many moves that are scored, or so many proposals. Returns how many moves were scored, and how
        many refused unscored.
        """
        sum_anew(self._ready, self._state)
        scored, refused, _, _ = walk(
            self._ready, self._state, self._rng, temperature_s, stages, self._credit, evaluations, proposals, True
        )
        return scored, refused


def load() -> None:
    """Compile or load the walk for the types of ranks of problems kept by site, by a walk of two devices."""
    matrix, labels = np.array([[0.0, 1.0], [1.0, 0.0]]), np.arange(2)
    classes = DeviceClasses(labels, np.ones(2, dtype=np.int64), matrix, matrix)
    for rank_type in rank_types_in_use():
        ready = pack_classes(classes, Shape(1, 2), rank_type)
        state = new_class_state(ready)
        stand(ready, state, labels)
        walk(ready, state, np.random.default_rng(0), 1.0, 1.0, 1.0, 1, 4, True)
        assign_devices(ready, state, labels)


@jit(allocates=False)
def walk(ready, state, rng, temperature_s, stages, credit, evaluations, proposals, moving):  # type: ignore[no-untyped-def]
    """Make proposals at one temperature, and the moves among them that are accepted if `moving`.

    Returns how many were scored, how many refused unscored, how many made, and the sum of all changes (in seconds).
    """
    scored = refused = made = 0
    change_s = 0.0
    for _ in range(proposals):
        if scored >= evaluations:
            break
        limit_s = temperature_s * -np.log(1.0 - rng.random())
        if len(state.level) and rng.random() < ORDER_MOVES:
            what, rise_s = reorder(ready, state, rng, limit_s, credit, moving)
        else:
            what, rise_s = swap(ready, state, rng, limit_s, stages, credit, moving)
        if what == REFUSED:
            refused += 1
        elif what != NO_MOVE:
            scored += 1
            change_s += abs(rise_s)
            made += what == MADE
    return scored, refused, made, change_s
