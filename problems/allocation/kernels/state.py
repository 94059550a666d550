"""The ordered state: a partition with the order of its stages kept, so that a move touches only its neighbourhood.

A swap of two devices touches the sums of two stages and at most four boundaries; a reversal of a segment of stages
touches two. Neither touches the path.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from problems.allocation.kernels.groups import collect, group_s
from problems.allocation.kernels.ranks import Floats, Ints
from problems.allocation.kernels.wiring import boundary
from problems.compiled import jit

_NONE, _SWAP, _REVERSAL = range(3)


class State(NamedTuple):
    """Memory of an ordered state and of one proposal; `problems.allocation.kernels` says what may be read."""

    stage_of: Ints
    members: NDArray[np.uint32]
    stage_s: Floats
    boundary_class: Ints
    boundary_below: Ints
    parts_s: Floats
    proposed_s: Floats
    n_touched: Ints
    touched: Ints
    touched_class: Ints
    touched_below: Ints
    move: Ints
    moved_s: Floats


@jit
def new_state(pack):  # type: ignore[no-untyped-def]
    """Memory for an ordered state of a problem; `start` fills it."""
    k = pack.n_groups
    return State(
        np.zeros(pack.n_devices, dtype=np.int64),
        np.zeros((k, pack.group_size), dtype=np.uint32),
        np.zeros(k),
        np.zeros(max(k - 1, 0), dtype=np.int64),
        np.zeros(max(k - 1, 0), dtype=np.int64),
        np.zeros(2),
        np.zeros(2),
        np.zeros(1, dtype=np.int64),
        np.zeros(4, dtype=np.int64),
        np.zeros(4, dtype=np.int64),
        np.zeros(4, dtype=np.int64),
        np.zeros(3, dtype=np.int64),
        np.zeros(2),
    )


@jit
def start(pack, state, labels):  # type: ignore[no-untyped-def]
    """Take labels, int64 `(N,)`, with label j standing at stage j; returns the cost in this order (in seconds)."""
    state.move[0] = _NONE
    state.n_touched[0] = 0
    collect(labels, state.members, pack.order)
    state.stage_of[:] = labels
    for stage in range(pack.n_groups):
        state.stage_s[stage] = group_s(pack.dp_s, state.members, stage)
    for b in range(pack.n_groups - 1):
        found, below = _boundary(pack, state, b, b + 1)
        state.boundary_class[b] = found
        state.boundary_below[b] = below
    _sum_up(pack, state)
    state.parts_s[:] = state.proposed_s
    return state.parts_s[0] + state.parts_s[1]


@jit
def propose_swap(pack, state, a, b):  # type: ignore[no-untyped-def]
    """Cost (in seconds) with the devices a and b in each other's place; end it with `commit` or `rollback`."""
    state.n_touched[0] = 0
    p, q = state.stage_of[a], state.stage_of[b]
    if p == q:
        state.move[0] = _NONE
        state.proposed_s[:] = state.parts_s
        return state.parts_s[0] + state.parts_s[1]
    state.move[:] = np.int64(_SWAP), a, b
    state.moved_s[0], state.moved_s[1] = state.stage_s[p], state.stage_s[q]
    _exchange(state, a, b)
    state.stage_s[p] = group_s(pack.dp_s, state.members, p)
    state.stage_s[q] = group_s(pack.dp_s, state.members, q)
    for i in range(4):
        boundary = (p - 1, p, q - 1, q)[i]
        if 0 <= boundary < pack.n_groups - 1 and not (i >= 2 and (boundary == p - 1 or boundary == p)):
            _touch(pack, state, boundary, boundary, boundary + 1)
    return _sum_up(pack, state)


@jit
def propose_reversal(pack, state, first, last):  # type: ignore[no-untyped-def]
    """Cost (in seconds) with the stages first..last in reversed order; end it with `commit` or `rollback`."""
    state.move[:] = np.int64(_REVERSAL), first, last
    state.n_touched[0] = 0
    if first > 0:
        _touch(pack, state, first - 1, first - 1, last)
    if last < pack.n_groups - 1:
        _touch(pack, state, last, first, last + 1)
    return _sum_up(pack, state)


@jit
def commit(pack, state):  # type: ignore[no-untyped-def]
    """Make the proposal the state."""
    if state.move[0] == _REVERSAL:
        _reverse(state, state.move[1], state.move[2])
    for i in range(state.n_touched[0]):
        state.boundary_class[state.touched[i]] = state.touched_class[i]
        state.boundary_below[state.touched[i]] = state.touched_below[i]
    state.parts_s[:] = state.proposed_s
    state.move[0] = _NONE
    state.n_touched[0] = 0


@jit
def rollback(pack, state):  # type: ignore[no-untyped-def]
    """Forget the proposal."""
    if state.move[0] == _SWAP:
        a, b = state.move[1], state.move[2]
        _exchange(state, a, b)
        state.stage_s[state.stage_of[a]] = state.moved_s[0]
        state.stage_s[state.stage_of[b]] = state.moved_s[1]
    state.move[0] = _NONE
    state.n_touched[0] = 0


@jit
def write_labels(pack, state, labels):  # type: ignore[no-untyped-def]
    """Write the stage of each device to `labels`, int64 `(N,)`."""
    labels[:] = state.stage_of


@jit
def _sum_up(pack, state):  # type: ignore[no-untyped-def]
    """Total of the proposal: the slowest stage plus all boundaries, summed from the first on, so nothing drifts."""
    data_parallel_s = 0.0
    for stage in range(pack.n_groups):
        data_parallel_s = max(data_parallel_s, state.stage_s[stage])
    head, tail = 0.0, 0.0
    middle = pack.n_groups // 2
    for b in range(middle):
        head += pack.class_s[_class_after(state, b)]
    for b in range(pack.n_groups - 2, middle - 1, -1):
        tail += pack.class_s[_class_after(state, b)]
    pipeline_s = head + tail
    state.proposed_s[0] = data_parallel_s
    state.proposed_s[1] = pipeline_s
    return data_parallel_s + pipeline_s


@jit
def _class_after(state, b):  # type: ignore[no-untyped-def]
    """Class that a boundary has if the proposal is taken."""
    for i in range(state.n_touched[0]):
        if state.touched[i] == b:
            return state.touched_class[i]
    first, last = state.move[1], state.move[2]
    if state.move[0] == _REVERSAL and first <= b < last:
        return state.boundary_class[first + last - 1 - b]
    return state.boundary_class[b]


@jit
def _boundary(pack, state, left, right):  # type: ignore[no-untyped-def]
    """Class between two stages, and how many rows can be matched one class below."""
    return boundary(pack, state.members[left], state.members[right])


@jit
def _touch(pack, state, boundary, left, right):  # type: ignore[no-untyped-def]
    i = state.n_touched[0]
    found, below = _boundary(pack, state, left, right)
    state.touched[i] = boundary
    state.touched_class[i] = found
    state.touched_below[i] = below
    state.n_touched[0] = i + 1


@jit
def _exchange(state, a, b):  # type: ignore[no-untyped-def]
    """Let two devices of different stages change places; the devices of a stage stay in ascending order."""
    p, q = state.stage_of[a], state.stage_of[b]
    _replace(state.members[p], a, b)
    _replace(state.members[q], b, a)
    state.stage_of[a], state.stage_of[b] = q, p


@jit
def _replace(group, old, new):  # type: ignore[no-untyped-def]
    i = 0
    while group[i] != old:
        i += 1
    while i + 1 < len(group) and group[i + 1] < new:
        group[i] = group[i + 1]
        i += 1
    while i > 0 and group[i - 1] > new:
        group[i] = group[i - 1]
        i -= 1
    group[i] = new


@jit
def _reverse(state, first, last):  # type: ignore[no-untyped-def]
    """Turn the stages first..last round; the boundaries inside keep their class and what matches below it."""
    i, j = first, last
    while i < j:
        for d in range(state.members.shape[1]):
            state.members[i, d], state.members[j, d] = state.members[j, d], state.members[i, d]
        state.stage_s[i], state.stage_s[j] = state.stage_s[j], state.stage_s[i]
        i, j = i + 1, j - 1
    i, j = first, last - 1
    while i < j:
        state.boundary_class[i], state.boundary_class[j] = state.boundary_class[j], state.boundary_class[i]
        state.boundary_below[i], state.boundary_below[j] = state.boundary_below[j], state.boundary_below[i]
        i, j = i + 1, j - 1
    for stage in range(first, last + 1):
        for device in state.members[stage]:
            state.stage_of[device] = stage
