"""A graph that edges are added to, within a largest degree."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Edges = NDArray[np.int64]


class Draft:
    """Edges between `n` devices, at most `degree` at each."""

    def __init__(self, n: int, degree: int, edges: Edges) -> None:
        self._joined = np.zeros((n, n), dtype=bool)
        self._degree = np.zeros(n, dtype=np.int64)
        self._most = degree
        for i, j in edges.tolist():
            self._add(i, j)

    def edges(self) -> Edges:
        """The edges, `(E, 2)`, in ascending order."""
        return np.argwhere(np.triu(self._joined)).astype(np.int64)

    def inside(self, members: Edges) -> Edges:
        """The edges between some devices, numbered within these."""
        return np.argwhere(np.triu(self._joined[np.ix_(members, members)])).astype(np.int64)

    def join(self, members: Edges, cost_s: NDArray[np.float64], most: int) -> None:
        """Connect some devices: the cheapest edge out of the first one's piece, again and again (Prim).

        Only devices with fewer than `most` edges get one.
        """
        priced_s = cost_s[np.ix_(members, members)]
        piece = self._pieces(self._joined[np.ix_(members, members)])
        limit = min(most, self._most)
        while piece.any():
            room = self._degree[members] < limit
            out = ((piece == 0) & room)[:, None] & ((piece > 0) & room)
            if not out.any():
                return
            i, j = divmod(int(np.argmin(np.where(out, priced_s, np.inf))), len(members))
            self._add(int(members[i]), int(members[j]))
            piece[piece == piece[j]] = 0

    def add_best(self, members: Edges, value: NDArray[np.float64], most: int, count: int) -> int:
        """Add up to `count` of the most valuable new edges between some devices; returns how many there were."""
        free = members[self._degree[members] < min(most, self._most)]
        allowed = np.triu(~self._joined[np.ix_(members, members)], k=1)
        allowed &= np.isin(members, free) & np.isin(members, free)[:, None]
        first, second = np.nonzero(allowed)
        added = 0
        for pair in np.argsort(-value[first, second], kind="stable"):
            if added == count:
                break
            if self._room(int(members[first[pair]]), int(members[second[pair]]), most):
                self._add(int(members[first[pair]]), int(members[second[pair]]))
                added += 1
        return added

    def link(self, one: Edges, other: Edges, cost_s: NDArray[np.float64]) -> None:
        """Add the cheapest edge between two sets of devices, unless some way joins them or there is no room."""
        piece = self._pieces(self._joined)
        if piece[one[0]] == piece[other[0]]:
            return
        room = self._degree < self._most
        one, other = one[room[one]], other[room[other]]
        if one.size and other.size:
            place = int(np.argmin(cost_s[np.ix_(one, other)]))
            self._add(int(one[place // len(other)]), int(other[place % len(other)]))

    def is_connected(self) -> bool:
        """Whether all devices hang together."""
        return bool((self._pieces(self._joined) == 0).all())

    def _add(self, i: int, j: int) -> None:
        self._joined[i, j] = self._joined[j, i] = True
        self._degree[[i, j]] += 1

    def _room(self, i: int, j: int, most: int) -> bool:
        limit = min(most, self._most)
        return bool(not self._joined[i, j] and self._degree[i] < limit and self._degree[j] < limit)

    @staticmethod
    def _pieces(joined: NDArray[np.bool_]) -> NDArray[np.int64]:
        """The smallest member of each one's piece, `(n,)`."""
        piece = np.arange(len(joined))
        while True:
            least = np.where(joined, piece, len(joined)).min(axis=1, initial=len(joined))
            if (least >= piece).all():
                return piece
            piece = np.minimum(piece, least)
