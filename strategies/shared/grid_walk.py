"""A walk on whole grids in simulated seconds, compiled, and the walker that runs it for a strategy."""

from __future__ import annotations

import math
import sys
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.allocation import Allocation
from tasklet_bench.problems.compiled import jit
from tasklet_bench.problems.iteration_time.evaluate import make_scratch
from tasklet_bench.problems.iteration_time.memory import excess_bytes
from tasklet_bench.problems.iteration_time.moves import (
    evaluate_state,
    keep,
    new_state,
    reevaluate,
    reverse_stages,
    swap_cells,
    swap_tails,
    undo,
)
from tasklet_bench.problems.iteration_time.starts import fit_layers

if TYPE_CHECKING:
    from tasklet_bench.problems.iteration_time import IterationTimeProblem

TAILS, REVERSALS = 0.12, 0.03
"""Shares of moves that let two pipelines change their tails, and that turn a segment of stages round."""
SWAP, TAIL, REVERSAL = 0, 1, 2
TRIES = 20
"""Draws of a pair of devices until it is one that can change the seconds."""


class GridWalker:
    """A grid with its layers that walks among the allocations of a problem, and the best one that it has met."""

    def __init__(self, problem: IterationTimeProblem, rng: np.random.Generator) -> None:
        self._problem, self._rng = problem, rng
        self._layers: tuple[int, ...] | None = None
        self._best_layers: tuple[int, ...] | None = None
        d, k = problem.shape.data_parallel, problem.shape.pipeline_parallel
        self._tables = problem.evaluator.tables(None if problem.layers == "equal" else _any_layers(problem))
        self._scratch = make_scratch(self._tables, d)
        self._state = new_state(self._tables, np.arange(d * k).reshape(d, k))
        self._kind = interchangeable_devices(problem)
        self._fits = np.ones((k, d * k), dtype=np.bool_)
        self._best_grid = self._state.grid.copy()
        self.cost_s, self.best_s = np.inf, np.inf
        self.can_move = int(self._kind.max()) > 0

    @property
    def best(self) -> Allocation:
        """The best allocation that the walk has met since `begin`."""
        return Allocation(self._best_grid, self._best_layers)

    @property
    def current(self) -> Allocation:
        """Where the walk stands."""
        return Allocation(self._state.grid, self._layers)

    def begin(self, allocation: Allocation) -> float:
        """Stand at an allocation; it is the best so far. Returns its seconds, infinite where memory is lacking."""
        self._state.grid[:] = allocation.grid
        self._use(allocation.layers)
        self.cost_s = self._evaluate()
        self.best_s = self.cost_s
        self._note_best()
        return self.cost_s

    def mean_rise_s(self, evaluations: int) -> tuple[float, int]:
        """Mean change by a random swap (in seconds), and how many were scored."""
        rise_s, scored = mean_rise_s(
            self._tables, self._scratch, self._state, self._kind, self._fits, self._rng, self.cost_s, evaluations
        )
        return float(rise_s), int(scored)

    def walk(self, temperature_s: float, moves: int, only: NDArray[np.bool_] | None = None) -> int:
        """Try so many moves at one temperature, of flagged cells `(N,)` alone if given; returns how many are scored."""
        cells = np.ones(self._state.grid.size, dtype=np.bool_) if only is None else only
        scored, self.cost_s, best_s = walk(
            self._tables,
            self._scratch,
            self._state,
            self._kind,
            self._fits,
            self._rng,
            np.flatnonzero(cells),
            temperature_s,
            moves,
            self.cost_s,
            self.best_s,
            self._best_grid,
        )
        if best_s < self.best_s:
            self.best_s, self._best_layers = float(best_s), self._layers
        self.cost_s = float(self.cost_s)
        return int(scored)

    def move_layer(self, temperature_s: float) -> int:
        """Let one layer change its stage, at a temperature; returns how many allocations were scored."""
        if self._layers is None or self._problem.n_layers == len(self._layers):
            return 0
        layers = list(self._layers)
        givers = [stage for stage, held in enumerate(layers) if held > self._problem.options.held_chunks]
        if not givers:
            return 0
        giver = givers[int(self._rng.random() * len(givers))]
        taker = (giver + 1 + int(self._rng.random() * (len(layers) - 1))) % len(layers)
        layers[giver] -= 1
        layers[taker] += 1
        return self._try_layers(tuple(layers), temperature_s)

    def fit_layers(self) -> int:
        """Take the layers that are best for the grid without communication, if that is no slower."""
        if self._layers is None:
            return 0
        return self._try_layers(fit_layers(self._problem, self._state.grid), 0.0)

    def _try_layers(self, layers: tuple[int, ...], temperature_s: float) -> int:
        before, before_s = self._layers, self.cost_s
        if layers == before:
            return 0
        self._use(layers)
        self.cost_s = self._evaluate()
        if self.cost_s <= before_s - temperature_s * math.log(1.0 - self._rng.random()):
            if self.cost_s < self.best_s:
                self.best_s = self.cost_s
                self._note_best()
            return 1
        self._use(before)
        self.cost_s = self._evaluate()
        return 2

    def _use(self, layers: tuple[int, ...] | None) -> None:
        if layers != self._layers or layers is None:
            self._tables = self._problem.evaluator.tables(layers)
        self._layers = layers
        if self._problem.options.memory == "required":
            self._fits = excess_bytes(self._problem.formal, self._problem.options, layers) == 0

    def _evaluate(self) -> float:
        stages = np.arange(self._state.grid.shape[1])
        if not self._fits[stages, self._state.grid].all():
            return math.inf
        return float(evaluate_state(self._tables, self._scratch, self._state))

    def _note_best(self) -> None:
        self._best_grid[:], self._best_layers = self._state.grid, self._layers


def load_if_in_use() -> None:
    """Compile or load the walk where this process has imported whole grids' seconds, which not all problems take."""
    if "tasklet_bench.problems.iteration_time.problem" in sys.modules:
        load()


def load() -> None:
    """Compile or load the walk."""
    from tasklet_bench.problems.allocation import AllocationProblem
    from tasklet_bench.problems.iteration_time import IterationTimeProblem
    from tasklet_bench.problems.topology import Site, Topology
    from tasklet_bench.problems.workload import Shape, Workload

    topology = Topology((Site("here", 2),), np.array([[0.0, 1.0], [2.0, 0.0]]), np.ones((2, 2)))
    formal = AllocationProblem("two devices", topology, Workload(1.0, 1.0), Shape(1, 2))
    problem = IterationTimeProblem.wrap(formal, wiring="free")
    walker = GridWalker(problem, np.random.default_rng(0))
    walker.begin(Allocation([[0, 1]]))
    walker.mean_rise_s(1)
    walker.walk(1.0, 1)
    problem.cost(np.arange(2))


def interchangeable_devices(problem: IterationTimeProblem) -> NDArray[np.int64]:
    """A number for each device, shape `(N,)`, the same for devices that can change places without any difference."""
    tables = problem.evaluator.tables(None if problem.layers == "equal" else _any_layers(problem))
    n = problem.shape.n_devices
    memory = excess_bytes(problem.formal, problem.options) if problem.options.memory == "required" else np.zeros((1, n))
    own = np.vstack([tables.row_seconds, tables.update_s, memory])
    matrices = (tables.delay_s, tables.bandwidth_bytes_s)
    kind = np.full(n, -1, dtype=np.int64)
    firsts: list[int] = []
    for device in range(n):
        for number, first in enumerate(firsts):
            others = np.ones(n, dtype=bool)
            others[[device, first]] = False
            if (own[:, device] == own[:, first]).all() and all(
                matrix[device, first] == matrix[first, device]
                and (matrix[device, others] == matrix[first, others]).all()
                and (matrix[others, device] == matrix[others, first]).all()
                for matrix in matrices
            ):
                kind[device] = number
                break
        else:
            kind[device] = len(firsts)
            firsts.append(device)
    return kind


def _any_layers(problem: IterationTimeProblem) -> tuple[int, ...]:
    from tasklet_bench.problems.profile import even_layers

    return even_layers(problem.n_layers, problem.shape.pipeline_parallel)


@jit
def walk(  # type: ignore[no-untyped-def]
    tables, scratch, state, kind, fits, rng, cells, temperature_s, moves, cost_s, best_s, best_grid
):
    """Try moves; one that is no slower than by a drawn amount is kept. Returns how many were scored, cost and best.

    A move whose seconds pass that amount is given up as soon as they do, and counts all the same.
    """
    d, k = state.grid.shape
    scored = 0
    for _ in range(moves):
        limit_s = cost_s - temperature_s * math.log(1.0 - rng.random())
        what, first, second, third = SWAP, 0, 0, 0
        draw = rng.random()
        if len(cells) == d * k and draw < REVERSALS and k > 1:
            what = REVERSAL
            first, second = int(rng.random() * k), int(rng.random() * k)
            first, second = min(first, second), max(first, second)
        elif len(cells) == d * k and draw < REVERSALS + TAILS and d > 1 and k > 1:
            what = TAIL
            first, second = int(rng.random() * d), int(rng.random() * d)
            third = 1 + int(rng.random() * (k - 1))
        else:
            first, second = draw_pair(state, kind, rng, cells)
        if first == second:
            continue
        make_move(state, what, first, second, third)
        iteration_s = np.inf
        if fit(state, fits):
            iteration_s = reevaluate(tables, scratch, state, limit_s)
            scored += 1
        else:
            state.rows[:] = False
        if iteration_s <= limit_s:
            keep(state)
            cost_s = iteration_s
            if cost_s < best_s:
                best_s = cost_s
                for row in range(d):
                    for stage in range(k):
                        best_grid[row, stage] = state.grid[row, stage]
        else:
            undo(state)
            make_move(state, what, first, second, third)
            state.rows[:], state.columns[:] = False, False
    return scored, cost_s, best_s


@jit
def mean_rise_s(tables, scratch, state, kind, fits, rng, cost_s, evaluations):  # type: ignore[no-untyped-def]
    """By how much a random swap changes the seconds, on average, and how many were scored."""
    cells = np.arange(state.grid.size)
    total_s, scored = 0.0, 0
    for _ in range(evaluations):
        a, b = draw_pair(state, kind, rng, cells)
        if a == b:
            continue
        swap_cells(state, a, b)
        if fit(state, fits):
            total_s += abs(reevaluate(tables, scratch, state, np.inf) - cost_s)
            scored += 1
            undo(state)
        swap_cells(state, a, b)
        state.rows[:], state.columns[:] = False, False
    return total_s / max(scored, 1), scored


@jit
def draw_pair(state, kind, rng, cells):  # type: ignore[no-untyped-def]
    """Two cells whose devices differ in kind; the same cell twice if none was drawn."""
    k = state.grid.shape[1]
    for _ in range(TRIES):
        a, b = cells[int(rng.random() * len(cells))], cells[int(rng.random() * len(cells))]
        if kind[state.grid[a // k, a % k]] != kind[state.grid[b // k, b % k]]:
            return a, b
    return 0, 0


@jit
def make_move(state, what, first, second, third):  # type: ignore[no-untyped-def]
    """Make a move in the grid, or take it back."""
    if what == SWAP:
        swap_cells(state, first, second)
    elif what == TAIL:
        swap_tails(state, first, second, third)
    else:
        reverse_stages(state, first, second)


@jit
def fit(state, fits):  # type: ignore[no-untyped-def]
    """Whether every device has the memory for its stage, among flagged rows and columns."""
    for row in range(state.grid.shape[0]):
        if state.rows[row]:
            for stage in range(state.grid.shape[1]):
                if state.columns[stage] and not fits[stage, state.grid[row, stage]]:
                    return False
    return True
