"""The loop of simulated annealing on a mixing graph, compiled, and the walker that runs it for a strategy.

How much dearer a move may be is drawn before it is scored: the loops alone are a floor, which refuses most moves. Moves
whose guided cost is computed count as evaluations. What is kept as best goes by the period, which is computed only when
no term of the guide is as large as the best period.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.compiled import jit
from tasklet_bench.problems.mixing_graph.arrays import Arrays
from tasklet_bench.problems.mixing_graph.period import fill_weights, largest_cycle_mean
from tasklet_bench.strategies.graph_annealing.guide import (
    keep_terms,
    measure_all,
    new_loops,
    new_pairs,
    old_terms,
    shift_sums,
    touch,
    untouch,
)
from tasklet_bench.strategies.graph_annealing.mixing import (
    UNSURE,
    YES,
    exchange_rows,
    invert,
    keeps_clusters_joined,
    keeps_mixing,
    update_inverse,
)
from tasklet_bench.strategies.graph_annealing.moves import DEVICES, EDGES, NOTHING, draw_move
from tasklet_bench.strategies.graph_annealing.state import clear, new_state, put_edge, take_edge, write_edges

LEAST_GAIN = 1e-12
"""Share of the period by which a new best must be shorter."""
UPDATES = 8
"""Moves after which the inverses are computed anew, over the size of a cluster: rounding adds up."""


class Walker:
    """A graph that walks among the valid ones of a problem, and the best that it has met."""

    def __init__(self, arrays: Arrays, rng: np.random.Generator) -> None:
        self._arrays, self._rng = arrays, rng
        self._state = new_state(arrays)
        self._best = np.zeros_like(self._state.edges)
        self._n_best, self.best_s = 0, math.inf

    @property
    def best(self) -> NDArray[np.int64]:
        """The edges of the best graph, `(E, 2)`."""
        return self._best[: self._n_best].copy()

    def begin(self, edges: NDArray[np.int64], best_s: float) -> None:
        """Stand at edges `(E, 2)` that are valid; nothing above `best_s` is kept as best."""
        begin(self._arrays, self._state, edges)
        self.best_s = best_s
        measure_all(self._arrays, self._state, best_s)

    def walk(self, temperature: float, evaluations: int, proposals: int) -> int:
        """Walk at one temperature, see `walk`; returns how many moves were scored."""
        measure_all(self._arrays, self._state, self.best_s)
        scored, self.best_s, self._n_best = walk(
            self._arrays,
            self._state,
            self._rng,
            temperature,
            evaluations,
            proposals,
            self.best_s,
            self._best,
            self._n_best,
        )
        return int(scored)


@jit
def begin(arrays, state, edges):  # type: ignore[no-untyped-def]
    """Stand at edges `(E, 2)`."""
    clear(state)
    for spot in range(len(edges)):
        put_edge(state, edges[spot, 0], edges[spot, 1])
    if invert(arrays, state):
        state.counts[2] = write_edges(state, state.trusted)


@jit
def walk(arrays, state, rng, temperature, evaluations, proposals, best_s, best, n_best):  # type: ignore[no-untyped-def]
    """Walk at one temperature until so many moves are scored, or so many are proposed.

    Graphs with a shorter period than `best_s` are written to `best`, int64 `(E', 2)`. Returns how many moves were
    scored, the best period, and the number of edges that stand in `best`.
    """
    scored = made = 0
    often = UPDATES * state.inverse.shape[1]
    for _ in range(proposals):
        if scored == evaluations:
            break
        limit = -temperature * math.log(1.0 - rng.random())
        kind, n_taken, n_put = draw_move(state, rng)
        if kind == NOTHING:
            continue
        tried, moved = _try_move(arrays, state, kind, n_taken, n_put, limit)
        scored += tried
        if not moved:
            continue
        made += 1
        if made % often == 0:
            if invert(arrays, state):
                state.counts[2] = write_edges(state, state.trusted)
            else:
                begin(arrays, state, state.trusted[: state.counts[2]])
                measure_all(arrays, state, best_s)
        if state.counts[1] == 0:
            period_s = _period_s(arrays, state)
            if period_s < best_s * (1.0 - LEAST_GAIN):
                best_s, n_best = period_s, write_edges(state, best)
                measure_all(arrays, state, best_s)
    return scored, best_s, n_best


@jit
def _try_move(arrays, state, kind, n_taken, n_put, limit):  # type: ignore[no-untyped-def]
    """Make a move if the guide rises by no more than `limit` and the graph stays valid.

    Returns whether it was scored, and whether it was made.
    """
    n_touched = touch(state, n_taken, n_put)
    shift_sums(arrays, state, n_taken, n_put)
    before, large_before = old_terms(state, n_touched)
    loops = new_loops(arrays, state, n_touched)
    if loops - before > limit:
        untouch(state, n_touched)
        return False, False
    for spot in range(n_taken):
        take_edge(state, state.taken[spot, 0], state.taken[spot, 1])
    for spot in range(n_put):
        put_edge(state, state.put[spot, 0], state.put[spot, 1])
    after = loops + new_pairs(arrays, state, n_touched)
    allowed = after - before <= limit
    mixes = YES
    if allowed and kind == EDGES:
        if n_taken:
            allowed = keeps_clusters_joined(state, n_taken, n_put)
        if allowed:
            mixes = keeps_mixing(state, n_taken, n_put)
            allowed = mixes == YES or (mixes == UNSURE and invert(arrays, state))
    if allowed:
        state.counts[1] += keep_terms(arrays, state, n_touched) - large_before
        if kind == DEVICES:
            exchange_rows(state, state.taken[0, 0], state.put[0, 0])
        elif mixes == YES:
            update_inverse(state, n_taken, n_put)
    else:
        for spot in range(n_put):
            take_edge(state, state.put[spot, 0], state.put[spot, 1])
        for spot in range(n_taken):
            put_edge(state, state.taken[spot, 0], state.taken[spot, 1])
    untouch(state, n_touched)
    return True, allowed


@jit
def _period_s(arrays, state):  # type: ignore[no-untyped-def]
    weights = np.empty((len(state.degrees), state.neighbours.shape[1] + 1))
    fill_weights(arrays, state.neighbours, state.degrees, state.out_s, state.in_s, weights)
    return largest_cycle_mean(state.neighbours, state.degrees, weights)
