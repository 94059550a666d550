"""The moves of annealing by classes: two devices change places, or two stages, or a run of stages is turned round.

One of two devices may be a spare. A swap whose stages alone are too dear is refused before its boundaries are matched.
"""

from __future__ import annotations

import numpy as np

from tasklet_bench.problems.compiled import jit
from tasklet_bench.strategies.annealing.class_state import boundary, guided_s, put, seconds_with, set_stage

LONGEST_TURN = 32
"""Stages at most that are turned round at once, so that making the move takes no longer where there are more."""
NO_MOVE, REFUSED, SCORED, MADE = range(4)
"""What becomes of a proposal: nothing would change, a bound refuses it, it is scored, it is scored and made."""


@jit(allocates=False)
def swap(ready, state, rng, limit_s, stages, credit, moving):  # type: ignore[no-untyped-def]
    """Let two random devices change places if the guided cost rises by at most `limit_s`.

    Returns what became of it, and by how much the guided cost changes (in seconds).
    """
    pack, k, d = ready.pack, len(state.members), state.members.shape[1]
    p, i = np.int64(rng.random() * k), np.int64(rng.random() * d)
    other = np.int64(rng.random() * pack.n_devices)
    q, j = other // d, other % d
    spare = other - k * d
    a = state.members[p, i]
    b = state.spares[spare] if spare >= 0 else state.members[q, j]
    if a == b or p == q:
        return NO_MOVE, 0.0
    leaves = len(state.tree_s) // 2
    before_s, p_before_s = state.tree_s[1], state.tree_s[leaves + p]
    p_s = seconds_with(pack, state, p, i, b)
    rise_s = p_s - p_before_s
    set_stage(state, p, p_s)
    q_before_s, q_s = 0.0, 0.0
    if spare < 0:
        q_before_s = state.tree_s[leaves + q]
        q_s = seconds_with(pack, state, q, j, a)
        rise_s += q_s - q_before_s
        set_stage(state, q, q_s)
    stages_rise_s = rise_s
    rise_s = state.tree_s[1] - before_s + stages * stages_rise_s / k
    _list_touched(state, p, q if spare < 0 else p)
    lowest_s = rise_s
    for t in range(state.n_touched[0]):
        at = state.touched[t]
        lowest_s += pack.class_s[0] - guided_s(pack, state.level[at], state.below[at], credit)
    what = REFUSED
    if lowest_s <= limit_s:
        state.members[p, i] = b
        if spare < 0:
            state.members[q, j] = a
        rise_s += _match_touched(pack, state, credit)
        state.members[p, i] = a
        if spare < 0:
            state.members[q, j] = b
        what = MADE if moving and rise_s <= limit_s else SCORED
    if what != MADE:
        set_stage(state, p, p_before_s)
        if spare < 0:
            set_stage(state, q, q_before_s)
        return what, rise_s
    put(pack, state, p, i, b)
    if spare < 0:
        put(pack, state, q, j, a)
    else:
        state.spares[spare] = a
    _take_touched(pack, state)
    return what, rise_s


@jit(allocates=False)
def reorder(ready, state, rng, limit_s, credit, moving):  # type: ignore[no-untyped-def]
    """Let two random stages change places, or turn a run of stages round, as `swap` does with devices."""
    pack, k = ready.pack, len(state.members)
    p = np.int64(rng.random() * k)
    if rng.random() < 0.5:
        q = np.int64(rng.random() * k)
        if p == q:
            return NO_MOVE, 0.0
        _list_touched(state, p, q)
        _exchange_stages(state, p, q)
        rise_s = _match_touched(pack, state, credit)
        if not (moving and rise_s <= limit_s):
            _exchange_stages(state, p, q)
            return SCORED, rise_s
        _take_touched(pack, state)
        return MADE, rise_s
    if p == k - 1:
        return NO_MOVE, 0.0
    last = p + 1 + np.int64(rng.random() * min(LONGEST_TURN - 1, k - 1 - p))
    rise_s, n = 0.0, 0
    for at, left, right in ((p - 1, p - 1, last), (last, p, last + 1)):
        if 0 <= at < k - 1:
            level, below = boundary(pack, state.kept, state.members[left], state.members[right], state.level[at])
            state.touched[n], state.new_level[n], state.new_below[n] = at, level, below
            rise_s += guided_s(pack, level, below, credit)
            rise_s -= guided_s(pack, state.level[at], state.below[at], credit)
            n += 1
    state.n_touched[0] = n
    if not (moving and rise_s <= limit_s):
        return SCORED, rise_s
    first, end = p, last
    while first < end:
        _exchange_stages(state, first, end)
        first, end = first + 1, end - 1
    first, end = p, last - 1
    while first < end:
        state.level[first], state.level[end] = state.level[end], state.level[first]
        state.below[first], state.below[end] = state.below[end], state.below[first]
        first, end = first + 1, end - 1
    _take_touched(pack, state)
    return MADE, rise_s


@jit(inline=True, allocates=False)
def _list_touched(state, p, q):  # type: ignore[no-untyped-def]
    """Note the boundaries beside two stages, each once."""
    n = 0
    for at in (p - 1, p, q - 1, q):
        new = 0 <= at < len(state.level)
        for t in range(n):
            new = new and state.touched[t] != at
        if new:
            state.touched[n] = at
            n += 1
    state.n_touched[0] = n


@jit(allocates=False)
def _match_touched(pack, state, credit):  # type: ignore[no-untyped-def]
    """Match the boundaries that are noted anew; returns by how much their guided seconds rise."""
    rise_s = 0.0
    for t in range(state.n_touched[0]):
        at = state.touched[t]
        level, below = boundary(pack, state.kept, state.members[at], state.members[at + 1], state.level[at])
        state.new_level[t], state.new_below[t] = level, below
        rise_s += guided_s(pack, level, below, credit) - guided_s(pack, state.level[at], state.below[at], credit)
    return rise_s


@jit(allocates=False)
def _take_touched(pack, state):  # type: ignore[no-untyped-def]
    """Make the boundaries of the proposal those of the state."""
    for t in range(state.n_touched[0]):
        at, level, below = state.touched[t], state.new_level[t], state.new_below[t]
        state.pipeline_s[0] += pack.class_s[level] - pack.class_s[state.level[at]]
        state.level[at], state.below[at] = level, below


@jit(allocates=False)
def _exchange_stages(state, p, q):  # type: ignore[no-untyped-def]
    """Let two stages change places, with all they hold; their boundaries are left as they are."""
    for slot in range(state.members.shape[1]):
        state.members[p, slot], state.members[q, slot] = state.members[q, slot], state.members[p, slot]
        state.load_s[p, slot], state.load_s[q, slot] = state.load_s[q, slot], state.load_s[p, slot]
    leaves = len(state.tree_s) // 2
    p_s, q_s = state.tree_s[leaves + p], state.tree_s[leaves + q]
    set_stage(state, p, q_s)
    set_stage(state, q, p_s)
