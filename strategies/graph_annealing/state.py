"""A mixing graph that is being changed, in the form that compiled code takes."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.compiled import jit
from tasklet_bench.problems.mixing_graph.arrays import Arrays

MOST_CHANGES = 4
"""Edges that a move takes out and puts in, over the largest degree."""
MOST_CHECKED = 4
"""Edges of a move that may change how the graph mixes."""

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


class State(NamedTuple):
    """A graph, its guided cost term by term, and the inverse by which edges are known to be dispensable.

    `edges` `(E', 2)`, the first `counts[0]` of them, and `place` `(N, N)`, where an edge stands there or −1;
    `neighbours` `(N, degree)`, `degrees` `(N,)`; `sums_s` `(N, 2)`, seconds that a device sends and gets. `terms`
    `(N, N)`: terms of the guide, of loops on the diagonal, measured in `unit_s[0]`; `counts[1]`: how many are at least
    1. `inverse` `(C, m, m)`: see `mixing`; `between` `(C, C)`: edges from cluster to cluster. `trusted`: the
    `counts[2]` edges of a graph that a factorisation found valid. `near` `(N, m − 1)`: the others of each device's
    cluster, fastest links first.

    The rest is scratch: `move`, the edges that a move puts in and after them those that it takes out; its devices
    (`touched`, and `slot` `(N,)` in that list or −1), their sums after it, and the terms.
    """

    edges: Integers
    counts: Integers
    trusted: Integers
    place: Integers
    neighbours: Integers
    degrees: Integers
    sums_s: Floats
    terms: Floats
    unit_s: Floats
    inverse: Floats
    between: Integers
    near: Integers
    move: Integers
    touched: Integers
    slot: Integers
    new_sums_s: Floats
    new_terms: Floats
    gram: Floats


def new_state(arrays: Arrays) -> State:
    """Room for graphs of a problem; nothing stands in it yet."""
    n, clusters, degree = len(arrays.compute_s), len(arrays.least), int(arrays.degree)
    size, most = -(-n // clusters), MOST_CHANGES * degree

    def whole(*shape: int, value: int = 0) -> Integers:
        return np.full(shape, value, dtype=np.int64)

    return State(
        edges=whole(n * degree // 2 + most, 2),
        counts=whole(3),
        trusted=whole(n * degree // 2 + most, 2),
        place=whole(n, n, value=-1),
        neighbours=whole(n, degree),
        degrees=whole(n),
        sums_s=np.zeros((n, 2)),
        terms=np.zeros((n, n)),
        unit_s=np.zeros(1),
        inverse=np.zeros((clusters, size, size)),
        between=whole(clusters, clusters),
        near=nearest_first(arrays),
        move=whole(most, 2),
        touched=whole(most),
        slot=whole(n, value=-1),
        new_sums_s=np.zeros((most, 2)),
        new_terms=np.zeros(most * (degree + 2)),
        gram=np.zeros((MOST_CHECKED, MOST_CHECKED)),
    )


def nearest_first(arrays: Arrays) -> Integers:
    """For each device the others of its cluster by the seconds of a model on the link, `(N, m − 1)`.

    In a smaller cluster, the row ends with the device itself.
    """
    n, clusters = len(arrays.compute_s), len(arrays.least)
    pair_s = arrays.delay_s + arrays.airtime_s
    pair_s = pair_s + pair_s.T
    near = np.repeat(np.arange(n), max(-(-n // clusters) - 1, 1)).reshape(n, -1)
    for i in range(n):
        others = np.arange(i % clusters, n, clusters)
        others = others[others != i]
        near[i, : len(others)] = others[np.argsort(pair_s[i, others], kind="stable")]
    return near


@jit(allocates=False)
def put_edge(state, i, j):  # type: ignore[no-untyped-def]
    """Put an edge in; the caller has seen to it that it is new and that there is room."""
    last = state.counts[0]
    state.neighbours[i, state.degrees[i]] = j
    state.neighbours[j, state.degrees[j]] = i
    state.degrees[i] += 1
    state.degrees[j] += 1
    state.edges[last, 0], state.edges[last, 1] = i, j
    state.place[i, j] = state.place[j, i] = last
    state.counts[0] += 1


@jit(allocates=False)
def take_edge(state, i, j):  # type: ignore[no-untyped-def]
    """Take an edge out."""
    hole, last = state.place[i, j], state.counts[0] - 1
    a, b = state.edges[last, 0], state.edges[last, 1]
    state.edges[hole, 0], state.edges[hole, 1] = a, b
    state.place[a, b] = state.place[b, a] = hole
    state.place[i, j] = state.place[j, i] = -1
    state.counts[0] = last
    for _ in range(2):
        state.degrees[i] -= 1
        for spot in range(state.degrees[i]):
            if state.neighbours[i, spot] == j:
                state.neighbours[i, spot] = state.neighbours[i, state.degrees[i]]
        i, j = j, i


@jit(allocates=False)
def make(state, n_put, n_moved):  # type: ignore[no-untyped-def]
    """Make a move: take edges out, then put others in."""
    for spot in range(n_put, n_moved):
        take_edge(state, state.move[spot, 0], state.move[spot, 1])
    for spot in range(n_put):
        put_edge(state, state.move[spot, 0], state.move[spot, 1])


@jit(allocates=False)
def undo(state, n_put, n_moved):  # type: ignore[no-untyped-def]
    """Take a move back."""
    for spot in range(n_put):
        take_edge(state, state.move[spot, 0], state.move[spot, 1])
    for spot in range(n_put, n_moved):
        put_edge(state, state.move[spot, 0], state.move[spot, 1])


@jit(allocates=False)
def write_edges(state, edges):  # type: ignore[no-untyped-def]
    """Write the edges to `edges`, int64 `(E', 2)`, from the smaller device to the larger; returns how many."""
    for spot in range(state.counts[0]):
        edges[spot, 0] = min(state.edges[spot, 0], state.edges[spot, 1])
        edges[spot, 1] = max(state.edges[spot, 0], state.edges[spot, 1])
    return state.counts[0]
