"""Which edges a graph can do without, in constant time: by the inverse of its shifted Laplacian, compiled.

With t > σ the matrix A = L + t·J/m − σ·I of a cluster is positive definite if and only if λ₂ > σ (see
`problems.mixing_graph.connectivity`). An edge adds or takes b·bᵀ, where b is 1 at one end and −1 at the other. By the
matrix determinant lemma, A − b·bᵀ is positive definite if and only if bᵀA⁻¹b < 1; for several edges the same holds
one after the other, on the few products bᵀA⁻¹b' between them. The inverse follows by Sherman and Morrison's formula.
"""

from __future__ import annotations

import numpy as np

from tasklet_bench.problems.compiled import jit
from tasklet_bench.problems.mixing_graph.connectivity import (
    TOLERANCE,
    UNCERTAIN,
    fill_shifted,
)

NO, YES, UNSURE = 0, 1, 2
"""Whether a graph mixes as demanded after a move; `UNSURE` asks for a factorisation."""
DIGITS = 1e-6
"""1 ± bᵀA⁻¹b is between this and its inverse, or else products of such numbers lose too many digits."""


@jit(allocates=False)
def count_between(state, i, j, change):  # type: ignore[no-untyped-def]
    """Count `change` more edges between the clusters of two devices, if they are not the same."""
    one, other = i % len(state.between), j % len(state.between)
    if one != other:
        state.between[one, other] += change
        state.between[other, one] += change


@jit
def invert(arrays, state):  # type: ignore[no-untyped-def]
    """Compute the inverses anew, and count the edges between clusters; does neither if some cluster mixes too little.

    Returns whether all mix as demanded.
    """
    clusters = len(arrays.least)
    fresh = np.zeros_like(state.inverse)
    for cluster in range(clusters):
        size = (len(state.degrees) - cluster + clusters - 1) // clusters
        shift = arrays.least[cluster] - TOLERANCE + UNCERTAIN
        fill_shifted(state.neighbours, state.degrees, cluster, clusters, shift, fresh[cluster])
        if size > 1 and not _invert_positive_definite(fresh[cluster], size):
            return False
    state.inverse[:] = fresh
    state.between[:] = 0
    change = 1
    for spot in range(state.counts[0]):
        count_between(state, state.edges[spot, 0], state.edges[spot, 1], change)
    return True


@jit(allocates=False)
def _invert_positive_definite(matrix, size):  # type: ignore[no-untyped-def]
    """Invert the leading part of a symmetric matrix in place by Gauss and Jordan's elimination.

    Returns False, and gives up, if it is not positive definite.
    """
    for k in range(size):
        pivot = matrix[k, k]
        if not pivot > 0.0:
            return False
        matrix[k, k] = 1.0
        for j in range(size):
            matrix[k, j] /= pivot
        for i in range(size):
            factor = matrix[i, k]
            if i != k and factor != 0.0:
                matrix[i, k] = 0.0
                for j in range(size):
                    matrix[i, j] -= factor * matrix[k, j]
    return True


@jit(allocates=False)
def keeps_mixing(state, n_put, n_moved):  # type: ignore[no-untyped-def]
    """Whether every cluster mixes as demanded after a move: `NO`, `YES` or `UNSURE`.

    Edges are put in first, which never harms.
    """
    clusters, gram = len(state.between), state.gram
    for row in range(n_moved):
        a, b = state.move[row, 0], state.move[row, 1]
        for col in range(row + 1):
            c, d = state.move[col, 0], state.move[col, 1]
            product = 0.0  # unless both edges are inside one cluster
            if a % clusters == b % clusters and a % clusters == c % clusters and a % clusters == d % clusters:
                inverse = state.inverse[a % clusters]
                product = inverse[a // clusters, c // clusters] - inverse[a // clusters, d // clusters]
                product -= inverse[b // clusters, c // clusters] - inverse[b // clusters, d // clusters]
            gram[row, col] = gram[col, row] = product
    answer = YES
    for row in range(n_moved):
        sign = 1.0 if row < n_put else -1.0
        pivot = 1.0 + sign * gram[row, row]
        if pivot < DIGITS or pivot > 1.0 / DIGITS:
            if answer == YES and pivot < -DIGITS:
                return NO
            answer = UNSURE
            if pivot == 0.0:
                return UNSURE
        for i in range(row + 1, n_moved):
            factor = sign * gram[i, row] / pivot
            for j in range(row + 1, n_moved):
                gram[i, j] -= factor * gram[row, j]
    return answer


@jit
def update_inverse(state, n_put, n_moved):  # type: ignore[no-untyped-def]
    """Follow a move that `keeps_mixing` allowed, edge by edge."""
    clusters = len(state.between)
    for spot in range(n_moved):
        i, j, sign = state.move[spot, 0], state.move[spot, 1], (1 if spot < n_put else -1)
        count_between(state, i, j, sign)
        if i % clusters == j % clusters:
            inverse = state.inverse[i % clusters]
            i, j = i // clusters, j // clusters
            column = np.empty(len(inverse))
            for row in range(len(inverse)):
                column[row] = inverse[i, row] - inverse[j, row]
            scale = sign / (1.0 + sign * (column[i] - column[j]))
            for row in range(len(inverse)):
                factor = scale * column[row]
                for col in range(len(inverse)):
                    inverse[row, col] -= factor * column[col]


@jit(allocates=False)
def exchange_rows(state, i, j):  # type: ignore[no-untyped-def]
    """Follow two devices of a cluster that exchange all their neighbours."""
    clusters = len(state.between)
    inverse = state.inverse[i % clusters]
    a, b = i // clusters, j // clusters
    for k in range(len(inverse)):
        inverse[a, k], inverse[b, k] = inverse[b, k], inverse[a, k]
    for k in range(len(inverse)):
        inverse[k, a], inverse[k, b] = inverse[k, b], inverse[k, a]


@jit
def keeps_clusters_joined(state, n_put, n_moved):  # type: ignore[no-untyped-def]
    """Whether the clusters, each connected in itself, still hang together after a move."""
    for spot in range(n_moved):
        count_between(state, state.move[spot, 0], state.move[spot, 1], 1 if spot < n_put else -1)
    clusters = len(state.between)
    seen, stack = np.zeros(clusters, dtype=np.bool_), np.zeros(clusters, dtype=np.int64)
    seen[0], waiting, reached = True, 1, 1
    while waiting:
        waiting -= 1
        at = stack[waiting]
        for other in range(clusters):
            if not seen[other] and state.between[at, other] > 0:
                seen[other], stack[waiting] = True, other
                waiting += 1
                reached += 1
    for spot in range(n_moved):
        count_between(state, state.move[spot, 0], state.move[spot, 1], -1 if spot < n_put else 1)
    return reached == clusters
