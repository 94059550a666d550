"""Steps of policy iteration, compiled: cycles of waits, and the potentials of ranks.

A policy says of each rank where the chain of waits begins that decides when it is ready (`origin`), and how long that
chain is (`waited`); both have shape `(N,)`.
"""

from __future__ import annotations

import numpy as np

from tasklet_bench.problems.compiled import jit


@jit
def best_cycle(origin, waited, state):  # type: ignore[no-untyped-def]
    """A rank on the cycle of waits with the largest mean, and that mean; `state` `(N,)` is scratch."""
    n = len(origin)
    state[:] = -1
    best, best_mean = 0, -np.inf
    for start in range(n):
        node = start
        while state[node] < 0:
            state[node] = start
            node = origin[node]
        if state[node] == start:
            total, length, last = 0.0, 0, node
            while True:
                total += waited[last]
                length += 1
                last = origin[last]
                if last == node:
                    break
            if total / length > best_mean:
                best, best_mean = node, total / length
    return best, best_mean


@jit
def most_raised(ready, value):  # type: ignore[no-untyped-def]
    """How far a period raises the rank that it raises most."""
    raised = -np.inf
    for i in range(len(value)):
        raised = max(raised, ready[i] - value[i])
    return raised


@jit
def raise_potentials(ready, mean, value):  # type: ignore[no-untyped-def]
    """Raise those that the recursion raises by more than the mean; ends after N passes at most if it is the period."""
    for i in range(len(value)):
        value[i] = max(value[i], ready[i] - mean)


@jit
def set_potentials(origin, waited, ready, root, mean, value, state, stack):  # type: ignore[no-untyped-def]
    """Make the waits that end at `root` tight; ranks that wait for others keep what the recursion gave them."""
    n = len(origin)
    state[:] = 0  # unknown; 1: tight; 2: elsewhere; 3: on the walk
    state[root] = 1
    for start in range(n):
        depth, node = 0, start
        while state[node] == 0:
            state[node] = 3
            stack[depth] = node
            depth += 1
            node = origin[node]
        tight = state[node] == 1
        while depth > 0:
            depth -= 1
            node = stack[depth]
            state[node] = 1 if tight else 2
            value[node] = value[origin[node]] + waited[node] - mean if tight else ready[node] - mean
