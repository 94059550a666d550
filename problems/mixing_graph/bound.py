"""Lower bounds on the period of any valid graph.

The period is at least the weight of every loop: `b·c_i` and the seconds that device i sends, or gets. What a device
must send follows from degrees (Fiedler: λ₂ is at most m/(m−1) times the least degree), from cuts (a set of s devices of
a cluster of m has at least λ₂·s·(m−s)/m edges to the others), and from spanning trees, as everything is connected.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from tasklet_bench.problems.mixing_graph.problem import MixingGraphProblem

ROUNDING = 1e-9
"""Taken off a number of edges before it is rounded up."""

LARGEST_GAIN = 2.5
"""Times a bound that limits on edges are tried for."""
LIMITS = 7
"""How many are tried."""
WORK, LEAST_ROUNDS = 24_000_000, 10
"""Pairs of devices looked at for spanning trees, some hundredths of a second in all; trees for each limit at least."""
LARGE = 200
"""Devices of a cluster above which less is tried."""

Seconds = NDArray[np.float64]
Devices = NDArray[np.int64]


def lower_bound(problem: MixingGraphProblem) -> float:
    """The largest of all bounds here (in seconds)."""
    arrays = problem.arrays
    edges_s = edge_seconds(arrays.airtime_s, arrays.delay_s, arrays.before_s)
    best_s = max(float(arrays.compute_s.max()), of_costliest_edge(edges_s))
    for members, least in zip(problem.clusters, problem.least_connectivity, strict=True):
        if len(members) > 1:
            inside = np.ix_(members, members)
            airtime_s, before_s = arrays.airtime_s[inside], arrays.before_s[members]
            site = problem.network.topology.site_of[members]
            best_s = max(
                best_s,
                of_degrees(airtime_s, arrays.delay_s[inside], before_s, float(least)),
                of_cuts(airtime_s, before_s, float(least), site),
                of_costliest_edge(edges_s[inside]),
            )
            rounds = max(LEAST_ROUNDS, WORK // (problem.options.clusters * (LIMITS + 1) * len(members) ** 2))
            best_s = of_trees(airtime_s, before_s, edges_s[inside], best_s, rounds)
    return best_s


def edge_seconds(airtime_s: Seconds, delay_s: Seconds, before_s: Seconds) -> Seconds:
    """What an edge alone makes the period, `(m, m)`: the loops of both ends, and the mean of its two arcs."""
    arcs_s = before_s[:, None] + delay_s + airtime_s
    loops_s = before_s[:, None] + np.maximum(airtime_s, airtime_s.T)
    return np.maximum((arcs_s + arcs_s.T) / 2, np.maximum(loops_s, loops_s.T))


def of_degrees(airtime_s: Seconds, delay_s: Seconds, before_s: Seconds, least: float) -> float:
    """Every device has a neighbour, and as many as λ₂ asks for.

    A device and any neighbour of it wait for each other: the mean of the two arcs counts, the best neighbour taken.
    """
    size = len(before_s)
    degree = max(1, math.ceil(least * (size - 1) / size - ROUNDING))
    sends_s, gets_s = _smallest(airtime_s, degree), _smallest(airtime_s.T, degree)
    loops_s = before_s + np.maximum(sends_s, gets_s)
    sends_to_s = airtime_s + _smallest_others(airtime_s, degree)
    gets_from_s = (airtime_s.T + _smallest_others(airtime_s.T, degree)).T
    arcs_s = before_s[:, None] + delay_s + np.maximum(sends_to_s, gets_from_s)
    means_s = (arcs_s + arcs_s.T) / 2
    np.fill_diagonal(means_s, np.inf)
    return float(max(loops_s.max(), means_s.min(axis=1).max()))


def of_costliest_edge(edges_s: Seconds) -> float:
    """The costliest edge of a graph that connects all is no cheaper than that of the best spanning tree (Prim)."""
    outside = np.arange(len(edges_s)) > 0
    nearest_s, costliest_s = edges_s[0].copy(), 0.0
    for _ in range(len(edges_s) - 1):
        following = int(np.argmin(np.where(outside, nearest_s, np.inf)))
        costliest_s = max(costliest_s, float(nearest_s[following]))
        outside[following] = False
        nearest_s = np.minimum(nearest_s, edges_s[following])
    return costliest_s


def of_trees(airtime_s: Seconds, before_s: Seconds, edges_s: Seconds, known_s: float, rounds: int) -> float:
    """A better bound than one that is known, or the same: a graph holds a spanning tree, which loads its devices.

    If all trees without edges dearer than a period have a larger load than it, no graph has that period: a limit that
    is proven is raised, one that is not is lowered.
    """
    from tasklet_bench.problems.mixing_graph.tree_bound import tree_bound_s

    airtime_s, before_s = np.ascontiguousarray(airtime_s), np.ascontiguousarray(before_s)
    edges_s = np.ascontiguousarray(edges_s)
    proven_s = max(known_s, float(tree_bound_s(airtime_s, before_s, edges_s, np.inf, rounds)))
    unproven_s = LARGEST_GAIN * proven_s
    for _ in range(LIMITS if len(before_s) <= LARGE else 0):
        limit_s = (proven_s + unproven_s) / 2
        if tree_bound_s(airtime_s, before_s, edges_s, limit_s, rounds) > limit_s:
            proven_s = limit_s
        else:
            unproven_s = limit_s
    return proven_s


def of_cuts(airtime_s: Seconds, before_s: Seconds, least: float, site: Devices) -> float:
    """No set of devices can do with fewer edges to the others than λ₂ asks for.

    One of them sends at least the mean of what leaves, and one has at least the mean number of edges, rounded up.
    """
    best_s = 0.0
    for inside in _sets(airtime_s, site):
        count = int(inside.sum())
        edges = max(1, math.ceil(least * count * (len(inside) - count) / len(inside) - ROUNDING))
        for way_s in (airtime_s, airtime_s.T):
            out_s = way_s[np.ix_(inside, ~inside)]
            leaving_s = np.partition(out_s.ravel(), edges - 1)[:edges].sum()
            best_s = max(best_s, float(before_s[inside].sum() + leaving_s) / count)
            each = -(-edges // count)  # so many leave from one of them
            if each <= out_s.shape[1]:
                some_s = before_s[inside] + np.partition(out_s, each - 1, axis=1)[:, :each].sum(axis=1)
                best_s = max(best_s, float(some_s.min()))
    return best_s


def _smallest(airtime_s: Seconds, count: int) -> Seconds:
    """Sum of the `count` smallest airtimes of each row, the diagonal left out."""
    others = airtime_s + np.diag(np.full(len(airtime_s), np.inf))
    smallest: Seconds = np.partition(others, count - 1, axis=1)[:, :count].sum(axis=1)
    return smallest


def _smallest_others(airtime_s: Seconds, count: int) -> Seconds:
    """For each entry of a row the sum of the `count` − 1 smallest others of its row."""
    if count == 1:
        return np.zeros_like(airtime_s)
    others = airtime_s + np.diag(np.full(len(airtime_s), np.inf))
    order = np.sort(others, axis=1)[:, :count]
    # An entry among the smallest itself is replaced by the next one.
    return np.asarray(order.sum(axis=1)[:, None] - np.minimum(np.maximum(others, 0.0), order[:, -1:]))


def _sets(airtime_s: Seconds, site: Devices) -> Iterator[NDArray[np.bool_]]:
    """Sets that are far from the rest: sites, and all that grow together when the fastest links come first."""
    n = len(site)
    for place in np.unique(site):
        if (site == place).sum() < n:
            yield site == place
    if n > LARGE:
        return
    piece = np.arange(n)
    first, second = np.triu_indices(n, k=1)
    pair_s = (airtime_s + airtime_s.T)[first, second]
    for pair in np.argsort(pair_s, kind="stable"):
        one, other = piece[first[pair]], piece[second[pair]]
        if one != other:
            piece[piece == other] = one
            inside = piece == one
            if inside.all():
                return
            yield inside
