"""The cheapest pipeline whose stages all stay below a cost: from the coarsest classes to the real ones."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.allocation.compositions.counted import CountedProblem
from tasklet_bench.problems.allocation.compositions.merging import Merging, mergings
from tasklet_bench.problems.allocation.compositions.pipelines import (
    FOUND,
    GAVE_UP,
    Guide,
    Layers,
    Limits,
    Stages,
    codes,
    pipelines,
)
from tasklet_bench.problems.allocation.compositions.table import filled


@dataclass(frozen=True, eq=False)
class Outcome:
    """Steps taken, whether they were too few, and the cheapest pipeline below the budget if there is one.

    `pipeline`: units of its boundaries; `counts`, `(K, C)`: devices of each class at each stage.
    """

    steps: int
    gave_up: bool
    pipeline: int | None = None
    counts: NDArray[np.int64] | None = None


@dataclass(frozen=True, eq=False)
class Search:
    """The programme of one problem."""

    problem: CountedProblem

    def cheapest(self, dp_most: int, budget: int, steps: int, states: int) -> Outcome:
        """The cheapest pipeline of stages that cost at most `dp_most`, its boundaries below `budget` (both units).

        Gives up after so many steps, or so many states of one merging.
        """
        placed = np.arange(1, self.problem.n_stages + 1)
        table = filled(placed * self._group_size, (placed - 1) * self.problem.level[0])
        layers: Layers | None = None
        spent = 0
        for depth, merging in reversed(list(enumerate(self._mergings))):
            used = merging.up_to(dp_most)
            stages = Stages(
                merging.counts[:used], merging.sizes, self.problem.level, merging.level_of, self.problem.n_stages
            )
            limits = Limits(budget, depth == 0, steps - spent, states)
            layers = pipelines(stages, self._guide(depth, dp_most, *table), codes(merging.sizes), limits)
            spent += layers.steps
            if layers.result != FOUND:
                return Outcome(spent, layers.result == GAVE_UP)
            if depth > 0:
                table = filled(layers.used * used + layers.last, layers.paid)
        if layers is None:
            return self._of_one_class(budget)
        return Outcome(spent, False, *_best(layers, self.problem.stages))

    def _guide(self, depth: int, dp_most: int, keys: NDArray[np.int64], least: NDArray[np.int64]) -> Guide:
        """What the next coarser merging says, from its table."""
        merging = self._mergings[depth]
        coarser = self._mergings[depth + 1] if depth + 1 < len(self._mergings) else None
        if coarser is None:
            counts, level_of, weight = np.array([[self._group_size]]), np.zeros((1, 1), np.int64), np.ones(1, np.int64)
        else:
            counts, level_of = coarser.counts[: coarser.up_to(dp_most)], coarser.level_of
            weight = codes(coarser.sizes)
        weight = weight[merging.group_of]
        return Guide(merging.coarse_of, merging.member, merging.first, weight, counts, level_of, keys, least)

    @property
    def _group_size(self) -> int:
        return int(self.problem.sizes.sum()) // self.problem.n_stages

    @cached_property
    def _mergings(self) -> list[Merging]:
        return mergings(self.problem)

    def _of_one_class(self, budget: int) -> Outcome:
        pipeline = (self.problem.n_stages - 1) * int(self.problem.level[0])
        if pipeline >= budget:
            return Outcome(1, False)
        return Outcome(1, False, pipeline, np.repeat(self.problem.stages, self.problem.n_stages, axis=0))


def _best(layers: Layers, stages: NDArray[np.int64]) -> tuple[int, NDArray[np.int64]]:
    """The cheapest of the last layer, and its stages from the first to the last."""
    begin = int(layers.begins[-2])
    row = begin + int(np.argmin(layers.paid[begin:]))
    pipeline, rows = int(layers.paid[row]), []
    while row >= 0:
        rows.append(int(layers.last[row]))
        row = int(layers.parent[row])
    return pipeline, stages[rows[::-1]]


def load() -> None:
    """Load the compiled programme, by a search on two classes of two devices."""
    sizes, level_of = np.array([2, 2]), np.array([[0, 1], [1, 0]])
    stages = np.array([[2, 0], [1, 1], [0, 2]])
    dp, level = np.array([0, 1, 2]), np.array([1, 2])
    Search(CountedProblem(sizes, 2, 1.0, stages, dp, level, level_of, 0, 1)).cheapest(2, 10, 1000, 1000)
