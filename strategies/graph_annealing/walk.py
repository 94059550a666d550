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
from tasklet_bench.problems.mixing_graph.evaluate import SCORED, evaluate
from tasklet_bench.problems.mixing_graph.period import fill_weights, largest_cycle_mean
from tasklet_bench.strategies.graph_annealing.guide import (
    compare_loops,
    keep_terms,
    measure_all,
    sum_pairs,
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
from tasklet_bench.strategies.graph_annealing.state import make, new_state, put_edge, undo, write_edges

LEAST_GAIN = 1e-12
"""Share of the period by which a new best must be shorter."""
UPDATES = 8
"""Moves after which the inverses are computed anew, over the size of a cluster: rounding adds up."""


class Walker:
    """A graph that walks among the valid ones of a problem, and the best that it has met."""

    def __init__(self, arrays: Arrays, rng: np.random.Generator) -> None:
        self._arrays, self._rng = arrays, rng
        self._state = new_state(arrays)
        self._written = np.zeros_like(self._state.edges)
        self.best, self.best_s = self._written[:0], math.inf
        self._trusted, self._trusted_s = self.best, self.best_s

    def begin(self, edges: NDArray[np.int64], period_s: float) -> None:
        """Stand at valid edges `(E, 2)`, the best so far."""
        self.best, self.best_s = edges.copy(), period_s
        self.trust_best()
        self.return_to_trusted()

    def trust_best(self) -> None:
        """The best was scored by others, and is valid."""
        self._trusted, self._trusted_s = self.best, self.best_s

    def return_to_trusted(self) -> None:
        """Stand at the best that can be trusted, and forget a better one that cannot."""
        self.best, self.best_s = self._trusted, self._trusted_s
        begin(self._arrays, self._state, np.array(self.best))

    def walk(self, temperature: float, evaluations: int, proposals: int) -> tuple[int, int]:
        """Walk at one temperature, see `walk`; returns how many moves were scored, and how many refused unscored."""
        measure_all(self._arrays, self._state, self.best_s)
        scored, refused, self.best_s, n_written = walk(
            self._arrays, self._state, self._rng, temperature, evaluations, proposals, self.best_s, self._written
        )
        if n_written:
            self.best = self._written[:n_written].copy()
        return int(scored), int(refused)


def load() -> None:
    """Compile or load the walk, by one among four devices."""
    links, ones = np.full((4, 4), 1.0), np.ones(4)
    arrays = Arrays(3, np.array([0.5]), ones, ones, ones, links, links)
    walker = Walker(arrays, np.random.default_rng(0))
    edges = np.array([[0, 1], [1, 2], [2, 3], [0, 3]])
    said, _, period_s = evaluate(arrays, edges)
    walker.begin(edges, period_s if said == SCORED else math.inf)
    walker.walk(1.0, 10, 10)


@jit
def begin(arrays, state, edges):  # type: ignore[no-untyped-def]
    """Stand at edges `(E, 2)`."""
    state.counts[0] = 0
    state.place[:] = -1
    state.degrees[:] = 0
    for spot in range(len(edges)):
        put_edge(state, edges[spot, 0], edges[spot, 1])
    if invert(arrays, state):
        state.counts[2] = write_edges(state, state.trusted)


@jit
def walk(arrays, state, rng, temperature, evaluations, proposals, best_s, best):  # type: ignore[no-untyped-def]
    """Walk at one temperature until so many moves are scored, or so many are proposed.

    A move is made if the guide rises by no more than was drawn and the graph stays valid. Graphs with a shorter period
    than `best_s` are written to `best`, int64 `(E', 2)`. Returns how many moves were scored and how many refused
    unscored, the best period, and how many edges were written, 0 for no better graph.
    """
    scored = refused = made = n_best = 0
    weights_s = np.empty((len(state.degrees), state.neighbours.shape[1] + 1))
    for _ in range(proposals):
        if scored == evaluations:
            break
        limit = -temperature * math.log(1.0 - rng.random())
        kind, n_put, n_moved = draw_move(state, rng)
        if kind == NOTHING:
            continue
        n_touched = touch(arrays, state, n_put, n_moved)
        before, large, loops = compare_loops(arrays, state, n_touched)
        if loops - before > limit:
            refused += 1
            untouch(state, n_touched)
            continue
        scored += 1
        make(state, n_put, n_moved)
        mixes = YES
        allowed = loops + sum_pairs(arrays, state, n_touched) - before <= limit
        if allowed and kind == EDGES and (len(arrays.least) == 1 or keeps_clusters_joined(state, n_put, n_moved)):
            mixes = keeps_mixing(state, n_put, n_moved)
            allowed = mixes == YES or (mixes == UNSURE and invert(arrays, state))
        elif kind == EDGES:
            allowed = False
        if allowed:
            state.counts[1] += keep_terms(arrays, state, n_touched) - large
        else:
            undo(state, n_put, n_moved)
        untouch(state, n_touched)
        if not allowed:
            continue
        if kind == DEVICES:
            exchange_rows(state, state.move[0, 0], state.move[n_put, 0])
        elif mixes == YES:
            update_inverse(state, n_put, n_moved)
        made += 1
        if made % (UPDATES * state.inverse.shape[1]) == 0:
            if invert(arrays, state):
                state.counts[2] = write_edges(state, state.trusted)
            else:
                begin(arrays, state, state.trusted[: state.counts[2]])
                measure_all(arrays, state, best_s)
        if state.counts[1] == 0:
            fill_weights(arrays, state.neighbours, state.degrees, state.sums_s[:, 0], state.sums_s[:, 1], weights_s)
            period_s = largest_cycle_mean(state.neighbours, state.degrees, weights_s)
            if period_s < best_s * (1.0 - LEAST_GAIN):
                best_s, n_best = period_s, write_edges(state, best)
                measure_all(arrays, state, best_s)
    return scored, refused, best_s, n_best
