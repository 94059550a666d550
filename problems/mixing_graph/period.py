"""Seconds of an iteration in the long run: the largest mean weight of a cycle, by Howard's policy iteration, compiled.

Every device keeps one arc to what it waits for. The best cycle of these arcs gives a mean λ, the way to it a potential
for every device, and an arc that promises more by potentials replaces the one that is kept; when there is none, no
cycle has a larger mean. Source: Cochet-Terrasson et al., "Numerical computation of spectral elements in max-plus
algebra", 1998, in the form of Dasdan, "Experimental analysis of the fastest optimum cycle ratio and mean algorithms",
2004. It takes a few rounds where Karp's algorithm always takes N.
"""

from __future__ import annotations

import math

import numpy as np

from tasklet_bench.problems.compiled import jit

PRECISION = 1e-13
"""An arc must promise more than this share of the largest weight to replace another one."""


@jit(allocates=False)
def fill_sums(arrays, neighbours, degrees, out_s, in_s):  # type: ignore[no-untyped-def]
    """Write the seconds that each device's models take on its links: those it sends, and those it gets; `(N,)` each."""
    for i in range(len(degrees)):
        sent_s = received_s = 0.0
        for place in range(degrees[i]):
            j = neighbours[i, place]
            sent_s += arrays.airtime_s[i, j]
            received_s += arrays.airtime_s[j, i]
        out_s[i], in_s[i] = sent_s, received_s


@jit(inline=True, allocates=False)
def loop_weight_s(arrays, i, out_s, in_s):  # type: ignore[no-untyped-def]
    """Seconds after which a device goes on by itself: it has computed, sent its models, and got all others."""
    return max(arrays.compute_s[i], arrays.before_s[i] + max(out_s, in_s))


@jit(inline=True, allocates=False)
def arc_weight_s(arrays, i, j, out_s, in_s):  # type: ignore[no-untyped-def]
    """Seconds after which neighbour `j` has what `i` has to tell: `out_s` of the sender, `in_s` of the receiver."""
    return max(arrays.floor_s[i], arrays.before_s[i] + arrays.delay_s[i, j] + max(out_s, in_s))


@jit(allocates=False)
def fill_weights(arrays, neighbours, degrees, out_s, in_s, weights):  # type: ignore[no-untyped-def]
    """Write the weight of every arc, `(N, degree + 1)`: those to the neighbours, and after them that of the loop."""
    for i in range(len(degrees)):
        for place in range(degrees[i]):
            j = neighbours[i, place]
            weights[i, place] = arc_weight_s(arrays, i, j, out_s[i], in_s[j])
        weights[i, degrees[i]] = loop_weight_s(arrays, i, out_s[i], in_s[i])


@jit
def largest_cycle_mean(neighbours, degrees, weights):  # type: ignore[no-untyped-def]
    """The largest mean weight of a cycle of a connected graph with loops; `weights` as `fill_weights` writes them."""
    n = len(degrees)
    kept, order, mark = np.empty(n, dtype=np.int64), np.empty(n, dtype=np.int64), np.empty(n, dtype=np.int64)
    potential = np.empty(n)
    largest = 0.0
    for i in range(n):
        best = degrees[i]
        for place in range(degrees[i]):
            if weights[i, place] > weights[i, best]:
                best = place
        kept[i], potential[i] = best, weights[i, best]
        largest = max(largest, abs(weights[i, best]))
    mean = -math.inf
    for _ in range(n * n + 100):
        mean, root = _best_kept_cycle(neighbours, degrees, weights, kept, mark)
        _walk_back(neighbours, degrees, weights, kept, potential, mean, root, order, mark)
        if not _improve(neighbours, degrees, weights, kept, potential, mean, PRECISION * largest):
            break
    return mean


@jit(inline=True, allocates=False)
def _target(neighbours, degrees, i, place):  # type: ignore[no-untyped-def]
    return neighbours[i, place] if place < degrees[i] else i


@jit(allocates=False)
def _best_kept_cycle(neighbours, degrees, weights, kept, mark):  # type: ignore[no-untyped-def]
    """The largest mean of the cycles of kept arcs, and a device on that cycle."""
    n = len(degrees)
    mark[:] = -1
    best, root = -math.inf, 0
    for start in range(n):
        i = start
        while mark[i] < 0:
            mark[i] = start
            i = _target(neighbours, degrees, i, kept[i])
        if mark[i] == start:
            total, length, j = 0.0, 0, i
            while length == 0 or j != i:
                total += weights[j, kept[j]]
                length += 1
                j = _target(neighbours, degrees, j, kept[j])
            if total / length > best:
                best, root = total / length, i
    return best, root


@jit(allocates=False)
def _walk_back(neighbours, degrees, weights, kept, potential, mean, root, order, mark):  # type: ignore[no-untyped-def]
    """Set the potentials of all devices whose kept arcs lead to the root, nearest first."""
    mark[:] = 0
    mark[root], order[0], waiting, done = 1, root, 1, 0
    while done < waiting:
        j = order[done]
        done += 1
        for place in range(degrees[j]):
            i = neighbours[j, place]
            if not mark[i] and _target(neighbours, degrees, i, kept[i]) == j:
                mark[i] = 1
                potential[i] = potential[j] + weights[i, kept[i]] - mean
                order[waiting] = i
                waiting += 1


@jit(allocates=False)
def _improve(neighbours, degrees, weights, kept, potential, mean, least):  # type: ignore[no-untyped-def]
    """Keep better arcs where there are any; returns whether one was better by more than `least`."""
    improved = False
    for i in range(len(degrees)):
        for place in range(degrees[i] + 1):
            j = _target(neighbours, degrees, i, place)
            promised = potential[j] + weights[i, place] - mean
            if promised > potential[i]:
                improved = improved or promised > potential[i] + least
                potential[i], kept[i] = promised, place
    return improved
