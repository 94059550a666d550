"""The moves: an end of an edge moves, one edge replaces another, two cross, one is dropped or added, two devices swap.

A move is written down as the edges that it takes out and those that it puts in. Degrees are respected here; what it
costs and whether the graph still mixes is asked later. Partners are mostly drawn from those with fast links.
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
    """Draw a move into `taken` and `put`; returns what it changes, and how many edges stand in either."""
    if state.counts[0] == 0:
        return NOTHING, 0, 0
    drawn = rng.random()
    if drawn < MOVE_END:
        return _move_end(state, rng)
    drawn -= MOVE_END
    if drawn < REPLACE:
        return _replace(state, rng)
    drawn -= REPLACE
    if drawn < CROSS:
        return _cross(state, rng)
    drawn -= CROSS
    if drawn < DROP:
        i, j = _edge(state, rng)
        state.taken[0, 0], state.taken[0, 1] = i, j
        return EDGES, 1, 0
    if drawn < DROP + ADD:
        return _add(state, rng)
    return _swap(state, rng)


@jit(inline=True, allocates=False)
def _edge(state, rng):  # type: ignore[no-untyped-def]
    """A random edge, its ends in random order."""
    spot = int(rng.random() * state.counts[0])
    first = int(rng.random() * 2)
    return state.edges[spot, first], state.edges[spot, 1 - first]


@jit(inline=True, allocates=False)
def _partner(state, rng, i):  # type: ignore[no-untyped-def]
    """A device of the same cluster, mostly one with a fast link to `i`."""
    share = rng.random()
    if rng.random() >= ANYWHERE:
        share *= share
    return state.near[i, int(share * state.near.shape[1])]


@jit(inline=True, allocates=False)
def _elsewhere(state, rng, i):  # type: ignore[no-untyped-def]
    """Any device of another cluster, or of the same by chance."""
    return int(rng.random() * len(state.degrees))


@jit(inline=True, allocates=False)
def _has_room(state, i):  # type: ignore[no-untyped-def]
    return state.degrees[i] < state.neighbours.shape[1]


@jit(allocates=False)
def _move_end(state, rng):  # type: ignore[no-untyped-def]
    i, j = _edge(state, rng)
    clusters = len(state.between)
    k = _partner(state, rng, i) if i % clusters == j % clusters else _elsewhere(state, rng, i)
    if k == i or state.place[i, k] >= 0 or not _has_room(state, k):
        return NOTHING, 0, 0
    state.taken[0, 0], state.taken[0, 1] = i, j
    state.put[0, 0], state.put[0, 1] = i, k
    return EDGES, 1, 1


@jit(allocates=False)
def _replace(state, rng):  # type: ignore[no-untyped-def]
    i, j = _edge(state, rng)
    clusters = len(state.between)
    a = int(rng.random() * len(state.degrees))
    b = _partner(state, rng, a) if i % clusters == j % clusters else _elsewhere(state, rng, a)
    if a == b or state.place[a, b] >= 0:
        return NOTHING, 0, 0
    if not ((_has_room(state, a) or a == i or a == j) and (_has_room(state, b) or b == i or b == j)):
        return NOTHING, 0, 0
    state.taken[0, 0], state.taken[0, 1] = i, j
    state.put[0, 0], state.put[0, 1] = a, b
    return EDGES, 1, 1


@jit(allocates=False)
def _cross(state, rng):  # type: ignore[no-untyped-def]
    i, j = _edge(state, rng)
    a, b = _edge(state, rng)
    clusters = len(state.between)
    if i % clusters != a % clusters or j % clusters != b % clusters or i % clusters != j % clusters:
        return NOTHING, 0, 0
    if i == a or i == b or j == a or j == b or state.place[i, a] >= 0 or state.place[j, b] >= 0:
        return NOTHING, 0, 0
    state.taken[0, 0], state.taken[0, 1] = i, j
    state.taken[1, 0], state.taken[1, 1] = a, b
    state.put[0, 0], state.put[0, 1] = i, a
    state.put[1, 0], state.put[1, 1] = j, b
    return EDGES, 2, 2


@jit(allocates=False)
def _add(state, rng):  # type: ignore[no-untyped-def]
    i = int(rng.random() * len(state.degrees))
    j = _partner(state, rng, i)
    if i == j or state.place[i, j] >= 0 or not (_has_room(state, i) and _has_room(state, j)):
        return NOTHING, 0, 0
    state.put[0, 0], state.put[0, 1] = i, j
    return EDGES, 0, 1


@jit(allocates=False)
def _swap(state, rng):  # type: ignore[no-untyped-def]
    i = int(rng.random() * len(state.degrees))
    j = _partner(state, rng, i)
    if i == j:
        return NOTHING, 0, 0
    changed = _hand_over(state, i, j, 0)
    changed = _hand_over(state, j, i, changed)
    return (DEVICES if changed else NOTHING), changed, changed


@jit(allocates=False)
def _hand_over(state, i, j, changed):  # type: ignore[no-untyped-def]
    """The neighbours that `i` alone has get `j` in its place."""
    for spot in range(state.degrees[i]):
        k = state.neighbours[i, spot]
        if k != j and state.place[j, k] < 0:
            state.taken[changed, 0], state.taken[changed, 1] = i, k
            state.put[changed, 0], state.put[changed, 1] = j, k
            changed += 1
    return changed
