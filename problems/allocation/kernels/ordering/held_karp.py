"""The shortest open path over at most 12 groups, exactly: Held–Karp from both ends, meeting in the middle.

`path_s[r, v]` is the length of the shortest path through the groups of the r-th subset and on to v, so only subsets of
at most K/2 groups are met. Which numbers are added to which depends on K alone and is laid down once in tables, so the
loops have neither bit tricks nor branches. Rows have 8 or 16 lanes, one for each group.
"""

from __future__ import annotations

from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tasklet_bench.problems.allocation.cost_model import EXACT_ORDER_GROUPS
from tasklet_bench.problems.allocation.kernels.llvm import held_karp as loops
from tasklet_bench.problems.allocation.kernels.memory import aligned
from tasklet_bench.problems.allocation.kernels.ordering.pinned import PinnedPlaces, pinned_order, pinned_places
from tasklet_bench.problems.allocation.kernels.ordering.two_opt import improved_order
from tasklet_bench.problems.compiled import jit

Positions = NDArray[np.int64]


class PathTables(NamedTuple):
    """Where the numbers of a shortest path over K groups come from, and room for them; empty above 12 groups.

    `sources[first[r]:first[r + 1]]` are the positions in `path_s` that the r-th subset is extended from: position
    `lanes·row + u` is the path through the subset without u, and on to u. `levels[n]` is the first subset of n groups.
    `meet` `(2, M)` are the positions of two
    halves that end in the same group; together they are a whole path. `pinned`: groups that have their place.
    """

    first: Positions
    levels: Positions
    sources: Positions
    meet: Positions
    path_s: NDArray[np.float64]
    length_s: NDArray[np.float64]
    pinned: PinnedPlaces


def path_tables(n_groups: int, position: ArrayLike = ()) -> PathTables:
    """The tables for K = `n_groups`, of which those with a `position` (`(K,)`, -1 for an open one) keep it."""
    width = 8 if n_groups <= 8 else 16
    length_s = aligned((n_groups, max(width, n_groups)))
    if n_groups > EXACT_ORDER_GROUPS:
        none = np.zeros(0, dtype=np.int64)
        return PathTables(none, none, none, none.reshape(2, 0), np.zeros(0), length_s, pinned_places(position))
    groups, half = range(n_groups), n_groups // 2
    subsets = [frozenset(s) for size in range(half + 1) for s in combinations(groups, size)]
    subsets = [s for s in subsets if n_groups % 2 or len(s) < half or 0 in s]
    row = {subset: r for r, subset in enumerate(subsets)}
    sources = [[width * row[subset - {u}] + u for u in sorted(subset)] for subset in subsets]
    meet = []
    for subset in (s for s in subsets if len(s) == half):
        rest = frozenset(groups) - subset
        meet += [
            (width * row[subset] + last, width * row[rest - {last}] + last)
            for last in rest
            if n_groups % 2 == 0 or n_groups == 1 or min(set(groups) - {last}) in subset
        ]
    meet += meet[-1:] * (-len(meet) % loops.MEETINGS)
    return PathTables(
        first=np.cumsum([0, *map(len, sources)]),
        levels=np.searchsorted([len(s) for s in subsets], np.arange(loops.LARGEST_HALF + 2)),
        sources=np.array([source for chosen in sources for source in chosen], dtype=np.int64),
        meet=np.array(meet, dtype=np.int64).T.copy(),
        path_s=aligned((len(subsets) * width,)),
        length_s=length_s,
        pinned=pinned_places(position),
    )


@jit(allocates=False)
def path_s(length_s, order):  # type: ignore[no-untyped-def]
    """Length of a path over groups (in seconds), added up from both ends to the group in the middle.

    That is how the exact search adds, so a path costs the same to the last bit wherever its cost is computed.
    """
    half = len(order) // 2
    head, tail = 0.0, 0.0
    for j in range(half):
        head += length_s[order[j], order[j + 1]]
    for j in range(len(order) - 1, half, -1):
        tail += length_s[order[j - 1], order[j]]
    return head + tail


@jit(inline=True, allocates=False)
def shortest_path_s(tables, order):  # type: ignore[no-untyped-def]
    """Length of the best order of the groups with distances `tables.length_s`; `order`, int64 `(K,)`, is scratch."""
    if len(tables.pinned.position):
        pinned_order(tables.pinned, tables.length_s, order)
        return path_s(tables.length_s, order)
    if len(tables.first):
        best = _halves(tables)
        return tables.path_s[tables.meet[0, best]] + tables.path_s[tables.meet[1, best]]
    improved_order(tables.length_s, order)
    return path_s(tables.length_s, order)


@jit(inline=True, allocates=False)
def best_order(tables, order):  # type: ignore[no-untyped-def]
    """Write the best order of the groups to `order`, int64 `(K,)`; returns what `shortest_path_s` does."""
    total_s = shortest_path_s(tables, order)
    take_order(tables, order)
    return total_s


@jit(allocates=False)
def take_order(tables, order):  # type: ignore[no-untyped-def]
    """Write the order to `order` whose length `shortest_path_s` has just found with it."""
    if len(tables.first) and not len(tables.pinned.position):
        best, middle = loops.shortest_meeting(tables.path_s, tables.meet), len(order) // 2
        order[middle] = tables.meet[0, best] & (tables.length_s.shape[1] - 1)
        _unwind(tables, tables.meet[0, best], middle - 1, -1, order)
        _unwind(tables, tables.meet[1, best], middle + 1, 1, order)


@jit(inline=True, allocates=False)
def _halves(tables):  # type: ignore[no-untyped-def]
    """Find the shortest path; returns the column of `tables.meet` that its halves are in."""
    if tables.length_s.shape[1] == 8:
        loops.extend_8(tables.path_s, tables.length_s, tables.sources, tables.levels)
    else:
        loops.extend_16(tables.path_s, tables.length_s, tables.sources, tables.levels)
    return loops.shortest_meeting(tables.path_s, tables.meet)


@jit(allocates=False)
def _unwind(tables, position, place, step, order):  # type: ignore[no-untyped-def]
    """Write the groups of a half path, from its end at `position` back to its start."""
    width = tables.length_s.shape[1]
    shift = 3 if width == 8 else 4
    row, last = position >> shift, position & (width - 1)
    while row:
        best, chosen = np.inf, 0
        for i in range(tables.first[row], tables.first[row + 1]):
            source = tables.sources[i]
            through = tables.path_s[source] + tables.length_s[source & (width - 1), last]
            if through < best:
                best, chosen = through, source
        row, last = chosen >> shift, chosen & (width - 1)
        order[place] = last
        place += step
