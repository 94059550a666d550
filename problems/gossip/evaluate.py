"""The period of an order, compiled: policy iteration on the recursion of a whole period of the schedule.

Iterating the recursion over the W iterations of a period tells, for each rank, whose chain of waits decides when it is
ready: a policy. The waits end in cycles, and each cycle's mean is a lower bound on the period. At the best mean so far,
potentials are set such that the waits for its cycle are tight; ranks that the recursion raises by more than the mean
change their policy. If it raises none, the mean is the period (J. Cochet-Terrasson, G. Cohen, S. Gaubert, M. McGettrick
and J.-P. Quadrat, "Numerical computation of spectral elements in max-plus algebra", 1998). A pass takes O(W·N), and a
few passes do; Karp's theorem stands by.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.collective.cycle_mean import largest_cycle_mean
from tasklet_bench.problems.compiled import jit
from tasklet_bench.problems.gossip.policy import best_cycle, most_raised, raise_potentials, set_potentials

MOST_PASSES = 100
"""Passes after which Karp's theorem takes over."""
SLACK = 2e-13
"""How far above the mean, relative to a period, a rank may still be raised: rounding."""
GAIN = 1e-14
"""What a mean must grow by, relative to itself, to count as larger."""


class Scratch(NamedTuple):
    """Room for one evaluation, all `(N,)`: when ranks are ready; their policies, kept and new; marks and a stack."""

    ready: NDArray[np.float64]
    waited: NDArray[np.float64]
    origin: NDArray[np.int64]
    new_waited: NDArray[np.float64]
    new_origin: NDArray[np.int64]
    state: NDArray[np.int64]
    stack: NDArray[np.int64]


@jit
def new_scratch(n):  # type: ignore[no-untyped-def]
    """Room for evaluations of `n` ranks."""
    return Scratch(
        np.empty(n),
        np.empty(n),
        np.empty(n, dtype=np.int64),
        np.empty(n),
        np.empty(n, dtype=np.int64),
        np.empty(n, dtype=np.int64),
        np.empty(n, dtype=np.int64),
    )


@jit
def period_s(system, order):  # type: ignore[no-untyped-def]
    """Seconds of an iteration in the long run of `order`, int64 `(N,)`; nan if it is no order."""
    n = len(order)
    seen = np.zeros(n, dtype=np.bool_)
    for p in range(n):
        if not 0 <= order[p] < n or seen[order[p]]:
            return np.nan
        seen[order[p]] = True
    exchange_s = np.zeros(system.ends.shape)
    set_exchanges(system, order, exchange_s)
    return period_of(system, order, exchange_s, np.zeros(n), np.inf, new_scratch(n))


@jit
def set_exchanges(system, order, exchange_s):  # type: ignore[no-untyped-def]
    """Write the seconds of each group's all-reduce to `exchange_s` `(R, G)`."""
    for r in range(len(system.ends)):
        for g in range(system.n_groups[r]):
            exchange_s[r, g] = group_s(system, order, r, g)


@jit
def group_s(system, order, r, g):  # type: ignore[no-untyped-def]
    """Seconds of the all-reduce of group g in round r: its slowest hop decides."""
    size = system.sizes[r, g]
    if size < 0:
        return 0.0
    begin = system.ends[r, g - 1] if g > 0 else 0
    end = system.ends[r, g]
    members, hop_s = system.members[r], system.hop_s[size]
    slowest_s = 0.0
    before = order[members[end - 1]]
    for q in range(begin, end):
        device = order[members[q]]
        slowest_s = max(slowest_s, hop_s[before, device])
        before = device
    return slowest_s


@jit
def period_of(system, order, exchange_s, value, limit_s, scratch):  # type: ignore[no-untyped-def]
    """The period where groups take `exchange_s` `(R, G)`, or any lower bound on it that is above `limit_s`.

    `value` `(N,)` are first potentials, and the last on return: those of a similar order save passes.
    """
    iterations = len(system.compute_s)
    ready, waited, origin, state = scratch.ready, scratch.waited, scratch.origin, scratch.state
    mean = -np.inf
    for passed in range(MOST_PASSES):
        ready[:] = value
        if passed == 0:
            iterate(system, order, exchange_s, ready, waited, origin)
        else:
            iterate(system, order, exchange_s, ready, scratch.new_waited, scratch.new_origin)
            for i in range(len(order)):
                if ready[i] > value[i] + mean * (1.0 + SLACK / 2):
                    waited[i], origin[i] = scratch.new_waited[i], scratch.new_origin[i]
        root, root_mean = best_cycle(origin, waited, state)
        grown = root_mean > mean * (1.0 + GAIN)
        mean = max(mean, root_mean)
        if mean > limit_s * iterations or most_raised(ready, value) <= mean * (1.0 + SLACK):
            return mean / iterations
        if grown:
            set_potentials(origin, waited, ready, root, mean, value, state, scratch.stack)
        else:
            raise_potentials(ready, mean, value)
    return largest_cycle_mean(monodromy(system, order, exchange_s)) / iterations


@jit
def iterate(system, order, exchange_s, ready, waited, origin):  # type: ignore[no-untyped-def]
    """Run the recursion over a period from `ready` `(N,)`, in place.

    `waited` is how long the chain of waits of each rank is that decides, and `origin` the rank where it begins.
    """
    rounds = len(system.ends)
    for i in range(len(ready)):
        waited[i] = 0.0
        origin[i] = i
    for k in range(len(system.compute_s)):
        r = k % rounds
        compute_s, members = system.compute_s[k], system.members[r]
        begin = 0
        for g in range(system.n_groups[r]):
            end = system.ends[r, g]
            if end - begin == 1:
                i = members[begin]
                ready[i] += compute_s[order[i]]
                waited[i] += compute_s[order[i]]
                begin = end
                continue
            taken_s = exchange_s[r, g]
            latest, slowest, reported = -np.inf, 0, 0.0
            for q in range(begin, end):
                j = members[q]
                own_s = compute_s[order[j]]
                sent_s = max(system.a * own_s, system.b * own_s + taken_s)
                if ready[j] + sent_s > latest:
                    latest, slowest, reported = ready[j] + sent_s, j, sent_s
            chain_s, begun = waited[slowest] + reported, origin[slowest]
            for q in range(begin, end):
                i = members[q]
                own_s = compute_s[order[i]]
                if ready[i] + own_s > latest:
                    ready[i] += own_s
                    waited[i] += own_s
                else:
                    ready[i] = latest
                    waited[i] = chain_s
                    origin[i] = begun
            begin = end


@jit
def monodromy(system, order, exchange_s):  # type: ignore[no-untyped-def]
    """The max-plus matrix `(N, N)` of a whole period, entry [i, j] the longest chain from rank i to rank j."""
    n = len(order)
    matrix = np.empty((n, n))
    waited, origin = np.empty(n), np.empty(n, dtype=np.int64)
    for i in range(n):
        ready = matrix[i]
        ready[:] = -np.inf
        ready[i] = 0.0
        iterate(system, order, exchange_s, ready, waited, origin)
    return matrix
