"""Six small families of problems, one for each kind of decision: none of them is known to any strategy."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import numpy as np

from tasklet_bench.problems import (
    Choice,
    Cost,
    Graph,
    Grouping,
    InvalidCandidate,
    Permutation,
    Problem,
    Product,
    Site,
    Tree,
)
from tasklet_bench.problems.candidate import Infeasible
from tasklet_bench.problems.decisions import Decision


class Toy(Problem):
    """A function over a decision; costs are seconds that nobody pays."""

    family = "toy"

    def __init__(self, name: str, decision: Decision, seconds: Callable[[Any], float], devices: int) -> None:
        self.name, self.decision, self._seconds = f"toy/{name}", decision, seconds  # type: ignore[misc]
        self.digest = hashlib.sha256(self.name.encode()).hexdigest()  # type: ignore[misc]
        self.sites = (Site("here", devices),)  # type: ignore[misc]

    def cost(self, candidate: Any) -> Cost:
        """The function's value."""
        total_s = self._seconds(self.decision.check(candidate))
        return Cost(total_s, {"all_s": total_s})

    def bound(self) -> float:
        """Nothing costs less than nothing."""
        return 0.0


class Connected(Toy):
    """A graph that has to be connected; its repair links the components one after the other."""

    def repair(self, candidate: Any) -> Any | None:
        """One edge from each component to the next, where the degrees allow it."""
        edges, n = candidate.tolist(), self.decision.n  # type: ignore[attr-defined]
        component = _components(candidate, n)
        degree = np.bincount(candidate.ravel(), minlength=n)
        for low, high in zip(np.unique(component)[:-1], np.unique(component)[1:], strict=True):
            ends = [min(np.flatnonzero(component == c), key=lambda node: degree[node]) for c in (low, high)]
            edges.append(sorted(int(end) for end in ends))
            degree[ends] += 1
        try:
            return self.decision.check(edges)
        except InvalidCandidate:
            return None


def grouping() -> Toy:
    """Three groups and a reserve."""
    return toys()[0]


def permutation() -> Toy:
    """A tour."""
    return toys()[1]


def choice() -> Toy:
    """Options that go well together or do not."""
    return toys()[2]


def product() -> Toy:
    """A shape and an order."""
    return toys()[3]


def graph() -> Toy:
    """A network that has to be connected."""
    return toys()[4]


def tree() -> Toy:
    """A broadcast."""
    return toys()[5]


def toys() -> list[Toy]:
    """One problem for each kind of decision."""
    rng = np.random.default_rng(0)
    points = rng.random((12, 2))
    far = np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1))
    weight = rng.random((12, 12))
    table = rng.random((10, 4, 4))

    def groups(labels: Any) -> float:
        """Within each group, all distances; the reserve, group 3, costs the same for each device in it."""
        within = sum(far[np.ix_(own, own)].sum() for g in range(3) if (own := np.flatnonzero(labels == g)).size)
        return float(within + 2.0 * np.count_nonzero(labels == 3))

    def tour(order: Any) -> float:
        return float(far[order, np.roll(order, 1)].sum())

    def options(choices: Any) -> float:
        return float(sum(table[i, choices[i], choices[(i + 1) % 10]] for i in range(10)))

    def shape_and_order(candidate: Any) -> float:
        (rows,), order = candidate[0], candidate[1]
        grid = order.reshape((2, 3, 4)[rows], -1)
        return float(far[grid[:, 1:], grid[:, :-1]].sum() + 0.3 * weight[grid[1:], grid[:-1]].sum())

    def network(edges: Any) -> float:
        if len(np.unique(_components(edges, 12))) > 1:
            raise Infeasible("the graph is not connected")
        hops = _hops(edges, 12)
        return float(hops.mean() + 0.1 * sum(far[i, j] for i, j in edges))

    def broadcast(parents: Any) -> float:
        """The slowest leaf: every step costs its link, and a parent serves its children one after the other."""
        n, served, done_s = len(parents), np.zeros(len(parents)), {}
        root = int(np.flatnonzero(parents == np.arange(n))[0])
        waiting, done_s[root] = [root], 0.0
        while waiting:
            node = waiting.pop()
            for child in np.flatnonzero(parents == node):
                if child != node:
                    served[node] += far[node, child] + 0.05
                    done_s[int(child)] = done_s[node] + served[node]
                    waiting.append(int(child))
        return float(max(done_s.values()))

    return [
        Toy("grouping", Grouping(12, (2, 2, 2, 0), (6, 6, 6, 4)), groups, 12),
        Toy("permutation", Permutation(12), tour, 12),
        Toy("choice", Choice((4,) * 10), options, 10),
        Toy("product", Product((Choice((3,)), Permutation(12))), shape_and_order, 12),
        Connected("graph", Graph(12, 3), network, 12),
        Toy("tree", Tree(12), broadcast, 12),
    ]


def _components(edges: Any, n: int) -> Any:
    """The lowest node that each node is linked with, directly or not."""
    component = np.arange(n)
    for _ in range(n):
        for i, j in edges:
            component[i] = component[j] = min(component[i], component[j])
    return component


def _hops(edges: Any, n: int) -> Any:
    from scipy.sparse.csgraph import shortest_path

    linked = np.zeros((n, n))
    linked[edges[:, 0], edges[:, 1]] = 1
    return shortest_path(linked, directed=False, unweighted=True)
