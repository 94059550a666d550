"""A rooted tree over devices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.candidate import InvalidCandidate
from tasklet_bench.problems.decisions.checking import check_integers, clip_categories, read_integers

Parents = NDArray[np.int64]


@dataclass(frozen=True)
class Tree:
    """The parent of each of `n` nodes: int64 arrays `(n,)`. One, the root, is its own parent; there is no cycle."""

    n: int

    def __post_init__(self) -> None:
        if self.n < 1:
            raise ValueError(f"a tree of {self.n} nodes, expected at least 1")

    kind = "tree"

    def sample(self, rng: np.random.Generator) -> Parents:
        """Draw a rooted tree, uniformly.

        Source: Prüfer, "Neuer Beweis eines Satzes über Permutationen", Archiv der Mathematik und Physik 1918: n - 2
        random nodes name a tree, each of the n^(n-2) trees once. The root is drawn apart.
        """
        root = int(rng.integers(self.n))
        return _hang(_linked(rng.integers(self.n, size=max(0, self.n - 2)), self.n), root)

    def check(self, candidate: Any) -> Parents:
        """Return the parents as an int64 array; raises `InvalidCandidate` unless all nodes hang below one root."""
        parents = check_integers(candidate, "parents", self.n, self.n)
        roots = np.flatnonzero(parents == np.arange(self.n))
        if len(roots) != 1:
            raise InvalidCandidate(f"exactly one node is its own parent, found {roots.tolist() or 'none'}")
        on_cycle = np.flatnonzero(_ancestors_after(parents, self.n) != roots[0])
        if on_cycle.size:
            raise InvalidCandidate(f"every node hangs below the root, found a cycle above node {on_cycle[0]}")
        return parents

    def canonical(self, candidate: Parents) -> Parents:
        """The same parents: no two candidates mean the same."""
        return candidate

    def neighbour(self, candidate: Parents, rng: np.random.Generator) -> Parents:
        """Hang a node elsewhere with all below it, let two nodes change places, or let a child of the root be it."""
        if self.n < 2:
            return candidate.copy()
        draw = rng.random()
        if draw < 0.5:
            changed = self._moved(candidate, rng)
        elif draw < 0.8:
            changed = self._swapped(candidate, rng)
        else:
            changed = candidate
        return changed if (changed != candidate).any() else self._turned(candidate, rng)

    def _moved(self, parents: Parents, rng: np.random.Generator) -> Parents:
        changed = parents.copy()
        node = int(rng.choice(np.flatnonzero(parents != np.arange(self.n))))
        places = np.flatnonzero(~self._below(parents, node))
        places = places[places != parents[node]]
        if places.size:
            changed[node] = rng.choice(places)
        return changed

    def _swapped(self, parents: Parents, rng: np.random.Generator) -> Parents:
        one, other = rng.choice(self.n, size=2, replace=False)
        name = np.arange(self.n)
        name[one], name[other] = other, one
        changed = np.empty_like(parents)
        changed[name] = name[parents]
        return changed

    def _turned(self, parents: Parents, rng: np.random.Generator) -> Parents:
        own = parents == np.arange(self.n)
        root = int(np.flatnonzero(own)[0])
        heir = int(rng.choice(np.flatnonzero((parents == root) & ~own)))
        changed = parents.copy()
        changed[heir] = changed[root] = heir
        return changed

    def _below(self, parents: Parents, top: int) -> NDArray[np.bool_]:
        """Which nodes, `(n,)`, hang below a node; itself too."""
        cut = parents.copy()
        cut[top] = top
        below: NDArray[np.bool_] = _ancestors_after(cut, self.n) == top
        return below

    def cross(self, first: Parents, second: Parents, rng: np.random.Generator) -> Parents:
        """Each node has its parent from one of the two; `from_categories` opens cycles."""
        return self.from_categories(np.where(rng.random(self.n) < 0.5, first, second).tolist())

    @property
    def dimension(self) -> int:
        """A rank and a parent for each node."""
        return 2 * self.n

    def decode(self, keys: NDArray[np.float64]) -> Parents:
        """The first n keys put the nodes in order, the root first; by the others each chooses among those before it."""
        order = np.argsort(keys[: self.n], kind="stable")
        place = np.arange(self.n)
        chosen = np.floor(np.clip(keys[self.n :][order], 0.0, 1.0) * place).astype(np.int64)
        parents = np.empty(self.n, dtype=np.int64)
        parents[order] = order[np.minimum(chosen, np.maximum(place - 1, 0))]
        return parents

    def categories(self) -> Sequence[int]:
        """A parent for each node."""
        return (self.n,) * self.n

    def from_categories(self, values: Sequence[int]) -> Parents:
        """The parents where they make a tree. Else every cycle is opened at its lowest node, which goes to the root.

        The root is the lowest node that is its own parent; where there is none, the lowest node on a cycle.
        """
        parents = clip_categories(values, self.n)
        nodes = np.arange(self.n)
        lowest = _lowest_of_cycles(parents)
        own = nodes[parents == nodes]
        root = own[0] if own.size else lowest[0]
        parents[lowest] = root
        parents[root] = root
        return parents

    def to_json(self, candidate: Parents) -> Any:
        """The parents as a list."""
        return candidate.tolist()

    def from_json(self, data: Any) -> Parents:
        """Read a list of parents; raises `InvalidCandidate` for anything that is no member."""
        return self.check(np.array(read_integers(data, "parents"), dtype=np.int64))

    def describe(self) -> str:
        """How many nodes the tree has."""
        return f"a tree of {self.n} devices"


def _ancestors_after(parents: Parents, steps: int) -> Parents:
    """Where each node comes to after at least so many steps upwards, by repeated doubling."""
    ancestors, done = parents, 1
    while done < steps:
        ancestors, done = ancestors[ancestors], 2 * done
    return ancestors


def _lowest_of_cycles(parents: Parents) -> Parents:
    """The lowest node of each cycle, in ascending order; a node that is its own parent is a cycle."""
    on_cycle = np.unique(_ancestors_after(parents, len(parents)))
    lowest, seen = [], set()
    for start in on_cycle.tolist():
        node = start
        if node not in seen:
            lowest.append(node)
        while node not in seen:
            seen.add(node)
            node = int(parents[node])
    return np.array(lowest, dtype=np.int64)


def _linked(code: NDArray[np.int64], n: int) -> list[list[int]]:
    """The neighbours of each node in the tree that a Prüfer code names."""
    from heapq import heapify, heappop, heappush

    links: list[list[int]] = [[] for _ in range(n)]
    left = np.bincount(code, minlength=n) + 1
    leaves = np.flatnonzero(left == 1).tolist()
    heapify(leaves)
    for node in code.tolist():
        leaf = heappop(leaves)
        links[leaf].append(node)
        links[node].append(leaf)
        left[node] -= 1
        if left[node] == 1:
            heappush(leaves, node)
    if n > 1:
        one, other = heappop(leaves), heappop(leaves)
        links[one].append(other)
        links[other].append(one)
    return links


def _hang(links: list[list[int]], root: int) -> Parents:
    """The parent of each node when the tree hangs from a root."""
    parents = np.empty(len(links), dtype=np.int64)
    parents[root] = root
    waiting = [root]
    while waiting:
        node = waiting.pop()
        for child in links[node]:
            if child != parents[node]:
                parents[child] = node
                waiting.append(child)
    return parents
