"""The loop of simulated annealing on the ordered state of the kernels, and the walker that runs it for a strategy.

How much dearer a move may be is drawn before anything is scored, so that most moves are refused by their lower bound
(`annealing.moves`). Only moves that are scored count as evaluations; those refused are counted apart. The acceptance
sees a guided cost; what is kept as best goes by the cost alone.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.allocation import AllocationProblem
from tasklet_bench.problems.allocation.classes import class_of_devices
from tasklet_bench.problems.allocation.kernels import Pack, new_state, pack, put_in_order, rollback, start
from tasklet_bench.problems.allocation.kernels.ordered_state import State
from tasklet_bench.problems.allocation.kernels.packing import Ints, pack_matrices, rank_types_in_use
from tasklet_bench.problems.compiled import jit
from tasklet_bench.strategies.annealing.moves import boundaries_rise_s, prepare, propose, relieve, turn, visit
from tasklet_bench.strategies.annealing.swap_bounds import SwapBounds, new_bounds, rebuild, sum_loads

AGILE = 0.3
"""Moves per scan from which on lower bounds are not worth much care."""
BEGIN, PROBE, WALK = range(3)
Labels = NDArray[np.int64]


class Ground(NamedTuple):
    """Where a walk goes on: the problem's matrices, the ordered state, and what bounds its moves from below.

    `symmetry_class`: class of interchangeable devices, int64 `(N,)`; `fixed`: who stays where they are, bool `(N,)`;
    `best`: the cheapest labels met, int64 `(N,)`.
    """

    pack: Pack
    state: State
    bounds: SwapBounds
    symmetry_class: Ints
    fixed: NDArray[np.bool_]
    best: Ints


class Slice(NamedTuple):
    """One piece of a walk: its temperature, how it weighs and moves, and where it ends.

    `stages`: weight of the mean stage. `reversals`: how often a segment of stages is turned round in place of a scan.
    `evaluations`, `scans`: it is over after so many moves that are scored, or so many scans.
    """

    temperature_s: float
    stages: float
    reversals: float
    evaluations: int
    scans: int


NOWHERE = Slice(0.0, 0.0, 0.0, 0, 0)
"""The piece of a walk that makes no move."""


class Walker:
    """An ordered state that walks among the allocations of a problem, and the best labels that it has met."""

    def __init__(self, problem: AllocationProblem, rng: np.random.Generator, credit: float, reversals: float) -> None:
        self._rng, self._reversals = rng, reversals
        ready, n = pack(problem), problem.n_devices
        symmetry_class = class_of_devices(problem).astype(np.int64)
        fixed, best = problem.rules.bound(n), np.zeros(n, dtype=np.int64)
        self.ground = Ground(ready, new_state(ready), new_bounds(ready, credit), symmetry_class, fixed, best)
        self.n_classes = len(np.unique(symmetry_class[~fixed]))
        self.any_alike = self.n_classes < np.count_nonzero(~fixed)
        self.can_move = (problem.shape.pipeline_parallel > 1 or problem.n_spares > 0) and self.n_classes > 1
        self._best_s = np.inf

    @property
    def best(self) -> Labels:
        """A copy of the cheapest labels met, `(N,)`."""
        return self.ground.best.copy()

    def begin(self, labels: Labels) -> float:
        """Stand at labels `(N,)` in their best order, which are the best so far; returns their cost (in seconds)."""
        ground = self.ground
        ground.best[:] = labels
        put_in_order(ground.pack, ground.best)
        _, _, self._best_s = step(ground, self._rng, BEGIN, NOWHERE, np.inf)
        return self._best_s

    def mean_rise_s(self, evaluations: int) -> tuple[float, int]:
        """Mean change of the guided cost by a random swap (in seconds), and how many were scored."""
        scored, _, rise_s = step(self.ground, self._rng, PROBE, NOWHERE._replace(evaluations=evaluations), np.inf)
        return rise_s, scored

    def walk(self, temperature_s: float, stages: float, evaluations: int, scans: int) -> tuple[int, int]:
        """Walk at one temperature, see `Slice`; returns how many moves were scored, and how many refused unscored."""
        piece = Slice(temperature_s, stages, self._reversals, evaluations, scans)
        scored, refused, self._best_s = step(self.ground, self._rng, WALK, piece, self._best_s)
        return scored, refused


def load() -> None:
    """Compile or load the walk for the types of ranks in use, by a walk of two devices."""
    matrix, labels = np.array([[0.0, 1.0], [1.0, 0.0]]), np.arange(2)
    for rank_type in rank_types_in_use():
        ready, rng = pack_matrices(matrix, matrix, 1, 2, rank_type), np.random.default_rng(0)
        ground = Ground(
            ready, new_state(ready), new_bounds(ready, 1.0), labels, np.zeros(2, dtype=np.bool_), labels.copy()
        )
        step(ground, rng, BEGIN, NOWHERE, np.inf)
        step(ground, rng, WALK, Slice(1.0, 1.0, 0.5, 1, 1), np.inf)


@jit(allocates=False)
def step(ground, rng, what, piece, best_s):  # type: ignore[no-untyped-def]
    """Stand at `ground.best` (`BEGIN`), find `mean_rise_s` (`PROBE`) or `walk` (`WALK`).

    One way in for Python, so that what the three share is translated once. Returns how many moves were scored, how many
    refused unscored, and the cost of the labels, the mean rise or the cost of the best (in seconds).
    """
    if what == BEGIN:
        cost_s = start(ground.pack, ground.state, ground.best)
        rebuild(ground.pack, ground.state, ground.bounds)
        return 0, 0, cost_s
    if what == PROBE:
        rise_s, scored = mean_rise_s(ground, rng, piece.evaluations)
        return scored, 0, rise_s
    return walk(ground, rng, piece, best_s)


@jit(allocates=False)
def walk(ground, rng, piece, best_s):  # type: ignore[no-untyped-def]
    """Walk a piece, at one temperature.

    A scan lets one device look at all others, stage by stage, and change places with the first that will do. Labels
    that cost less than `best_s` are written to `ground.best`. Returns how many moves were scored, how many refused
    unscored, and the cost of the best.
    """
    pack, state = ground.pack, ground.state
    scored = refused = made = 0
    sum_loads(pack, ground.bounds)
    for _ in range(piece.scans):
        if scored == piece.evaluations:
            break
        if rng.random() < piece.reversals:
            tried, spared, moved = turn(ground, rng, _limit_s(piece.temperature_s, rng))
            scored += tried
            refused += spared
            if moved:
                best_s = _keep(state, best_s, ground.best)
            continue
        limit_s = _limit_s(piece.temperature_s, rng)
        device, stage = np.int64(rng.random() * pack.n_devices), np.int64(rng.random() * pack.n_groups)
        if ground.fixed[device]:
            continue
        is_spare = state.stage_of[device] == pack.n_groups
        if not is_spare:
            visitor = prepare(ground, piece.stages / pack.n_groups, device, limit_s)
        for _ in range(pack.n_groups):
            stage = (stage + 1) % pack.n_groups
            if stage == state.stage_of[device]:
                continue
            if is_spare:
                tried, spared, moved = relieve(ground, piece.stages, device, stage, limit_s, piece.evaluations - scored)
            else:
                tried, spared, moved = visit(ground, visitor, stage, piece.evaluations - scored)
            scored += tried
            refused += spared
            if moved:
                made += 1
                best_s = _keep(state, best_s, ground.best)
                break
    ground.bounds.careful[0] = made < AGILE * piece.scans
    return scored, refused, best_s


@jit(inline=True, allocates=False)
def _limit_s(temperature_s, rng):  # type: ignore[no-untyped-def]
    """By how much the guided cost may rise: Metropolis' rule, with the die cast first."""
    return -temperature_s * math.log(1.0 - rng.random())


@jit(allocates=False)
def _keep(state, best_s, best):  # type: ignore[no-untyped-def]
    """Write the labels down if they cost less than the best; returns the cost of the best."""
    cost_s = state.parts_s[0] + state.parts_s[1]
    if cost_s >= best_s:
        return best_s
    for device in range(len(best)):
        best[device] = state.stage_of[device]
    return cost_s


@jit(allocates=False)
def mean_rise_s(ground, rng, evaluations):  # type: ignore[no-untyped-def]
    """By how much a random swap changes the guided cost, on average (in seconds): what temperatures are measured in.

    Returns the mean over the swaps that were scored, and how many there were.
    """
    pack, state, symmetry_class = ground.pack, ground.state, ground.symmetry_class
    total_s, scored = 0.0, 0
    for _ in range(8 * evaluations):
        if scored == evaluations:
            break
        a, b = int(rng.random() * pack.n_devices), int(rng.random() * pack.n_devices)
        if state.stage_of[a] == state.stage_of[b] or symmetry_class[a] == symmetry_class[b]:
            continue
        if ground.fixed[a] or ground.fixed[b]:
            continue
        scored += 1
        propose(pack, state, a, b)
        total_s += abs(state.proposed_s[0] - state.parts_s[0] + boundaries_rise_s(pack, state, ground.bounds))
        rollback(pack, state)
    return total_s / max(scored, 1), scored
