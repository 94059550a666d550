"""The shapes that are still in the race, each with the best order that it has met."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.tensor_parallel.evaluate import evaluate, score_all
from tasklet_bench.problems.tensor_parallel.shape_table import TENSOR
from tasklet_bench.strategies.shape_search.lines import find_lines, group_line, match_line, pair_seconds
from tasklet_bench.strategies.shape_search.stage_programme import plan_stages
from tasklet_bench.strategies.shape_search.walk import Memory, new_memory, walk

if TYPE_CHECKING:
    from tasklet_bench.problems.tensor_parallel import TensorParallelProblem

MOST_IDLE = 32
"""Groups that the dynamic programme passes over at most: its work grows with the square of it."""
MATCHED = 2
"""Lines along which fast groups are matched with large stages too: the host list and its reverse."""


@dataclass
class Contender:
    """A shape, its lower bound, and its best order so far with its cost (in seconds)."""

    number: int
    bound_s: float
    order: NDArray[np.int64]
    cost_s: float
    memory: Memory | None = None


class Field:
    """All contenders by rising bound, and the compiled code that places them.

    `given` is the shape of a start that the user gave, if there is one; the others begin on its order too.
    """

    def __init__(
        self, problem: TensorParallelProblem, rng: np.random.Generator, start: tuple[Any, Any] | None = None
    ) -> None:
        self._problem, self._rng = problem, rng
        self._world = problem.world
        self._pair_s = pair_seconds(problem)
        self._lines = find_lines(problem)
        self._grouped: dict[int, list[NDArray[np.int64]]] = {}
        self._parts_s = np.empty(5)
        order = np.arange(problem.devices.n_devices) if start is None else np.array(start[1], dtype=np.int64)
        bounds_s = problem.shape_bounds
        self.all = [Contender(int(k), float(bounds_s[k]), order, np.inf) for k in np.argsort(bounds_s, kind="stable")]
        self.given = [] if start is None else [c for c in self.all if c.number == int(start[0][0])]

    @property
    def most_plans(self) -> int:
        """Candidates that placing one shape scores at most."""
        return len(self._lines) + MATCHED

    def try_order(self, order: NDArray[np.int64]) -> Contender:
        """Score one order at every shape, and keep it where it is better; returns the best contender."""
        costs_s = np.empty(len(self.all))
        score_all(*self._problem.table, *self._world, order, costs_s)
        for contender in self.all:
            self._keep(contender, order, float(costs_s[contender.number]))
        return min(self.all, key=lambda contender: contender.cost_s)

    def plan(self, contender: Contender, most: int) -> int:
        """Place a shape along all lines; returns how many candidates that scored, at most `most`."""
        whole, real = self._row(contender)
        lines = self._lines_of(int(whole[TENSOR]))
        shape = self._problem.shapes[contender.number]
        for line in lines[:MATCHED][:most]:
            self.offer(contender, match_line(line, shape, self._problem))
        scored = min(most, MATCHED, len(lines))
        for line in lines[: most - scored]:
            order = np.empty_like(line)
            plan_stages(whole, real, *self._world, line, MOST_IDLE, order)
            self.offer(contender, order)
            scored += 1
        return scored

    def offer(self, contender: Contender, order: NDArray[np.int64]) -> None:
        """Score an order at one shape, and keep it if it is better."""
        whole, real = self._row(contender)
        self._keep(contender, order, float(evaluate(whole, real, *self._world, order, self._parts_s)))

    def begin(self, contender: Contender) -> None:
        """Stand at the contender's best order."""
        if contender.memory is None:
            contender.memory = new_memory(self._row(contender)[0], contender.order)
        contender.memory.order[:] = contender.order

    def walk(
        self, contender: Contender, temperatures_s: tuple[float, float], guides: tuple[float, float], moves: int
    ) -> int:
        """Walk on for so many moves; returns how many were scored."""
        whole, real = self._row(contender)
        best_s, scored = walk(
            whole, real, *self._world, contender.memory, self._rng, *temperatures_s, *guides, moves, contender.cost_s
        )
        if best_s < contender.cost_s and contender.memory is not None:
            self._keep(contender, contender.memory.best.copy(), float(best_s))
        return int(scored)

    def _keep(self, contender: Contender, order: NDArray[np.int64], cost_s: float) -> None:
        if cost_s < contender.cost_s:
            contender.order, contender.cost_s = order, cost_s

    def _row(self, contender: Contender) -> tuple[Any, Any]:
        whole, real = self._problem.table
        return whole[contender.number], real[contender.number]

    def _lines_of(self, size: int) -> list[NDArray[np.int64]]:
        if size not in self._grouped:
            self._grouped[size] = [group_line(line, size, self._pair_s) for line in self._lines]
        return self._grouped[size]
