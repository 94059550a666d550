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
from tasklet_bench.strategies.shape_search.walk import Memory, new_memory, stand, walk

if TYPE_CHECKING:
    from tasklet_bench.problems.tensor_parallel import TensorParallelProblem

MOST_IDLE = 32
"""Groups that the dynamic programme passes over at most: its work grows with the square of it."""


@dataclass
class Contender:
    """A shape, its lower bound, and its best order so far with its cost (in seconds)."""

    number: int
    bound_s: float
    order: NDArray[np.int64]
    cost_s: float
    memory: Memory | None = None


class Field:
    """All contenders, and the compiled code that places them."""

    def __init__(self, problem: TensorParallelProblem, rng: np.random.Generator) -> None:
        self._problem, self._rng = problem, rng
        devices = problem.devices
        self._world = (problem.model.layers, problem.rates, devices.delay_s, devices.bandwidth_bytes_s)
        self._pair_s = pair_seconds(problem)
        self._lines = find_lines(problem)
        self._grouped: dict[int, list[NDArray[np.int64]]] = {}
        self._parts_s = np.empty(5)
        host = np.arange(devices.n_devices)
        bounds_s = problem.shape_bounds
        self.all = [Contender(int(k), float(bounds_s[k]), host, np.inf) for k in np.argsort(bounds_s, kind="stable")]

    def try_order(self, order: NDArray[np.int64]) -> None:
        """Score one order at every shape, and keep it where it is better."""
        costs_s = np.empty(len(self.all))
        score_all(*self._problem.table, *self._world, order, costs_s)
        for contender in self.all:
            if costs_s[contender.number] < contender.cost_s:
                contender.order, contender.cost_s = order, float(costs_s[contender.number])

    def plan(self, contender: Contender) -> int:
        """Place a shape along all lines by the dynamic programme; returns how many candidates that scored."""
        whole, real = self._row(contender)
        lines = self._lines_of(int(whole[TENSOR]))
        for i, line in enumerate(lines):
            order = np.empty_like(line)
            plan_stages(whole, real, *self._world, line, MOST_IDLE, order)
            self._offer(contender, order)
            if i < 2:
                matched = match_line(line, self._problem.shapes[contender.number], self._problem)
                self._offer(contender, matched)
        return len(lines) + min(2, len(lines))

    def begin(self, contender: Contender) -> None:
        """Stand at the contender's best order."""
        if contender.memory is None:
            whole, _ = self._row(contender)
            contender.memory = new_memory(whole, contender.order)
        contender.memory.order[:] = contender.order
        contender.memory.best[:] = contender.order

    def walk(self, contender: Contender, temperatures_s: tuple[float, float], guides: tuple[float, float], moves: int) -> int:
        """Walk on for so many moves; returns how many were scored."""
        assert contender.memory is not None  # noqa: S101 - begin made it
        whole, real = self._row(contender)
        best_s, scored = walk(
            whole, real, *self._world, contender.memory, self._rng, *temperatures_s, *guides, moves, contender.cost_s
        )
        if best_s < contender.cost_s:
            contender.order, contender.cost_s = contender.memory.best.copy(), float(best_s)
        return int(scored)

    def _row(self, contender: Contender) -> tuple[Any, Any]:
        whole, real = self._problem.table
        return whole[contender.number], real[contender.number]

    def _lines_of(self, size: int) -> list[NDArray[np.int64]]:
        if size not in self._grouped:
            self._grouped[size] = [group_line(line, size, self._pair_s) for line in self._lines]
        return self._grouped[size]

    def _offer(self, contender: Contender, order: NDArray[np.int64]) -> None:
        whole, real = self._row(contender)
        cost_s = evaluate(whole, real, *self._world, order, self._parts_s)
        if cost_s < contender.cost_s:
            contender.order, contender.cost_s = order, float(cost_s)
