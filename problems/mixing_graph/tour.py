"""A short closed tour: nearest neighbour, then 2-opt, compiled."""

from __future__ import annotations

import numpy as np

from tasklet_bench.problems.compiled import jit

LEAST_GAIN = 1e-12
"""Share of the tour's length that a reversal must save."""


@jit
def short_tour(pair_s):  # type: ignore[no-untyped-def]
    """An order of n places, int64 `(n,)`, whose closed tour is short in a symmetric matrix `(n, n)` of seconds.

    It begins at place 0; segments are reversed as long as that saves anything.
    """
    n = len(pair_s)
    order = np.arange(n)
    for done in range(1, n):
        nearest = done
        for later in range(done + 1, n):
            if pair_s[order[done - 1], order[later]] < pair_s[order[done - 1], order[nearest]]:
                nearest = later
        order[done], order[nearest] = order[nearest], order[done]
    length_s = 0.0
    for place in range(n):
        length_s += pair_s[order[place], order[(place + 1) % n]]
    better = True
    while better:
        better = False
        for first in range(n - 1):
            for last in range(first + 1, n):
                before, a, b, after = order[first - 1], order[first], order[last], order[(last + 1) % n]
                if before == b:
                    continue
                saved_s = pair_s[before, a] + pair_s[b, after] - pair_s[before, b] - pair_s[a, after]
                if saved_s > LEAST_GAIN * length_s:
                    order[first : last + 1] = order[first : last + 1][::-1].copy()
                    better = True
    return order
