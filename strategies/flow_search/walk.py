"""Compiled: a walk among labels of the family `swarm` in which most moves are refused before a flow is computed.

How much dearer a move may be is drawn first. A move changes two groups, so that only their exchanges are computed anew;
sums of capacities bound the flow at once, and the links between the changed stages bound it better. Only moves of which
a flow is computed count as evaluations.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.compiled import jit
from tasklet_bench.problems.swarm.evaluate import evaluate, exchange_of_stage
from tasklet_bench.problems.swarm.flow import arrange, best_throughput, flow_limit, proportional_throughput

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Walk(NamedTuple):
    """Where a walk stands, and the best that it met.

    `labels` `(N,)`; of each group its `size` `(K+1,)`, of each stage `exchange_s` and the summed `capacity` `(K,)`;
    `guided_s` the cost that is accepted or not; `best` labels and `best_s`. The rest is what a move changes.
    """

    labels: Ints
    size: Ints
    exchange_s: Floats
    capacity: Floats
    guided_s: Floats
    best: Ints
    best_s: Floats
    tried_exchange_s: Floats
    tried_capacity: Floats


def make_walk(n: int, k: int) -> Walk:
    """A walk of N devices and K stages that stands nowhere yet."""
    return Walk(
        np.zeros(n, np.int64),
        np.zeros(k + 1, np.int64),
        np.zeros(k),
        np.zeros(k),
        np.zeros(1),
        np.zeros(n, np.int64),
        np.full(1, np.inf),
        np.zeros(k),
        np.zeros(k),
    )


@jit(allocates=False)
def begin(pack, walk, labels, guide):  # type: ignore[no-untyped-def]
    """Stand at labels `(N,)`, be it those of the walk with another weight of the guide; keep them if they are best."""
    k = len(walk.capacity)
    walk.size[:] = 0
    walk.capacity[:] = 0.0
    for i in range(len(labels)):
        walk.labels[i] = labels[i]
        walk.size[labels[i]] += 1
        if labels[i] < k:
            walk.capacity[labels[i]] += pack.capacity[labels[i], i]
    for s in range(k):
        walk.tried_capacity[s] = walk.capacity[s]
    arrange(pack.network.falling, walk.labels, pack.scratch.first, pack.scratch.members, pack.scratch.stage)
    for s in range(k):
        walk.tried_exchange_s[s] = exchange_of_stage(pack, s)
    guided_s, cost_s = _seconds(pack, walk, np.inf, guide)
    _settle(walk, guided_s, cost_s)


@jit(allocates=False)
def walk_on(pack, walk, rng, temperature_s, guide, moving, evaluations, proposals):  # type: ignore[no-untyped-def]
    """Walk at one temperature (in seconds) until so many flows are computed or so many moves proposed.

    `guide`: weight of the mean exchange of a stage in what is accepted. `moving`: share of moves of one device to
    another group; else two devices of different groups change places. Returns how many flows were computed, and how
    many moves a bound refused.
    """
    n, k = len(walk.labels), len(walk.capacity)
    scored = refused = 0
    for _ in range(proposals):
        if scored == evaluations:
            break
        limit_s = walk.guided_s[0] - temperature_s * math.log(1.0 - rng.random())
        one = int(rng.random() * n)
        here = walk.labels[one]
        other = -1
        if rng.random() < moving:
            there = int(rng.random() * k)
            there += there >= here
            if here < k and walk.size[here] == 1:
                continue
        else:
            other = int(rng.random() * n)
            there = walk.labels[other]
            if there == here:
                continue
        _propose(pack, walk, one, other, here, there)
        guided_s, cost_s = _floor_then_seconds(pack, walk, here, there, limit_s, guide)
        scored += cost_s < np.inf
        refused += cost_s == np.inf
        if guided_s <= limit_s:
            if other < 0:
                walk.size[here] -= 1
                walk.size[there] += 1
            _settle(walk, guided_s, cost_s)
        else:
            walk.labels[one] = here
            if other >= 0:
                walk.labels[other] = there
            _forget(walk, here, there)
    return scored, refused


@jit(allocates=False)
def grow(pack, walk, guide, evaluations):  # type: ignore[no-untyped-def]
    """Take devices out of the reserve one by one, each time the one and the stage that cost least, until none is left.

    The walk stands there afterwards; its best is the best on the way. Returns how many flows were computed.
    """
    n, k = len(walk.labels), len(walk.capacity)
    scored = 0
    for _ in range(walk.size[k]):
        limit_s = np.inf
        chosen = stage = -1
        for one in range(n):
            if walk.labels[one] < k:
                continue
            for there in range(k):
                if scored == evaluations:
                    return scored
                _propose(pack, walk, one, -1, k, there)
                guided_s, cost_s = _floor_then_seconds(pack, walk, k, there, limit_s, guide)
                scored += cost_s < np.inf
                walk.labels[one] = k
                _forget(walk, k, there)
                if guided_s < limit_s:
                    limit_s, chosen, stage = guided_s, one, there
        _propose(pack, walk, chosen, -1, k, stage)
        guided_s, cost_s = _floor_then_seconds(pack, walk, k, stage, np.inf, guide)
        walk.size[k] -= 1
        walk.size[stage] += 1
        _settle(walk, guided_s, cost_s)
    return scored


@jit(allocates=False)
def _propose(pack, walk, one, other, here, there):  # type: ignore[no-untyped-def]
    """Write the move into the labels and the tried capacities."""
    k = len(walk.capacity)
    walk.labels[one] = there
    if here < k:
        walk.tried_capacity[here] -= pack.capacity[here, one]
    if there < k:
        walk.tried_capacity[there] += pack.capacity[there, one]
    if other >= 0:
        walk.labels[other] = here
        if here < k:
            walk.tried_capacity[here] += pack.capacity[here, other]
        if there < k:
            walk.tried_capacity[there] -= pack.capacity[there, other]


@jit(allocates=False)
def _floor_then_seconds(pack, walk, here, there, limit_s, guide):  # type: ignore[no-untyped-def]
    """Guided cost and cost of the move, infinite where a bound says already that it is above the limit."""
    k = len(walk.capacity)
    flow, exchange_s = np.inf, 0.0
    for s in range(k):
        flow = min(flow, walk.tried_capacity[s])
        if s != here and s != there:
            exchange_s = max(exchange_s, walk.exchange_s[s])
    if pack.steady and pack.micro_batches / flow * (1 - 1e-9) + exchange_s > limit_s:
        return np.inf, np.inf
    if not pack.steady:
        return _seconds(pack, walk, limit_s, guide)
    arrange(pack.network.falling, walk.labels, pack.scratch.first, pack.scratch.members, pack.scratch.stage)
    for s in (here, there):
        if s < k:
            walk.tried_exchange_s[s] = exchange_of_stage(pack, s)
    return _seconds(pack, walk, limit_s, guide)


@jit(allocates=False)
def _seconds(pack, walk, limit_s, guide):  # type: ignore[no-untyped-def]
    """Guided cost and cost of the arranged labels, infinite where a bound says that they are above the limit."""
    k = len(walk.capacity)
    if not pack.steady:
        stream_s, exchange_s, restart_s = evaluate(pack, walk.labels)
        cost_s = stream_s + exchange_s + restart_s
        return cost_s, cost_s
    exchange_s = mean_s = 0.0
    for s in range(k):
        exchange_s = max(exchange_s, walk.tried_exchange_s[s])
        mean_s += walk.tried_exchange_s[s] / k
    known_s = exchange_s + guide * mean_s
    flow = flow_limit(pack)
    if pack.micro_batches / flow * (1 - 1e-9) + known_s > limit_s:
        return np.inf, np.inf
    theta = proportional_throughput(pack) if pack.proportional else best_throughput(pack, flow)
    stream_s = pack.micro_batches / theta
    return stream_s + known_s, stream_s + exchange_s


@jit(allocates=False)
def _settle(walk, guided_s, cost_s):  # type: ignore[no-untyped-def]
    """What was tried is where the walk stands; the best is kept."""
    for s in range(len(walk.capacity)):
        walk.exchange_s[s] = walk.tried_exchange_s[s]
        walk.capacity[s] = walk.tried_capacity[s]
    walk.guided_s[0] = guided_s
    if cost_s < walk.best_s[0]:
        walk.best_s[0] = cost_s
        for i in range(len(walk.labels)):
            walk.best[i] = walk.labels[i]


@jit(allocates=False)
def _forget(walk, here, there):  # type: ignore[no-untyped-def]
    """What was tried of the two groups is what it was before."""
    for s in (here, there):
        if s < len(walk.capacity):
            walk.tried_exchange_s[s] = walk.exchange_s[s]
            walk.tried_capacity[s] = walk.capacity[s]
