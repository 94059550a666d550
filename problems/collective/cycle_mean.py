"""The largest mean weight of a cycle, compiled: the period of a system of machines that wait for each other.

`x(k+1) = A ⊗ x(k)` in max-plus algebra grows by the largest cycle mean of A in each step, in the long run.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tasklet_bench.problems.compiled import jit


@jit
def largest_cycle_mean(weights: Any) -> float:
    """The largest mean weight of a cycle of `weights` `(N, N)`, entry [i, j] from i to j, −∞ where there is no edge.

    −∞ if there is no cycle. Richard M. Karp, "A characterization of the minimum cycle mean in a digraph", Discrete
    Mathematics 23, 1978: walks of 0 to N edges that begin anywhere, so that no strong connection is needed. O(N³).
    """
    n = len(weights)
    longest = np.full((n + 1, n), -np.inf)
    longest[0] = 0.0
    for k in range(n):
        reached = longest[k + 1]
        for i in range(n):
            begun = longest[k, i]
            if begun > -np.inf:
                row = weights[i]
                for j in range(n):
                    reached[j] = max(reached[j], begun + row[j])
    least = np.full(n, np.inf)
    last = longest[n]
    for k in range(n):
        row = longest[k]
        share = 1.0 / (n - k)
        for j in range(n):
            if row[j] > -np.inf:
                least[j] = min(least[j], (last[j] - row[j]) * share)
    mean = -np.inf
    for j in range(n):
        if last[j] > -np.inf:
            mean = max(mean, least[j])
    return mean
