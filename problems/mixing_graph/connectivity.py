"""Whether λ₂ of the graph inside a cluster is as large as demanded, by one Cholesky factorisation, compiled.

With t > σ > 0 the matrix L + t·J/m − σ·I (J all ones, m nodes) has the eigenvalues t − σ, in place of that of the
constant vector, and λ − σ for all others λ of the Laplacian L: it is positive definite if and only if λ₂ > σ. Rounding
moves an eigenvalue by about m·‖L‖·1e-16, far below `UNCERTAIN`; only where σ ± `UNCERTAIN` disagree, which only graphs
on the very border make happen, an eigensolver has to tell.
"""

from __future__ import annotations

from tasklet_bench.problems.compiled import jit

TOLERANCE = 1e-9
"""How far λ₂ may be below what is demanded: references sit exactly on the border."""
UNCERTAIN = 1e-11
"""Around the border, where the factorisation is not trusted."""
AT_ONCE = 8
"""Rows that are eliminated at a time."""
ENOUGH, BELOW, UNDECIDED = 0, 1, 2


@jit(allocates=False)
def compare_connectivity(neighbours, degrees, cluster, clusters, least, matrix):  # type: ignore[no-untyped-def]
    """Whether the graph inside a cluster has λ₂ ≥ `least` − `TOLERANCE`: `ENOUGH`, `BELOW` or `UNDECIDED`.

    `matrix`: scratch, at least m × m for the m devices v with v mod `clusters` = `cluster`.
    """
    size = (len(degrees) - cluster + clusters - 1) // clusters
    if size < 2 or least <= TOLERANCE:
        return ENOUGH
    fill_shifted(neighbours, degrees, cluster, clusters, least - TOLERANCE + UNCERTAIN, matrix)
    if is_positive_definite(matrix, size):
        return ENOUGH
    fill_shifted(neighbours, degrees, cluster, clusters, least - TOLERANCE - UNCERTAIN, matrix)
    if is_positive_definite(matrix, size):
        return UNDECIDED
    return BELOW


@jit(allocates=False)
def fill_shifted(neighbours, degrees, cluster, clusters, shift, matrix):  # type: ignore[no-untyped-def]
    """Write L + t·J/m − `shift`·I of the graph inside a cluster; t is the largest eigenvalue that L could have."""
    size = (len(degrees) - cluster + clusters - 1) // clusters
    ones = (2.0 * neighbours.shape[1] + shift) / size
    for row in range(size):
        device = cluster + row * clusters
        matrix[row, :size] = ones
        matrix[row, row] -= shift
        for place in range(degrees[device]):
            other = neighbours[device, place]
            if other % clusters == cluster:
                matrix[row, row] += 1.0
                matrix[row, other // clusters] -= 1.0


@jit(allocates=False)
def is_positive_definite(matrix, size):  # type: ignore[no-untyped-def]
    """Whether the leading `size` × `size` part of a symmetric matrix is positive definite; overwrites it.

    Rows are eliminated a few at a time, so that large matrices do not pass through the cache for each of them.
    """
    for first in range(0, size, AT_ONCE):
        last = min(first + AT_ONCE, size)
        for i in range(first, size):
            for k in range(first, min(last, i)):
                factor = matrix[k, i] / matrix[k, k]
                for j in range(i, size):
                    matrix[i, j] -= factor * matrix[k, j]
            if i < last and not matrix[i, i] > 0.0:
                return False
    return True
