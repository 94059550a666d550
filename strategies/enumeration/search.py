"""All partitions of a few devices, group by group, leaving out what cannot beat the incumbent.

The next group always holds the first device that is still free, so that no partition is met twice. Its candidates come
in the order of what they pay for gradients, so the first one too dear ends the list. What is chosen so far bounds the
pipeline: in any order of the groups, each but one has a boundary of its own, which costs at least what its cheapest
one does.

Where there are spares, the first free device may also be left out, once all groups with it are done; the search then
goes on at the same depth with the next one.

Devices are renamed, the ones whose mates are costliest first. A *place* is the number of a group in the order in which
Gosper's method lists all sets of D devices, which is colexicographic.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import comb
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.allocation.kernels import Pack, evaluate
from tasklet_bench.problems.allocation.kernels.matching.any_size import bottleneck
from tasklet_bench.problems.allocation.kernels.packing import pack_matrices, rank_types_in_use
from tasklet_bench.problems.compiled import jit

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

LARGEST_TABLE = 4096
STEPS = 200_000
"""A call ends after so many steps even if they led to few partitions, so that budgets of time are kept."""
_UNKNOWN = 65535


class Groups(NamedTuple):
    """All G groups of D devices, by place.

    `mask` `(G,)`: their devices as bits; `members` `(G, D)`: the same by their real names; `dp_s` `(G,)`: what each
    pays for gradients. `listed` `(G,)`: places by first device, then by `dp_s`; those of first device i are
    `listed[first[i]:first[i + 1]]`. `binomial[n, r]` counts subsets. `wired` `(G, G)` keeps the class of the boundary
    between two groups once it is known; `(0, 0)` where there are too many groups. `name` `(N,)`: a device's real name.
    `reach_s` `(N,)`: the cheapest boundary a device can take part in; `by_reach` `(N,)`: devices, cheapest first.
    """

    mask: Ints
    members: Ints
    dp_s: Floats
    listed: Ints
    first: Ints
    binomial: Ints
    wired: NDArray[np.uint16]
    name: Ints
    reach_s: Floats
    by_reach: Ints


class Search(NamedTuple):
    """Where the enumeration stands, and the best partition so far.

    `depth` `(1,)`: how many groups are chosen, -1 when all partitions are done. By depth: `used`, devices of the groups
    before it and those left out; `spares`, how many more may be left out; `dp_s`, the costliest of those groups; `at`,
    position in the list of candidates; `chosen`, place. `between` `(K, K)`: seconds of the boundary between chosen
    groups. `best_s` `(1,)` and `labels` `(N,)`: the incumbent.
    """

    depth: Ints
    used: Ints
    spares: Ints
    dp_s: Floats
    at: Ints
    chosen: Ints
    between: Floats
    best_s: Floats
    labels: Ints
    candidate: Ints


def load() -> None:
    """Load the compiled code for the types of ranks in use, on four devices."""
    pair_s = np.ones((4, 4)) - np.eye(4)
    for rank in rank_types_in_use():
        pack = pack_matrices(pair_s, pair_s, 2, 2, rank)
        groups = new_groups(pack)
        advance(pack, groups, new_search(pack, groups, np.array([0, 0, 1, 1]), np.inf), 0.0, 1)


def new_groups(pack: Pack) -> Groups:
    """List the groups of a problem of at most 62 devices."""
    n, d = pack.n_devices, pack.group_size
    n_groups = comb(n, d)
    away = ~np.eye(n, dtype=bool)
    mates_s = np.sort(pack.dp_s[away].reshape(n, n - 1), axis=1)[:, : d - 1].sum(axis=1)
    name = np.argsort(-mates_s, kind="stable")
    reach_s = np.where(away, pack.class_s[pack.rank], np.inf).min(axis=1)[name]
    mask, members, dp_s = np.zeros(n_groups, np.int64), np.zeros((n_groups, d), np.int64), np.zeros(n_groups)
    _list_groups(pack.dp_s, name, mask, members, dp_s)
    lowest = np.log2(mask & -mask).astype(np.int64)
    listed = np.lexsort((dp_s, lowest))
    side = n_groups if n_groups <= LARGEST_TABLE else 0
    return Groups(
        mask,
        members,
        dp_s,
        listed,
        np.searchsorted(lowest[listed], np.arange(n + 1)),
        np.array([[comb(i, r) for r in range(d + 1)] for i in range(n + 1)], dtype=np.int64),
        np.full((side, side), _UNKNOWN, dtype=np.uint16),
        name,
        reach_s,
        np.argsort(reach_s, kind="stable"),
    )


def new_search(pack: Pack, groups: Groups, labels: Ints, cost_s: float, excluded: Sequence[int] = ()) -> Search:
    """Stand before the first partition, with an incumbent to beat; devices `excluded` are never used."""
    k = pack.n_groups
    never = sum(1 << place for place, device in enumerate(groups.name.tolist()) if device in excluded)
    return Search(
        depth=np.zeros(1, np.int64),
        used=np.full(k, never, dtype=np.int64),
        spares=np.full(k, pack.n_spares - len(excluded)),
        dp_s=np.zeros(k),
        at=np.zeros(k, np.int64),
        chosen=np.zeros(k, np.int64),
        between=np.zeros((k, k)),
        best_s=np.array([cost_s]),
        labels=labels.copy(),
        candidate=np.zeros(pack.n_devices, np.int64),
    )


@jit
def advance(pack, groups, search, pipeline_least_s, partitions):  # type: ignore[no-untyped-def]
    """Go on until `partitions` more are complete, or `STEPS` steps are done; returns how many are complete.

    A partition counts as soon as it is complete, even if a bound then spares its evaluation. `search.best_s` and
    `search.labels` are the best so far; `search.depth` is -1 when nothing is left.
    """
    complete, last = 0, pack.n_groups - 1
    everyone = (np.int64(1) << pack.n_devices) - 1
    for _ in range(STEPS):
        depth = search.depth[0]
        if depth < 0 or complete == partitions:
            break
        place = _next_candidate(groups, search, everyone, last, search.best_s[0] - pipeline_least_s)
        if place < 0:
            if not _leave_out(search, everyone):
                search.depth[0] -= 1
            continue
        used = search.used[depth]
        if groups.mask[place] & used:
            continue
        slowest_s = max(search.dp_s[depth], groups.dp_s[place])
        if slowest_s + pipeline_least_s >= search.best_s[0]:
            continue
        search.chosen[depth] = place
        _wire(pack, groups, search, depth)
        if depth == last:
            complete += 1
            if slowest_s + _spanning_tree_s(search.between) < search.best_s[0]:
                _score(pack, groups, search)
            continue
        used |= groups.mask[place]
        if slowest_s + _pipeline_bound_s(pack, groups, search, everyone & ~used) >= search.best_s[0]:
            continue
        search.depth[0] = depth + 1
        search.used[depth + 1] = used
        search.spares[depth + 1] = search.spares[depth]
        search.dp_s[depth + 1] = slowest_s
        search.at[depth + 1] = 0
    return complete


@jit
def _leave_out(search, everyone):  # type: ignore[no-untyped-def]
    """Let the first free device be a spare, if there may be one more; returns whether that was so."""
    depth = search.depth[0]
    free = everyone & ~search.used[depth]
    if search.spares[depth] == 0:
        return False
    search.used[depth] |= free & -free
    search.spares[depth] -= 1
    search.at[depth] = 0
    return True


@jit
def _next_candidate(groups, search, everyone, last, limit_s):  # type: ignore[no-untyped-def]
    """The place of the next group to try at the present depth, which may be in use; -1 if there is none."""
    depth = search.depth[0]
    free = everyone & ~search.used[depth]
    at = search.at[depth]
    search.at[depth] += 1
    if depth == last and search.spares[depth] == 0:
        return _place_of(groups, free) if at == 0 else np.int64(-1)
    device = 0
    while not free >> device & 1:
        device += 1
    position = groups.first[device] + at
    if position >= groups.first[device + 1]:
        return np.int64(-1)
    place = groups.listed[position]
    return place if groups.dp_s[place] < limit_s else np.int64(-1)


@jit
def _place_of(groups, bits):  # type: ignore[no-untyped-def]
    place, taken = np.int64(0), 0
    for device in range(len(groups.name)):
        if bits >> device & 1:
            taken += 1
            place += groups.binomial[device, taken]
    return place


@jit
def _wire(pack, groups, search, depth):  # type: ignore[no-untyped-def]
    """Write the boundaries between the group chosen last and the ones before it."""
    place = search.chosen[depth]
    for before in range(depth):
        other = search.chosen[before]
        level = np.int64(groups.wired[place, other]) if len(groups.wired) else np.int64(_UNKNOWN)
        if level == _UNKNOWN:
            level = bottleneck(pack.rank, groups.members[place], groups.members[other], pack.matching)
            if len(groups.wired):
                groups.wired[place, other] = level
                groups.wired[other, place] = level
        search.between[depth, before] = search.between[before, depth] = pack.class_s[level]


@jit
def _pipeline_bound_s(pack, groups, search, free):  # type: ignore[no-untyped-def]
    """A bound on the pipeline of all partitions that continue the chosen groups with the `free` devices."""
    depth, n = search.depth[0], pack.n_devices
    total, costliest = 0.0, 0.0
    for group in range(depth + 1):
        cheapest = 0.0
        for i in range(pack.group_size):
            a = groups.members[search.chosen[group], i]
            nearest = np.inf
            for device in range(n):
                if free >> device & 1:
                    nearest = min(nearest, pack.class_s[pack.rank[a, groups.name[device]]])
            cheapest = max(cheapest, nearest)
        for other in range(depth + 1):
            if other != group:
                cheapest = min(cheapest, search.between[group, other])
        total += cheapest
        costliest = max(costliest, cheapest)
    met = 0
    for device in groups.by_reach:
        if free >> device & 1:
            met += 1
            if met % pack.group_size == 0 and met <= pack.group_size * (pack.n_groups - 1 - depth):
                total += groups.reach_s[device]
                costliest = max(costliest, groups.reach_s[device])
    return total - costliest


@jit
def _spanning_tree_s(length_s):  # type: ignore[no-untyped-def]
    """Length of the shortest tree over all groups: no path over them is shorter."""
    n, total = len(length_s), 0.0
    reach_s = np.full(n, np.inf)
    inside = 0
    for _ in range(n - 1):
        for other in range(n):
            reach_s[other] = min(reach_s[other], length_s[inside, other])
        reach_s[inside] = -1.0
        nearest = np.inf
        for other in range(n):
            if 0.0 <= reach_s[other] < nearest:
                nearest, inside = reach_s[other], other
        total += nearest
    return total


@jit
def _score(pack, groups, search):  # type: ignore[no-untyped-def]
    search.candidate[:] = pack.n_groups
    for stage in range(pack.n_groups):
        for i in range(pack.group_size):
            search.candidate[groups.members[search.chosen[stage], i]] = stage
    data_parallel_s, pipeline_s = evaluate(pack, search.candidate)
    if data_parallel_s + pipeline_s < search.best_s[0]:
        search.best_s[0] = data_parallel_s + pipeline_s
        for device in range(len(search.labels)):
            search.labels[device] = search.candidate[device]


@jit
def _list_groups(dp_s, name, mask, members, group_dp_s):  # type: ignore[no-untyped-def]
    """Fill the groups in, by Gosper's method: the next larger number with as many bits."""
    d = members.shape[1]
    bits = (np.int64(1) << d) - 1
    for place in range(len(mask)):
        mask[place] = bits
        filled = 0
        for device in range(len(name)):
            if bits >> device & 1:
                members[place, filled] = name[device]
                filled += 1
        for a in members[place]:
            total = 0.0
            for b in members[place]:
                total += dp_s[a, b]
            group_dp_s[place] = max(group_dp_s[place], total)
        lowest = bits & -bits
        ripple = bits + lowest
        bits = ripple | (((bits ^ ripple) // lowest) >> 2)
