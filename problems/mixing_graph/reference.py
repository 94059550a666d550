"""Reference graphs: circulants that say how well a graph of a given degree can mix, and what is demanded of others.

A circulant joins each of m nodes to those 1, 2, 4, … steps ahead on a ring. Its Laplacian has the algebraic
connectivity λ₂; a share of it is demanded of the graph inside every cluster.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

BETWEEN_CLUSTERS = 2
"""Edges of a device that a reference leaves free for other clusters, where there are several."""


def inner_degree(degree: int, clusters: int) -> int:
    """Most edges of a device to its own cluster in the constructions of this family."""
    return degree if clusters == 1 else degree - BETWEEN_CLUSTERS


def strides(size: int, degree: int, clusters: int) -> tuple[int, ...]:
    """Steps 1, 2, 4, … around a ring of `size` nodes, the shorter way round, each once and none back to the start."""
    steps = (2**power % size for power in range(inner_degree(degree, clusters) // 2))
    return tuple(sorted({min(step, size - step) for step in steps} - {0}))


def circulant(size: int, steps: tuple[int, ...]) -> NDArray[np.int64]:
    """Edges `(E, 2)` of the circulant on nodes 0 … size − 1; an edge that is met twice is one edge."""
    edges = {(min(i, j), max(i, j)) for step in steps for i in range(size) for j in ((i + step) % size,)}
    return np.array(sorted(edges), dtype=np.int64).reshape(-1, 2)


def connectivity(size: int, steps: tuple[int, ...]) -> float:
    """Algebraic connectivity λ₂ of the circulant, by the closed form of its eigenvalues; 0 for one node."""

    def eigenvalue(k: int) -> float:
        # A step half way round is one edge of each node, any other one two.
        return math.fsum((1 if 2 * s == size else 2) * (1 - math.cos(2 * math.pi * k * s / size)) for s in steps)

    return min((eigenvalue(k) for k in range(1, size)), default=0.0)


def least_connectivity(size: int, degree: int, clusters: int, share: float) -> float:
    """The λ₂ that the graph inside a cluster of `size` devices must have; 0, and no demand, for one device."""
    return share * connectivity(size, strides(size, degree, clusters))
