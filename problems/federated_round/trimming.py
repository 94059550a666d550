"""Trimming: make the devices narrower that help most, one after the other, as long as the round stays valid."""

from __future__ import annotations

import numpy as np

from tasklet_bench.problems.compiled import jit
from tasklet_bench.problems.federated_round.evaluate import VALID, evaluate


@jit
def trim(pack, parent, level, host, at_once):  # type: ignore[no-untyped-def]
    """Narrow levels, int64 `(N,)`, in place: in each pass those `at_once` that make the round shortest, if any does."""
    n, n_levels = len(parent), len(pack.widths)
    gain_s = np.empty(n)
    total_s = _seconds(pack, parent, level, host)
    while True:
        for i in range(n):
            gain_s[i] = 0.0
            if level[i] + 1 < n_levels:
                level[i] += 1
                gain_s[i] = total_s - _seconds(pack, parent, level, host)
                level[i] -= 1
        before_s = total_s
        for _ in range(at_once):
            most = gain_s.argmax()
            if not gain_s[most] > 0.0:
                break
            gain_s[most] = 0.0
            level[most] += 1
            changed_s = _seconds(pack, parent, level, host)
            if changed_s < total_s:
                total_s = changed_s
            else:
                level[most] -= 1
        if not total_s < before_s:
            return total_s


@jit
def _seconds(pack, parent, level, host):  # type: ignore[no-untyped-def]
    """The seconds of a round; infinite if it is not valid."""
    result, download_s, offload_s, compute_s, aggregate_s = evaluate(pack, parent, level, host)
    return download_s + offload_s + compute_s + aggregate_s if result == VALID else np.inf
