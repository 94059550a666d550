"""The ordered state by classes of devices: what annealing walks on where links are kept by site.

A stage is the classes of its D devices, for it costs the same whichever devices of a class they are. Two devices that
change places, and two stages that do, touch two stages and at most four boundaries; a reversal touches two boundaries.
So a proposal takes steps that grow with D, not with N: the slowest stage is at the root of a tree over the stages, and
the seconds of the pipeline are kept as a sum. Memory grows as N.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.allocation.kernels.matching.dispatch import boundary_of_groups, boundary_of_small_block
from tasklet_bench.problems.allocation.kernels.matching.kept import Matchings, match_anew, new_matchings
from tasklet_bench.problems.allocation.kernels.matching.up_to_8 import SIDE, gather
from tasklet_bench.problems.allocation.kernels.packing import Floats, Ints
from tasklet_bench.problems.allocation.site_level.packing import ClassPack
from tasklet_bench.problems.compiled import jit


class ClassState(NamedTuple):
    """Memory of the state and of one proposal.

    `members` uint32 `(K, D)`: class in each slot; `spares` uint32 `(N - D·K,)`. `load_s` `(K, D)`: what the device of a
    slot pays its mates. `tree_s` `(2P,)`: the slowest of two below each place, stages from P on, a power of two.
    `level`, `below` `(K-1,)`: rank of each boundary, and how many of its rows can be matched below it. `new_level`,
    `new_below`, `touched` `(4,)`: boundaries of the proposal, `n_touched` of them. `pipeline_s` `(1,)`:
    all boundaries together. `kept` is scratch of matchings.
    """

    members: NDArray[np.uint32]
    spares: NDArray[np.uint32]
    load_s: Floats
    tree_s: Floats
    level: Ints
    below: Ints
    touched: Ints
    new_level: Ints
    new_below: Ints
    n_touched: Ints
    pipeline_s: Floats
    kept: Matchings


def new_class_state(ready: ClassPack) -> ClassState:
    """Memory for a problem by classes; `stand` fills it."""
    k, d = ready.pack.n_groups, ready.pack.group_size
    places = 1
    while places < k:
        places *= 2
    return ClassState(
        members=np.zeros((k, d), dtype=np.uint32),
        spares=np.zeros(ready.pack.n_spares, dtype=np.uint32),
        load_s=np.zeros((k, d)),
        tree_s=np.zeros(2 * places),
        level=np.zeros(k - 1, dtype=np.int64),
        below=np.zeros(k - 1, dtype=np.int64),
        touched=np.zeros(4, dtype=np.int64),
        new_level=np.zeros(4, dtype=np.int64),
        new_below=np.zeros(4, dtype=np.int64),
        n_touched=np.zeros(1, dtype=np.int64),
        pipeline_s=np.zeros(1),
        kept=new_matchings(1, d, ready.pack.blocks.shape[1]),
    )


@jit
def stand(ready, state, labels):  # type: ignore[no-untyped-def]
    """Take labels, int64 `(N,)`, with label j standing at stage j, and work out everything anew."""
    k = len(state.members)
    filled = np.zeros(k + 1, dtype=np.int64)
    for device in range(len(labels)):
        stage = labels[device]
        if stage < k:
            state.members[stage, filled[stage]] = ready.class_of[device]
        else:
            state.spares[filled[k]] = ready.class_of[device]
        filled[min(stage, k)] += 1
    sum_anew(ready, state)


@jit
def sum_anew(ready, state):  # type: ignore[no-untyped-def]
    """Work all loads, boundaries and sums out from the members, so that nothing drifts."""
    k, leaves = len(state.members), len(state.tree_s) // 2
    state.pipeline_s[0] = 0.0
    for stage in range(k):
        for slot in range(state.members.shape[1]):
            own = state.members[stage, slot]
            total_s = 0.0
            for mate in range(state.members.shape[1]):
                if mate != slot:
                    total_s += ready.pack.dp_s[own, state.members[stage, mate]]
            state.load_s[stage, slot] = total_s
        state.tree_s[leaves + stage] = largest(state.load_s[stage])
    for place in range(leaves - 1, 0, -1):
        state.tree_s[place] = max(state.tree_s[2 * place], state.tree_s[2 * place + 1])
    for b in range(k - 1):
        level, below = boundary(ready.pack, state.kept, state.members[b], state.members[b + 1], state.level[b])
        state.level[b], state.below[b] = level, below
        state.pipeline_s[0] += ready.pack.class_s[level]


@jit
def assign_devices(ready, state, labels):  # type: ignore[no-untyped-def]
    """Write labels, int64 `(N,)`, that stand for the state: each slot gets the next device of its class."""
    n_classes = len(ready.pack.dp_s)
    first = np.zeros(n_classes + 1, dtype=np.int64)
    for device in range(len(labels)):
        first[ready.class_of[device] + 1] += 1
    for c in range(n_classes):
        first[c + 1] += first[c]
    by_class = np.zeros(len(labels), dtype=np.int64)
    following = first.copy()
    for device in range(len(labels)):
        c = ready.class_of[device]
        by_class[following[c]] = device
        following[c] += 1
    k = len(state.members)
    for device in range(len(labels)):
        labels[device] = k
    for stage in range(k):
        for slot in range(state.members.shape[1]):
            c = state.members[stage, slot]
            labels[by_class[first[c]]] = stage
            first[c] += 1


@jit(allocates=False)
def boundary(pack, kept, left, right, guess):  # type: ignore[no-untyped-def]
    """Rank of the boundary between two stages, and how many of its rows can be matched below it."""
    if not pack.blocks.shape[1]:
        return boundary_of_groups(pack.rank, left, right, pack.matching)
    gather(pack.rank, left, right, pack.blocks, 0)
    if pack.blocks.shape[1] == SIDE:
        return boundary_of_small_block(pack.blocks, 0, pack.group_size, len(pack.class_s) - 1, guess)
    return match_anew(pack.blocks, 0, pack.group_size, guess, kept, pack.matching)


@jit(inline=True, allocates=False)
def guided_s(pack, level, below, credit):  # type: ignore[no-untyped-def]
    """Seconds of a boundary with credit for the rows that can be matched below its rank, so that plateaus slope."""
    if level == 0:
        return pack.class_s[0]
    step_s = pack.class_s[level] - pack.class_s[level - 1]
    return pack.class_s[level] - credit * step_s * below / pack.group_size


@jit(inline=True, allocates=False)
def largest(values):  # type: ignore[no-untyped-def]
    """The largest of some seconds."""
    result = 0.0
    for i in range(len(values)):
        result = max(result, values[i])
    return result


@jit(inline=True, allocates=False)
def set_stage(state, stage, seconds):  # type: ignore[no-untyped-def]
    """Give a stage other seconds, on the way up to the root of the tree too."""
    place = len(state.tree_s) // 2 + stage
    state.tree_s[place] = seconds
    place //= 2
    while place:
        state.tree_s[place] = max(state.tree_s[2 * place], state.tree_s[2 * place + 1])
        place //= 2


@jit(inline=True, allocates=False)
def seconds_with(pack, state, stage, slot, incoming):  # type: ignore[no-untyped-def]
    """Seconds of a stage with a device of another class in one slot."""
    outgoing = state.members[stage, slot]
    total_s, slowest_s = 0.0, 0.0
    for mate in range(state.members.shape[1]):
        if mate != slot:
            other = state.members[stage, mate]
            paid_s = pack.dp_s[other, incoming]
            total_s += paid_s
            slowest_s = max(slowest_s, state.load_s[stage, mate] + (paid_s - pack.dp_s[other, outgoing]))
    return max(slowest_s, total_s)


@jit(inline=True, allocates=False)
def put(pack, state, stage, slot, incoming):  # type: ignore[no-untyped-def]
    """Put a device of another class into a slot, with the loads of all mates."""
    outgoing = state.members[stage, slot]
    total_s = 0.0
    for mate in range(state.members.shape[1]):
        if mate != slot:
            other = state.members[stage, mate]
            paid_s = pack.dp_s[other, incoming]
            total_s += paid_s
            state.load_s[stage, mate] += paid_s - pack.dp_s[other, outgoing]
    state.load_s[stage, slot] = total_s
    state.members[stage, slot] = incoming
