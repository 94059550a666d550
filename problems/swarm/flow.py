"""Compiled: labels arranged by stage, and what a maximum flow through the stages gets through.

The flow is found by Dinic's algorithm on devices split in two, in floating point. Capacities are cut to an upper bound
of the flow first, so that a residual below `NOTHING` of that bound is no capacity and what is lost is below 1e-9.
`pack` and its `scratch` are those of `problems.swarm.evaluate`.
"""

from __future__ import annotations

import numpy as np

from tasklet_bench.problems.compiled import jit

NOTHING = 1e-13
"""Residuals below this share of the largest possible flow count as none."""


@jit(allocates=False)
def arrange(falling, labels, first, members, stage):  # type: ignore[no-untyped-def]
    """Write the members of each stage one stage after the other, those with the fastest cards first.

    The reserve is left out. Returns whether every stage has a member.
    """
    k = len(first) - 1
    first[:] = 0
    for i in range(len(labels)):
        if labels[i] < k:
            first[labels[i] + 1] += 1
    complete = True
    for s in range(k):
        complete &= first[s + 1] > 0
        first[s + 1] += first[s]
    for i in falling:
        s = labels[i]
        if s < k:
            members[first[s]] = i
            stage[first[s]] = s
            first[s] += 1
    for s in range(k, 0, -1):
        first[s] = first[s - 1]
    first[0] = 0
    return complete


@jit(allocates=False)
def flow_limit(pack):  # type: ignore[no-untyped-def]
    """An upper bound on the flow of the arranged stages: what the stages, and the links between any two, can carry."""
    members, first = pack.scratch.members, pack.scratch.first
    k = len(first) - 1
    limit = np.inf
    for s in range(k):
        total = 0.0
        for p in range(first[s], first[s + 1]):
            total += pack.capacity[s, members[p]]
        limit = min(limit, total)
    for s in range(k - 1):
        total = 0.0
        for p in range(first[s], first[s + 1]):
            i = members[p]
            carried = 0.0
            for q in range(first[s + 1], first[s + 2]):
                carried += min(pack.link[i, members[q]], pack.capacity[s + 1, members[q]])
            total += min(carried, pack.capacity[s, i])
        limit = min(limit, total)
    return limit


@jit(allocates=False)
def proportional_throughput(pack):  # type: ignore[no-untyped-def]
    """Micro-batches a second where every device hands its output on in proportion to its successors' capacities."""
    members, first = pack.scratch.members, pack.scratch.first
    k = len(first) - 1
    theta = np.inf
    before = 0.0
    for s in range(k):
        total = 0.0
        for q in range(first[s], first[s + 1]):
            total += pack.capacity[s, members[q]]
        theta = min(theta, total)
        if s > 0:
            for p in range(first[s - 1], first[s]):
                i = members[p]
                for q in range(first[s], first[s + 1]):
                    j = members[q]
                    part = pack.link[i, j] / (pack.capacity[s - 1, i] * pack.capacity[s, j])
                    theta = min(theta, part * before * total)
        before = total
    return theta


@jit(allocates=False)
def best_throughput(pack, limit):  # type: ignore[no-untyped-def]
    """Micro-batches a second of a maximum flow through the arranged stages; `limit` bounds it from above."""
    members, first = pack.scratch.members, pack.scratch.first
    spare, used = pack.scratch.spare, pack.scratch.used
    link_spare, link_used = pack.scratch.link_spare, pack.scratch.link_used
    k = len(first) - 1
    n = first[k]
    for s in range(k):
        for p in range(first[s], first[s + 1]):
            spare[p] = min(limit, pack.capacity[s, members[p]])
            used[p] = 0.0
            if s < k - 1:
                for q in range(first[s + 1], first[s + 2]):
                    link_spare[p, q] = min(limit, pack.link[members[p], members[q]])
                    link_used[p, q] = 0.0
    nothing = limit * NOTHING
    total = 0.0
    while total < limit - nothing and _set_levels(pack.scratch, n, nothing):
        total += _block(pack.scratch, n, nothing)
    return total


@jit(allocates=False)
def _set_levels(scratch, n, nothing):  # type: ignore[no-untyped-def]
    """Breadth first from the source over what is spare: node p is where device p receives, node n + p where it sends.

    Returns whether the sink can be reached; nodes that are no nearer than the sink have no level.
    """
    first, stage, level, queue = scratch.first, scratch.stage, scratch.level, scratch.path
    k = len(first) - 1
    for v in range(2 * n):
        level[v] = -1
    head = 0
    tail = 0
    for p in range(first[1]):
        level[p] = 0
        queue[tail] = p
        tail += 1
    reached = -1
    while head < tail:
        v = queue[head]
        head += 1
        if reached >= 0 and level[v] >= reached:
            break
        deeper = level[v] + 1
        if v < n:
            p, s = v, stage[v]
            if level[n + p] < 0 and scratch.spare[p] > nothing:
                level[n + p] = deeper
                queue[tail] = n + p
                tail += 1
                if s == k - 1:
                    reached = deeper
            if s > 0:
                for q in range(first[s - 1], first[s]):
                    if level[n + q] < 0 and scratch.link_used[q, p] > nothing:
                        level[n + q] = deeper
                        queue[tail] = n + q
                        tail += 1
        else:
            p, s = v - n, stage[v - n]
            if s < k - 1:
                for q in range(first[s + 1], first[s + 2]):
                    if level[q] < 0 and scratch.link_spare[p, q] > nothing:
                        level[q] = deeper
                        queue[tail] = q
                        tail += 1
            if level[p] < 0 and scratch.used[p] > nothing:
                level[p] = deeper
                queue[tail] = p
                tail += 1
    return reached >= 0


@jit(allocates=False)
def _block(scratch, n, nothing):  # type: ignore[no-untyped-def]
    """Push flow along shortest ways until none is left; returns how much."""
    first, stage, level, arc = scratch.first, scratch.stage, scratch.level, scratch.arc
    spare, used, link_spare, link_used = scratch.spare, scratch.used, scratch.link_spare, scratch.link_used
    path, amount = scratch.path, scratch.amount
    k = len(first) - 1
    for p in range(n):
        s = stage[p]
        arc[p] = first[s - 1] - 1 if s > 0 else -1  # the device itself, then back to the stage before
        arc[n + p] = first[s + 1]  # on to the stage after, then back through the device
    total = 0.0
    for root in range(first[1]):
        if level[root] != 0:
            continue
        path[0] = root
        amount[0] = np.inf
        depth = 0
        while depth >= 0:
            v = path[depth]
            if v >= n and stage[v - n] == k - 1:
                pushed = amount[depth]
                total += pushed
                depth = _push(scratch, n, depth, pushed, nothing)
                continue
            onward = -1
            if v < n:
                s = stage[v]
                start = first[s - 1] if s > 0 else 0
                end = first[s] if s > 0 else 0
                while arc[v] < end:
                    q = arc[v]
                    if q < start:
                        if level[n + v] == level[v] + 1 and spare[v] > nothing:
                            onward = n + v
                            room = spare[v]
                            break
                    elif level[n + q] == level[v] + 1 and link_used[q, v] > nothing:
                        onward = n + q
                        room = link_used[q, v]
                        break
                    arc[v] += 1
            else:
                p = v - n
                s = stage[p]
                end = first[s + 2] if s < k - 1 else first[s + 1]
                while arc[v] <= end:
                    q = arc[v]
                    if q < end:
                        if level[q] == level[v] + 1 and link_spare[p, q] > nothing:
                            onward = q
                            room = link_spare[p, q]
                            break
                    elif level[p] == level[v] + 1 and used[p] > nothing:
                        onward = p
                        room = used[p]
                        break
                    arc[v] += 1
            if onward < 0:
                level[v] = -1
                depth -= 1
                if depth >= 0:
                    arc[path[depth]] += 1
            else:
                depth += 1
                path[depth] = onward
                amount[depth] = min(amount[depth - 1], room)
    return total


@jit(allocates=False)
def _push(scratch, n, depth, pushed, nothing):  # type: ignore[no-untyped-def]
    """Move flow along the path to `depth`; returns the depth up to which the path can still carry more, else -1."""
    path, amount = scratch.path, scratch.amount
    spare, used, link_spare, link_used = scratch.spare, scratch.used, scratch.link_spare, scratch.link_used
    keep = depth
    for d in range(depth, 0, -1):
        v, w = path[d - 1], path[d]
        if v < n:
            if w == n + v:
                spare[v] -= pushed
                used[v] += pushed
                left = spare[v]
            else:
                link_used[w - n, v] -= pushed
                link_spare[w - n, v] += pushed
                left = link_used[w - n, v]
        elif w == v - n:
            used[w] -= pushed
            spare[w] += pushed
            left = used[w]
        else:
            link_spare[v - n, w] -= pushed
            link_used[v - n, w] += pushed
            left = link_spare[v - n, w]
        amount[d] -= pushed
        if left <= nothing:
            keep = d - 1
    return keep
