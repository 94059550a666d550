"""Compiled: the best ways of given participants, and a walk among sets of them.

For participants, the earliest time at which all micro-batches can be finished is found exactly: by any time, each peer
has finished most with one of its ways, whatever the others do, and the sum only grows with time. So a set of peers is
all that there is to search.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.atom.evaluate import Pack, whole_passes
from tasklet_bench.problems.compiled import jit
from tasklet_bench.problems.pipeline_model.exchange_kernel import exchange_seconds

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Ways(NamedTuple):
    """The ways that can be best, `way` `(N, W)`, of which a peer has `useful`; its best rate and the seconds of it."""

    way: Ints
    useful: Ints
    rate: Floats
    longest_s: Floats


class Walk(NamedTuple):
    """Where a walk stands: labels `takes_part` `(N,)` and their cost; the best that it met."""

    takes_part: Ints
    cost_s: Floats
    best: Ints
    best_s: Floats


def make_walk(n: int) -> Walk:
    """A walk that stands nowhere yet."""
    return Walk(np.zeros(n, np.int64), np.full(1, np.inf), np.zeros(n, np.int64), np.full(1, np.inf))


def useful_ways(pack: Pack) -> Ways:
    """Leave out each way that another one is never behind.

    A way of a micro-batches in t seconds is never ahead of one of a′ in t′ if t′·⌈a/a′⌉ ≤ t.
    """
    n, most = pack.cycle_s.shape
    way, count = np.zeros((n, most), np.int64), np.zeros(n, np.int64)
    rate, longest_s = np.zeros(n), np.zeros(n)
    for i in range(n):
        known = range(int(pack.n_ways[i]))
        t, a = pack.cycle_s[i].tolist(), pack.accumulation[i].tolist()
        kept: list[int] = []
        for w in sorted(known, key=lambda w: (a[w], float(f"{t[w]:.12g}"), w)):
            if not any(t[v] * -(-a[w] // a[v]) <= t[w] * (1 + 1e-12) for v in kept):
                kept.append(w)
        way[i, : len(kept)], count[i] = kept, len(kept)
        fastest = max(kept, key=lambda w: a[w] / t[w])
        rate[i], longest_s[i] = a[fastest] / t[fastest], t[fastest]
    return Ways(way, count, rate, longest_s)


@jit(allocates=False)
def most_finished(pack, ways, n, time_s):  # type: ignore[no-untyped-def]
    """Micro-batches that the first n of `pack.members` can have finished by then, each in its best way."""
    total = 0
    for a in range(n):
        i = pack.members[a]
        most = 0
        for v in range(ways.useful[i]):
            w = ways.way[i, v]
            most = max(most, pack.accumulation[i, w] * whole_passes(time_s, pack.cycle_s[i, w]))
        total += most
    return total


@jit(allocates=False)
def earliest_finish(pack, ways, n):  # type: ignore[no-untyped-def]
    """The earliest time at which the first n of `pack.members` can have finished all micro-batches."""
    rate = longest_s = 0.0
    for a in range(n):
        rate += ways.rate[pack.members[a]]
        longest_s = max(longest_s, ways.longest_s[pack.members[a]])
    early_s = pack.micro_batches / rate * (1 - 1e-9)
    late_s = (early_s + longest_s) * (1 + 1e-8)
    while late_s - early_s > 1e-13 * late_s:
        middle_s = 0.5 * (early_s + late_s)
        if most_finished(pack, ways, n, middle_s) >= pack.micro_batches:
            late_s = middle_s
        else:
            early_s = middle_s
    last_s = 0.0  # the last pass that ends by then
    for a in range(n):
        i = pack.members[a]
        for v in range(ways.useful[i]):
            t = pack.cycle_s[i, ways.way[i, v]]
            last_s = max(last_s, whole_passes(late_s, t) * t)
    return last_s


@jit(allocates=False)
def choose_ways(pack, ways, takes_part, chosen):  # type: ignore[no-untyped-def]
    """Write the best way of each participant to `chosen` `(N,)`, 0 for the others."""
    time_s = earliest_finish(pack, ways, _members(pack, takes_part))
    for i in range(len(takes_part)):
        chosen[i] = 0
        most = 0
        for v in range(ways.useful[i] if takes_part[i] else 0):
            w = ways.way[i, v]
            done = pack.accumulation[i, w] * whole_passes(time_s, pack.cycle_s[i, w])
            if done > most:
                most, chosen[i] = done, w


@jit(allocates=False)
def _members(pack, takes_part):  # type: ignore[no-untyped-def]
    """Write the participants down by falling cards; returns how many there are."""
    n = 0
    for i in pack.network.falling:
        if takes_part[i]:
            pack.members[n] = i
            n += 1
    return n


@jit(allocates=False)
def cost_of(pack, ways, takes_part, limit_s):  # type: ignore[no-untyped-def]
    """The least cost of participants (in seconds); infinite if a bound says that it is above the limit, or for none."""
    n = _members(pack, takes_part)
    if n == 0:
        return np.inf
    rate = 0.0
    for a in range(n):
        rate += ways.rate[pack.members[a]]
    floor_s = pack.micro_batches / rate * (1 - 1e-9)
    if floor_s > limit_s:
        return np.inf
    exchange_s = exchange_seconds(pack.network, pack.members, 0, n, pack.gradient_bytes)
    if floor_s + exchange_s > limit_s:
        return np.inf
    return earliest_finish(pack, ways, n) + exchange_s


@jit(allocates=False)
def begin(pack, ways, walk, takes_part):  # type: ignore[no-untyped-def]
    """Stand at participants, labels `(N,)`, and keep them if they are the best so far."""
    for i in range(len(takes_part)):
        walk.takes_part[i] = takes_part[i]
    walk.cost_s[0] = cost_of(pack, ways, walk.takes_part, np.inf)
    _keep(walk)


@jit(allocates=False)
def _keep(walk):  # type: ignore[no-untyped-def]
    if walk.cost_s[0] < walk.best_s[0]:
        walk.best_s[0] = walk.cost_s[0]
        for i in range(len(walk.best)):
            walk.best[i] = walk.takes_part[i]


@jit(allocates=False)
def walk_on(pack, ways, walk, rng, temperature_s, evaluations, proposals):  # type: ignore[no-untyped-def]
    """One peer joins or leaves, or one joins for another, at one temperature; costs computed, and moves refused."""
    n = len(walk.takes_part)
    scored = refused = 0
    for _ in range(proposals):
        if scored == evaluations:
            break
        limit_s = walk.cost_s[0] - temperature_s * math.log(1.0 - rng.random())
        one, other = int(rng.random() * n), -1
        if rng.random() < 0.5:
            other = int(rng.random() * n)
            if walk.takes_part[other] == walk.takes_part[one]:
                continue
            walk.takes_part[other] = 1 - walk.takes_part[other]
        walk.takes_part[one] = 1 - walk.takes_part[one]
        cost_s = cost_of(pack, ways, walk.takes_part, limit_s)
        scored += cost_s < np.inf
        refused += cost_s == np.inf
        if cost_s <= limit_s:
            walk.cost_s[0] = cost_s
            _keep(walk)
        else:
            walk.takes_part[one] = 1 - walk.takes_part[one]
            if other >= 0:
                walk.takes_part[other] = 1 - walk.takes_part[other]
    return scored, refused


@jit(allocates=False)
def follow(pack, ways, walk, joins, evaluations):  # type: ignore[no-untyped-def]
    """Let peers join (or leave) one by one, each time the one with which the others cost least, to the end.

    The walk stands there afterwards; its best is the best on the way. Returns how many costs were computed.
    """
    n = len(walk.takes_part)
    scored = 0
    for _ in range(n):
        least_s, chosen = np.inf, -1
        for one in range(n):
            if walk.takes_part[one] == joins:
                continue
            if scored == evaluations:
                return scored
            walk.takes_part[one] = joins
            cost_s = cost_of(pack, ways, walk.takes_part, least_s)
            scored += cost_s < np.inf
            if cost_s < least_s:
                least_s, chosen = cost_s, one
            walk.takes_part[one] = 1 - joins
        if chosen < 0:
            break
        walk.takes_part[chosen] = joins
        walk.cost_s[0] = least_s
        _keep(walk)
    return scored


@jit(allocates=False)
def try_all(pack, ways, walk, first, last):  # type: ignore[no-untyped-def]
    """Score the sets of peers whose bits are the numbers from `first` to `last`; returns how many were computed."""
    scored = 0
    for code in range(first, last):
        for i in range(len(walk.takes_part)):
            walk.takes_part[i] = (code >> i) & 1
        walk.cost_s[0] = cost_of(pack, ways, walk.takes_part, walk.best_s[0])
        scored += walk.cost_s[0] < np.inf
        _keep(walk)
    return scored
