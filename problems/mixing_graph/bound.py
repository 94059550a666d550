"""Lower bounds on the period of any valid graph.

The period is at least the weight of every loop: `b·c_i` and the seconds that device i sends, or gets. What a device
must send follows from degrees (Fiedler: λ₂ is at most m/(m−1) times the least degree), from cuts (a set of s devices of
a cluster of m has at least λ₂·s·(m−s)/m edges to the others), and from spanning trees.
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

Seconds = NDArray[np.float64]
Devices = NDArray[np.int64]


def lower_bound(problem: MixingGraphProblem) -> float:
    """The largest of all bounds here (in seconds)."""
    arrays = problem.arrays
    bounds_s = [float(arrays.compute_s.max())]
    for members, least in zip(problem.clusters, problem.least_connectivity, strict=True):
        if len(members) > 1:
            inside = np.ix_(members, members)
            airtime_s, delay_s = arrays.airtime_s[inside], arrays.delay_s[inside]
            before_s = arrays.before_s[members]
            bounds_s.append(of_degrees(airtime_s, delay_s, before_s, float(least)))
            bounds_s.append(of_trees(airtime_s, before_s))
            site = problem.network.topology.site_of[members]
            bounds_s.append(of_cuts(airtime_s, before_s, float(least), site))
    return max(bounds_s)


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


def of_trees(airtime_s: Seconds, before_s: Seconds) -> float:
    """A cluster holds a spanning tree, and no weighted mean of loops is below that of the best tree."""
    from tasklet_bench.problems.mixing_graph.tree_bound import best_tree_bound_s

    return float(best_tree_bound_s(np.ascontiguousarray(airtime_s), np.ascontiguousarray(before_s)))


def of_cuts(airtime_s: Seconds, before_s: Seconds, least: float, site: Devices) -> float:
    """No set of devices can do with fewer edges to the others than λ₂ asks for; one of them sends at least the mean."""
    best_s = 0.0
    for inside in _sets(airtime_s, site):
        count = int(inside.sum())
        edges = max(1, math.ceil(least * count * (len(inside) - count) / len(inside) - ROUNDING))
        for way_s in (airtime_s, airtime_s.T):
            leaving_s = np.partition(way_s[np.ix_(inside, ~inside)].ravel(), edges - 1)[:edges].sum()
            best_s = max(best_s, float(before_s[inside].sum() + leaving_s) / count)
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
