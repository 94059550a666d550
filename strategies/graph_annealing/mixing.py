"""Which edges a graph can do without, in constant time: by the inverse of its shifted Laplacian, compiled.

With t > σ the matrix A = L + t·J/m − σ·I of a cluster is positive definite if and only if λ₂ > σ (see
`problems.mixing_graph.connectivity`). An edge adds or takes b·bᵀ, where b is 1 at one end and −1 at the other. By the
matrix determinant lemma, A − b·bᵀ is positive definite if and only if bᵀA⁻¹b < 1; for several edges the same holds
one after the other, on the few products bᵀA⁻¹b' between them. The inverse follows by the formula of Sherman and Morrison.
"""

from __future__ import annotations

import numpy as np

from tasklet_bench.problems.compiled import jit
from tasklet_bench.problems.mixing_graph.connectivity import (
    TOLERANCE,
    UNCERTAIN,
    fill_shifted,
    is_positive_definite,
)

NO, YES, UNSURE = 0, 1, 2
"""Whether a graph mixes as demanded after a move; `UNSURE` asks for a factorisation."""
DIGITS = 1e-3
"""1 ± bᵀA⁻¹b is between this and its inverse, or else products of such numbers lose too many digits."""


@jit
def invert(arrays, state):  # type: ignore[no-untyped-def]
    """Compute the inverses anew, and count the edges between clusters; does neither if some cluster mixes too little.

    Returns whether all mix as demanded.
    """
    n, clusters = len(state.degrees), len(arrays.least)
    fresh = np.empty_like(state.inverse)
    for cluster in range(clusters):
        size = (n - cluster + clusters - 1) // clusters
        shift = arrays.least[cluster] - TOLERANCE + UNCERTAIN
        matrix = np.empty((size, size))
        fill_shifted(state.neighbours, state.degrees, cluster, clusters, shift, matrix)
        if size > 1 and not is_positive_definite(matrix.copy(), size):
            return False
        fresh[cluster, :size, :size] = np.linalg.inv(matrix)
    state.inverse[:] = fresh
    state.between[:] = 0
    for spot in range(state.counts[0]):
        _count_between(state, clusters, state.edges[spot, 0], state.edges[spot, 1], 1)
    return True


@jit(allocates=False)
def keeps_mixing(state, n_taken, n_put):  # type: ignore[no-untyped-def]
    """Whether every cluster mixes as demanded after a move: edges are put in first, which never harms."""
    clusters = len(state.between)
    total = n_taken + n_put
    for row in range(total):
        for col in range(row + 1):
            product = _product(state, clusters, n_put, row, col)
            state.gram[row, col] = state.gram[col, row] = product
    answer = YES
    for row in range(total):
        sign = 1.0 if row < n_put else -1.0
        pivot = 1.0 + sign * state.gram[row, row]
        if pivot < DIGITS or pivot > 1.0 / DIGITS:
            if answer == YES and pivot < -DIGITS:
                return NO
            answer = UNSURE
            if abs(pivot) < 1e-300:
                return UNSURE
        for i in range(row + 1, total):
            factor = sign * state.gram[i, row] / pivot
            for j in range(row + 1, total):
                state.gram[i, j] -= factor * state.gram[row, j]
    return answer


@jit(inline=True, allocates=False)
def _product(state, clusters, n_put, row, col):  # type: ignore[no-untyped-def]
    """bᵀA⁻¹b' of two edges of a move; 0 unless both are inside one cluster."""
    a, b = (
        (state.put[row, 0], state.put[row, 1])
        if row < n_put
        else (state.taken[row - n_put, 0], state.taken[row - n_put, 1])
    )
    c, d = (
        (state.put[col, 0], state.put[col, 1])
        if col < n_put
        else (state.taken[col - n_put, 0], state.taken[col - n_put, 1])
    )
    cluster = a % clusters
    if b % clusters != cluster or c % clusters != cluster or d % clusters != cluster:
        return 0.0
    inverse = state.inverse[cluster]
    a, b, c, d = a // clusters, b // clusters, c // clusters, d // clusters
    return inverse[a, c] - inverse[a, d] - inverse[b, c] + inverse[b, d]


@jit(allocates=False)
def update_inverse(state, n_taken, n_put):  # type: ignore[no-untyped-def]
    """Follow a move that `keeps_mixing` allowed, edge by edge."""
    clusters = len(state.between)
    for spot in range(n_put):
        _add(state, clusters, state.put[spot, 0], state.put[spot, 1], 1)
    for spot in range(n_taken):
        _add(state, clusters, state.taken[spot, 0], state.taken[spot, 1], -1)


@jit(allocates=False)
def _add(state, clusters, i, j, sign):  # type: ignore[no-untyped-def]
    cluster = i % clusters
    if j % clusters != cluster:
        _count_between(state, clusters, i, j, sign)
        return
    size = (len(state.degrees) - cluster + clusters - 1) // clusters
    inverse, column = state.inverse[cluster], state.column
    i, j = i // clusters, j // clusters
    for row in range(size):
        column[row] = inverse[i, row] - inverse[j, row]
    scale = sign / (1.0 + sign * (column[i] - column[j]))
    for row in range(size):
        factor = scale * column[row]
        for col in range(size):
            inverse[row, col] -= factor * column[col]


@jit(allocates=False)
def exchange_rows(state, i, j):  # type: ignore[no-untyped-def]
    """Follow two devices of a cluster that exchange all their neighbours inside it."""
    clusters = len(state.between)
    inverse = state.inverse[i % clusters]
    a, b = i // clusters, j // clusters
    for k in range(len(inverse)):
        inverse[a, k], inverse[b, k] = inverse[b, k], inverse[a, k]
    for k in range(len(inverse)):
        inverse[k, a], inverse[k, b] = inverse[k, b], inverse[k, a]


@jit
def keeps_clusters_joined(state, n_taken, n_put):  # type: ignore[no-untyped-def]
    """Whether the clusters, each connected in itself, still hang together after a move."""
    clusters = len(state.between)
    if not _takes_between(state, clusters, n_taken):
        return True
    for spot in range(n_put):
        _count_between(state, clusters, state.put[spot, 0], state.put[spot, 1], 1)
    for spot in range(n_taken):
        _count_between(state, clusters, state.taken[spot, 0], state.taken[spot, 1], -1)
    joined = _are_joined(state.between)
    for spot in range(n_put):
        _count_between(state, clusters, state.put[spot, 0], state.put[spot, 1], -1)
    for spot in range(n_taken):
        _count_between(state, clusters, state.taken[spot, 0], state.taken[spot, 1], 1)
    return joined


@jit(allocates=False)
def _takes_between(state, clusters, n_taken):  # type: ignore[no-untyped-def]
    for spot in range(n_taken):
        if state.taken[spot, 0] % clusters != state.taken[spot, 1] % clusters:
            return True
    return False


@jit(inline=True, allocates=False)
def _count_between(state, clusters, i, j, sign):  # type: ignore[no-untyped-def]
    if i % clusters != j % clusters:
        state.between[i % clusters, j % clusters] += sign
        state.between[j % clusters, i % clusters] += sign


@jit
def _are_joined(between):  # type: ignore[no-untyped-def]
    clusters = len(between)
    seen, stack = np.zeros(clusters, dtype=np.bool_), np.zeros(clusters, dtype=np.int64)
    seen[0], waiting, reached = True, 1, 1
    while waiting:
        waiting -= 1
        at = stack[waiting]
        for other in range(clusters):
            if not seen[other] and between[at, other] > 0:
                seen[other], stack[waiting] = True, other
                waiting += 1
                reached += 1
    return reached == clusters
