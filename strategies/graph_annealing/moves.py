"""The moves: an end of an edge moves, one edge replaces another, two cross, one is dropped or added, two devices swap.

A move is written down as the edges that it puts in, and after them those that it takes out. Degrees are respected here;
what it costs and whether the graph still mixes is asked later. Partners are mostly drawn from those with fast links.
"""

from __future__ import annotations

from tasklet_bench.problems.compiled import jit

MOVE_END, REPLACE, CROSS, DROP, ADD = 0.3, 0.3, 0.15, 0.07, 0.07
"""How often each kind is drawn; what is left are swaps."""
ANYWHERE = 0.3
"""How often a partner is drawn from all alike."""

NOTHING, EDGES, DEVICES = 0, 1, 2
"""What a move changes: nothing (it cannot be made), edges, or the places of two devices."""


@jit(allocates=False)
def draw_move(state, rng):  # type: ignore[no-untyped-def]
    """Draw a move; returns what it changes, how many edges it puts in, and how many stand in `move` in all."""
    drawn = rng.random()
    if drawn < MOVE_END + REPLACE:
        return _replace(state, rng, drawn < MOVE_END)
    drawn -= MOVE_END + REPLACE
    if drawn < CROSS:
        return _cross(state, rng)
    drawn -= CROSS
    if drawn < DROP:
        state.move[0, 0], state.move[0, 1] = _draw_edge(state, rng)
        return EDGES, 0, 1
    i = int(rng.random() * len(state.degrees))
    j = _partner(state, rng, i)
    if i == j:
        return NOTHING, 0, 0
    if drawn >= DROP + ADD:
        return _swap(state, i, j)
    if state.place[i, j] >= 0 or max(state.degrees[i], state.degrees[j]) == state.neighbours.shape[1]:
        return NOTHING, 0, 0
    state.move[0, 0], state.move[0, 1] = i, j
    return EDGES, 1, 1


@jit(allocates=False)
def _draw_edge(state, rng):  # type: ignore[no-untyped-def]
    """A random edge, its ends in random order."""
    drawn, first = int(rng.random() * state.counts[0]), int(rng.random() * 2)
    return state.edges[drawn, first], state.edges[drawn, 1 - first]


@jit(allocates=False)
def _partner(state, rng, i):  # type: ignore[no-untyped-def]
    """A device of the same cluster, mostly one with a fast link to `i`."""
    share = rng.random()
    if rng.random() >= ANYWHERE:
        share *= share
    return state.near[i, int(share * state.near.shape[1])]


@jit(allocates=False)
def _replace(state, rng, same_end):  # type: ignore[no-untyped-def]
    """One edge for another, with an end in common or not; one between clusters may move anywhere."""
    i, j = state.move[1, 0], state.move[1, 1] = _draw_edge(state, rng)
    clusters, most = len(state.between), state.neighbours.shape[1]
    a = i if same_end else int(rng.random() * len(state.degrees))
    b = _partner(state, rng, a) if i % clusters == j % clusters else int(rng.random() * len(state.degrees))
    if a == b or state.place[a, b] >= 0:
        return NOTHING, 0, 0
    if (state.degrees[a] == most and a not in (i, j)) or (state.degrees[b] == most and b not in (i, j)):
        return NOTHING, 0, 0
    state.move[0, 0], state.move[0, 1] = a, b
    return EDGES, 1, 2


@jit(allocates=False)
def _cross(state, rng):  # type: ignore[no-untyped-def]
    """Two edges of a cluster change partners."""
    i, j = state.move[2, 0], state.move[2, 1] = _draw_edge(state, rng)
    a, b = state.move[3, 0], state.move[3, 1] = _draw_edge(state, rng)
    clusters = len(state.between)
    if i % clusters != j % clusters or i % clusters != a % clusters or i % clusters != b % clusters:
        return NOTHING, 0, 0
    if i in (a, b) or j in (a, b) or state.place[i, a] >= 0 or state.place[j, b] >= 0:
        return NOTHING, 0, 0
    state.move[0, 0], state.move[0, 1] = i, a
    state.move[1, 0], state.move[1, 1] = j, b
    return EDGES, 2, 4


@jit(allocates=False)
def _swap(state, i, j):  # type: ignore[no-untyped-def]
    """Two devices change places: the neighbours that one alone has get the other instead."""
    n_put = 0
    for _ in range(2):
        for spot in range(state.degrees[i]):
            k = state.neighbours[i, spot]
            if k != j and state.place[j, k] < 0:
                state.move[n_put, 0], state.move[n_put, 1] = j, k
                n_put += 1
        i, j = j, i
    for spot in range(n_put):
        k = state.move[spot, 1]
        state.move[n_put + spot, 0], state.move[n_put + spot, 1] = (i if state.place[i, k] >= 0 else j), k
    return (DEVICES if n_put else NOTHING), n_put, 2 * n_put
