"""Compiled: all labels, device by device, less what cannot beat the best or what interchangeable devices repeat."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.compiled import jit
from tasklet_bench.problems.swarm.evaluate import seconds_below

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Search(NamedTuple):
    """Where the enumeration stands: `labels` up to `depth` are set, and `best` is the cheapest so far.

    `twin` `(N,)`: the nearest device before that is interchangeable with this one, or -1; its label is no higher.
    `rest` `(N+1, K)`: what all devices from here on could do in a stage; `capacity` `(N+1, K)`: what those before do.
    """

    labels: Ints
    depth: Ints
    twin: Ints
    rest: Floats
    capacity: Floats
    best: Ints
    best_s: Floats


@jit(allocates=False)
def advance(pack, search, limit, patience):  # type: ignore[no-untyped-def]
    """Go on until so many complete labels were scored, or so many steps made; returns how many were scored.

    The enumeration is over when the depth is -1.
    """
    n, k = len(search.labels), len(pack.volume)
    scored = 0
    depth = search.depth[0]
    for _ in range(patience):
        if depth < 0 or scored == limit:
            break
        search.labels[depth] += 1
        label = search.labels[depth]
        if label > k:
            search.labels[depth] = -1
            depth -= 1
            continue
        flow = np.inf
        for s in range(k):
            own = pack.capacity[s, depth] if s == label else 0.0
            search.capacity[depth + 1, s] = search.capacity[depth, s] + own
            flow = min(flow, search.capacity[depth + 1, s] + search.rest[depth + 1, s])
        if flow <= 0.0 or pack.micro_batches / flow * (1 - 1e-9) > search.best_s[0]:
            continue
        if depth == n - 1:
            scored += 1
            cost_s = seconds_below(pack, search.labels, search.best_s[0])
            if cost_s < search.best_s[0]:
                search.best_s[0] = cost_s
                for i in range(n):
                    search.best[i] = search.labels[i]
        else:
            depth += 1
            twin = search.twin[depth]
            search.labels[depth] = search.labels[twin] - 1 if twin >= 0 else -1
    search.depth[0] = depth
    return scored
