"""The loop of simulated annealing on the ordered state of the kernels, and the walker that runs it for a strategy.

How much dearer a move may be is drawn before anything is scored, so that most moves are refused by their floor
(`strategies.annealing.moves`); only moves that are scored count as evaluations. The acceptance sees a guided
cost; what is kept as best goes by the cost alone.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.allocation import AllocationProblem
from tasklet_bench.problems.allocation.kernels import new_state, order_labels, pack, rollback, start
from tasklet_bench.problems.allocation.kernels.ranks import RANK_TYPES, pack_matrices
from tasklet_bench.problems.allocation.structure import interchangeable
from tasklet_bench.problems.compiled import jit
from tasklet_bench.strategies.annealing.moves import boundaries_rise_s, propose, turn, visit
from tasklet_bench.strategies.annealing.swap_bounds import add_up, call_roll, new_roster

AGILE = 0.3
"""Moves per scan from which on floors are not worth much care."""
Labels = NDArray[np.int64]


class Walker:
    """An ordered state that walks among the allocations of a problem, and the best labels that it has met."""

    def __init__(self, problem: AllocationProblem, rng: np.random.Generator, credit: float, reversals: float) -> None:
        self._rng, self._reversals = rng, reversals
        self._pack = pack(problem)
        self._state, self._roster = new_state(self._pack), new_roster(self._pack, credit)
        self._kind = interchangeable(problem.dp_pair_s, problem.pp_pair_s).astype(np.int64)
        self.n_kinds = int(self._kind.max()) + 1
        self.can_move = problem.shape.pipeline_parallel > 1 and self.n_kinds > 1
        self.best = np.zeros(problem.shape.n_devices, dtype=np.int64)
        self._best_s = np.inf

    def begin(self, labels: Labels) -> None:
        """Stand at labels `(N,)` in their best order; they are the best so far."""
        self.best[:] = labels
        order_labels(self._pack, self.best)
        self._best_s = start(self._pack, self._state, self.best)
        call_roll(self._pack, self._state, self._roster)

    def mean_rise_s(self, evaluations: int) -> tuple[float, int]:
        """Mean change of the guided cost by a random swap (in seconds), and how many were scored."""
        rise_s, scored = mean_rise_s(self._pack, self._state, self._roster, self._kind, self._rng, evaluations)
        return float(rise_s), int(scored)

    def walk(self, temperature_s: float, stages: float, evaluations: int, scans: int) -> int:
        """Walk at one temperature, see `walk`; returns how many moves were scored."""
        scored, self._best_s = walk(
            self._pack,
            self._state,
            self._roster,
            self._kind,
            self._rng,
            stages,
            temperature_s,
            self._reversals,
            evaluations,
            scans,
            self._best_s,
            self.best,
        )
        return int(scored)


def load() -> None:
    """Compile or load the walk for ranks of one and of two bytes, by a walk of two devices."""
    matrix, labels = np.array([[0.0, 1.0], [1.0, 0.0]]), np.arange(2)
    for rank_type in RANK_TYPES[:2]:
        ready, rng = pack_matrices(matrix, matrix, 1, 2, rank_type), np.random.default_rng(0)
        state, roster = new_state(ready), new_roster(ready, 1.0)
        order_labels(ready, labels)
        start(ready, state, labels)
        call_roll(ready, state, roster)
        mean_rise_s(ready, state, roster, labels, rng, 1)
        walk(ready, state, roster, labels, rng, 1.0, 1.0, 0.5, 1, 1, np.inf, labels)


@jit(allocates=False)
def walk(pack, state, roster, kind, rng, stages, temperature_s, reversals, evaluations, scans, best_s, best):  # type: ignore[no-untyped-def]
    """Walk at one temperature (in seconds) until so many moves are scored, or so many scans are over.

    A scan lets one device look at all others, stage by stage, and change places with the first that will do. `kind`:
    class of interchangeable devices, int64 `(N,)`. `stages`: weight of the mean stage. `reversals`: how often a segment
    of stages is turned round in place of a scan. Labels that cost less than `best_s` are written to `best`, int64
    `(N,)`. Returns how many moves were scored, and the cost of the best.
    """
    scored = made = 0
    add_up(pack, roster)
    for _ in range(scans):
        if scored == evaluations:
            break
        if rng.random() < reversals:
            tried, moved = turn(pack, state, roster, rng, _limit_s(temperature_s, rng))
            scored += tried
            if moved:
                best_s = _keep(state, best_s, best)
            continue
        limit_s = _limit_s(temperature_s, rng)
        device, stage = np.int64(rng.random() * pack.n_devices), np.int64(rng.random() * pack.n_groups)
        for _ in range(pack.n_groups):
            stage = (stage + 1) % pack.n_groups
            if stage == state.stage_of[device]:
                continue
            tried, moved = visit(pack, state, roster, kind, stages, device, stage, limit_s, evaluations - scored)
            scored += tried
            if moved:
                made += 1
                best_s = _keep(state, best_s, best)
                break
    roster.careful[0] = made < AGILE * scans
    return scored, best_s


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
def mean_rise_s(pack, state, roster, kind, rng, evaluations):  # type: ignore[no-untyped-def]
    """By how much a random swap changes the guided cost, on average (in seconds): what temperatures are measured in.

    Returns the mean over the swaps that were scored, and how many there were.
    """
    total_s, scored = 0.0, 0
    for _ in range(8 * evaluations):
        if scored == evaluations:
            break
        a, b = int(rng.random() * pack.n_devices), int(rng.random() * pack.n_devices)
        if state.stage_of[a] == state.stage_of[b] or kind[a] == kind[b]:
            continue
        scored += 1
        propose(pack, state, a, b)
        total_s += abs(state.proposed_s[0] - state.parts_s[0] + boundaries_rise_s(pack, state, roster))
        rollback(pack, state)
    return total_s / max(scored, 1), scored
