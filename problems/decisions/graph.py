"""An undirected graph of bounded degree."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.candidate import InvalidCandidate
from tasklet_bench.problems.decisions.checking import as_integers, read_integers

Edges = NDArray[np.int64]


@dataclass(frozen=True)
class Graph:
    """Edges between `n` nodes, at most `degree` at each: int64 arrays `(E, 2)`, every edge once as i < j, in any order.

    Connectivity is no part of it: a problem that asks for it says `Infeasible`.
    """

    n: int
    degree: int

    def __post_init__(self) -> None:
        if self.n < 1 or self.degree < 1:
            raise ValueError(f"{self.n} nodes of degree {self.degree}, expected at least 1 of each")

    kind = "graph"

    def sample(self, rng: np.random.Generator) -> Edges:
        """Draw a graph, connected wherever the degree allows it.

        A tree first: each node in random order joins a random earlier one with room. Then further pairs in random
        order, as far as they have room, up to a number of edges that is drawn uniformly.
        """
        draft = _Draft(self)
        order = rng.permutation(self.n)
        for place in range(1, self.n):
            earlier = order[:place]
            room = earlier[draft.degree[earlier] < self.degree]
            if room.size:
                draft.add(int(order[place]), int(rng.choice(room)))
        wanted = int(rng.integers(len(draft.edges), max(len(draft.edges), self._most_edges) + 1))
        draft.add_all(self._pairs[rng.permutation(len(self._pairs))], wanted)
        return draft.as_array()

    def check(self, candidate: Any) -> Edges:
        """Return the edges as an int64 array; raises `InvalidCandidate` for loops, repeats and too many at a node."""
        edges = self._no_edges if _is_empty(candidate) else as_integers(candidate, "edges", "(E, 2)")
        if edges.ndim != 2 or edges.shape[1] != 2:
            raise InvalidCandidate(f"edges are an int array of shape (E, 2), found {edges.dtype} {edges.shape}")
        wrong = np.flatnonzero((edges[:, 0] < 0) | (edges[:, 0] >= edges[:, 1]) | (edges[:, 1] >= self.n))
        if wrong.size:
            place = int(wrong[0])
            raise InvalidCandidate(f"edge {place} is {edges[place].tolist()}, expected nodes 0 <= i < j < {self.n}")
        edges = edges.astype(np.int64, copy=False)
        if len(np.unique(edges, axis=0)) < len(edges):
            raise InvalidCandidate("every edge stands once, found one twice")
        degrees = self._degrees(edges)
        if degrees.max() > self.degree:
            node = int(degrees.argmax())
            raise InvalidCandidate(f"node {node} has {degrees[node]} edges, expected at most {self.degree}")
        return edges

    def canonical(self, candidate: Edges) -> Edges:
        """The same edges in ascending order."""
        return candidate[np.lexsort((candidate[:, 1], candidate[:, 0]))]

    def neighbour(self, candidate: Edges, rng: np.random.Generator) -> Edges:
        """Add an edge, remove one, move one end of one, or let two edges change ends, whichever can be done."""
        draft = _Draft(self, candidate)
        changes = (draft.add_any, draft.remove_any, draft.move_end, draft.exchange_ends)
        for place in rng.permutation(len(changes)):
            if changes[place](rng):
                break
        return draft.as_array()

    def cross(self, first: Edges, second: Edges, rng: np.random.Generator) -> Edges:
        """What both have, and of the rest, in random order, half as far as there is room."""
        codes_1, codes_2 = (edges[:, 0] * self.n + edges[:, 1] for edges in (first, second))
        rest = rng.permutation(np.setxor1d(codes_1, codes_2))
        draft = _Draft(self)
        for codes, most in ((np.intersect1d(codes_1, codes_2), self._most_edges), (rest, (len(rest) + 1) // 2)):
            draft.add_all(np.column_stack(np.divmod(codes, self.n)), len(draft.edges) + most)
        return draft.as_array()

    @property
    def dimension(self) -> int:
        """One key for each pair of nodes."""
        return len(self._pairs)

    def decode(self, keys: NDArray[np.float64]) -> Edges:
        """The pairs with keys below 1/2, in ascending order, as far as both ends have room."""
        draft = _Draft(self)
        order = np.argsort(keys, kind="stable")
        draft.add_all(self._pairs[order[keys[order] < 0.5]])
        return draft.as_array()

    def categories(self) -> Sequence[int]:
        """Yes or no for each pair of nodes, neighbours in number first."""
        return (2,) * self.dimension

    def from_categories(self, values: Sequence[int]) -> Edges:
        """The pairs with 1, as far as both ends have room; nodes that are near in number come first."""
        draft = _Draft(self)
        draft.add_all(self._pairs[np.asarray(values, dtype=np.int64) > 0])
        return draft.as_array()

    def to_json(self, candidate: Edges) -> Any:
        """The edges as pairs."""
        return candidate.tolist()

    def from_json(self, data: Any) -> Edges:
        """Read a list of pairs; raises `InvalidCandidate` for anything that is no member."""
        if not isinstance(data, list):
            raise InvalidCandidate(f"edges are a list of pairs, found {type(data).__name__}")
        pairs = [read_integers(pair, f"edge {place}: nodes") for place, pair in enumerate(data)]
        return self.check(pairs)

    def describe(self) -> str:
        """How many nodes, and the largest degree."""
        return f"a graph of {self.n} devices with at most {self.degree} links each"

    def _degrees(self, edges: Edges) -> NDArray[np.int64]:
        return np.bincount(edges.ravel(), minlength=self.n)

    @property
    def _most_edges(self) -> int:
        return min(len(self._pairs), self.n * self.degree // 2)

    @property
    def _no_edges(self) -> Edges:
        return np.empty((0, 2), dtype=np.int64)

    @cached_property
    def _pairs(self) -> Edges:
        """All pairs, `(n(n-1)/2, 2)`, by their distance in number, so that no node comes before the others."""
        pairs = np.column_stack(np.triu_indices(self.n, k=1)).astype(np.int64)
        pairs = pairs[np.argsort(pairs[:, 1] - pairs[:, 0], kind="stable")]
        pairs.flags.writeable = False
        return pairs


def _is_empty(candidate: Any) -> bool:
    if isinstance(candidate, np.ndarray):
        return candidate.size == 0
    return isinstance(candidate, (list, tuple)) and not candidate


class _Draft:
    """A graph that is being changed; every change keeps the largest degree, and says whether it was made."""

    def __init__(self, decision: Graph, edges: Edges | None = None) -> None:
        self._n, self._most = decision.n, decision.degree
        self.edges: list[tuple[int, int]] = []
        self.degree = np.zeros(decision.n, dtype=np.int64)
        self._linked: list[set[int]] = [set() for _ in range(decision.n)]
        for one, other in edges.tolist() if edges is not None else ():
            self.add(one, other)

    def as_array(self) -> Edges:
        """The edges in ascending order."""
        return np.array(sorted(self.edges), dtype=np.int64).reshape(-1, 2)

    def add(self, one: int, other: int) -> bool:
        """Add an edge where it is new and both ends have room."""
        if other in self._linked[one] or self.degree[one] >= self._most or self.degree[other] >= self._most:
            return False
        self.edges.append((min(one, other), max(one, other)))
        self.degree[one] += 1
        self.degree[other] += 1
        self._linked[one].add(other)
        self._linked[other].add(one)
        return True

    def add_all(self, pairs: Iterable[Sequence[int]], most: int | None = None) -> None:
        """Add pairs in this order as far as there is room, until there are `most` edges."""
        for one, other in np.asarray(pairs).tolist():
            if most is not None and len(self.edges) >= most:
                break
            self.add(one, other)

    def remove(self, place: int) -> tuple[int, int]:
        """Take an edge out."""
        one, other = self.edges.pop(place)
        self.degree[one] -= 1
        self.degree[other] -= 1
        self._linked[one].discard(other)
        self._linked[other].discard(one)
        return one, other

    def add_any(self, rng: np.random.Generator) -> bool:
        """Add a random edge."""
        for one in rng.permutation(np.flatnonzero(self.degree < self._most)).tolist():
            partners = self._partners(one)
            if partners.size:
                return self.add(one, int(rng.choice(partners)))
        return False

    def remove_any(self, rng: np.random.Generator) -> bool:
        """Remove a random edge."""
        if not self.edges:
            return False
        self.remove(int(rng.integers(len(self.edges))))
        return True

    def move_end(self, rng: np.random.Generator) -> bool:
        """One end of a random edge moves to another node with room."""
        if not self.edges:
            return False
        place = int(rng.integers(len(self.edges)))
        one = self.edges[place][int(rng.integers(2))]
        partners = self._partners(one)
        if not partners.size:
            return False
        self.remove(place)
        return self.add(one, int(rng.choice(partners)))

    def exchange_ends(self, rng: np.random.Generator) -> bool:
        """Two random edges without a common node change one end each, which leaves all degrees as they are."""
        if len(self.edges) < 2:
            return False
        places = sorted(rng.choice(len(self.edges), size=2, replace=False).tolist())
        (a, b), (c, d) = self.edges[places[0]], self.edges[places[1]]
        if rng.random() < 0.5:
            c, d = d, c
        if len({a, b, c, d}) < 4 or d in self._linked[a] or c in self._linked[b]:
            return False
        self.remove(places[1])
        self.remove(places[0])
        return self.add(a, d) and self.add(b, c)

    def _partners(self, one: int) -> NDArray[np.intp]:
        """Nodes with room that have no edge to this one."""
        free = self.degree < self._most
        free[[one, *self._linked[one]]] = False
        return np.flatnonzero(free)
