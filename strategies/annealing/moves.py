"""The two moves of annealing, each refused unscored where a floor lies above what it may cost.

In a *visit* one device looks at those of another stage and changes places with the first that will do; a *turn*
reverses a segment of stages. Both go by a guided cost, in which bottlenecks have slopes in place of plateaus: a
boundary earns credit for the rows that can be matched one class below (`swap_bounds.guided_s`), and beside the
slowest stage the mean over all stages counts.
"""

from __future__ import annotations

import numpy as np

from tasklet_bench.problems.allocation.kernels import commit, propose_reversal, propose_swap, rollback
from tasklet_bench.problems.compiled import jit
from tasklet_bench.problems.tolerances import SAME_COST
from tasklet_bench.strategies.annealing.swap_bounds import (
    exchange,
    guided_s,
    joint_s,
    meeting_s,
    opposite_s,
    replaced_s,
    reverse,
    slowest_other_s,
)


@jit(inline=True, allocates=False)
def visit(pack, state, roster, kind, stages, a, q, limit_s, evaluations):  # type: ignore[no-untyped-def]
    """Let device a change places with the first of stage q that raises the guided cost by the limit at most.

    Returns how many swaps were scored, at most `evaluations`, and whether the last of them was made.
    """
    k, scored, p = pack.n_groups, 0, state.stage_of[a]
    weight = stages / k
    slack_s = SAME_COST * (state.parts_s[0] + state.parts_s[1])
    neighbours = q == p - 1 or q == p + 1
    p_left, p_right = p > 0 and q != p - 1, p < k - 1 and q != p + 1
    q_left, q_right = q > 0 and p != q - 1, q < k - 1 and p != q + 1
    others_s, a_load_s = slowest_other_s(roster, p, q), roster.load_s[q, a]
    before_s = state.parts_s[0] + weight * (roster.slowest_s[p] + roster.slowest_s[q]) + slack_s
    before_s += roster.boundary_s[p] * p_left + roster.boundary_s[p + 1] * p_right
    before_s += roster.boundary_s[q] * q_left + roster.boundary_s[q + 1] * q_right
    if neighbours:
        before_s += roster.boundary_s[max(p, q)]
    ceiling_s = before_s + limit_s
    for slot in range(pack.group_size):
        b = roster.members[q, slot]
        p_s, q_s = roster.load_s[p, b] - pack.dp_s[a, b], a_load_s - pack.dp_s[a, b]
        edges_s = 0.0
        if p_left:
            edges_s += max(roster.near_s[p - 1, b], roster.without_s[0, a])
        if p_right:
            edges_s += max(roster.near_s[p + 1, b], roster.without_s[1, a])
        if q_left:
            edges_s += max(roster.near_s[q - 1, a], roster.without_s[0, b])
        if q_right:
            edges_s += max(roster.near_s[q + 1, a], roster.without_s[1, b])
        if max(others_s, max(p_s, q_s)) + weight * (p_s + q_s) + edges_s > ceiling_s or kind[a] == kind[b]:
            continue
        if neighbours:
            edges_s += joint_s(pack, state, roster, a, b)
        p_s = replaced_s(pack, roster, p, a, b)
        if max(others_s, max(p_s, q_s)) + weight * (p_s + q_s) + edges_s > ceiling_s:
            continue
        q_s = replaced_s(pack, roster, q, b, a)
        stages_s = max(others_s, max(p_s, q_s)) + weight * (p_s + q_s)
        if stages_s + edges_s > ceiling_s:
            continue
        if p_left:
            edges_s += _more_s(pack, roster, p, p - 1, 0, a, b)
        if p_right:
            edges_s += _more_s(pack, roster, p, p + 1, 1, a, b)
        if stages_s + edges_s > ceiling_s:
            continue
        if q_left:
            edges_s += _more_s(pack, roster, q, q - 1, 0, b, a)
        if q_right:
            edges_s += _more_s(pack, roster, q, q + 1, 1, b, a)
        if stages_s + edges_s > ceiling_s:
            continue
        if scored == evaluations:
            break
        scored += 1
        propose(pack, state, a, b)
        rise_s = (
            state.proposed_s[0] - state.parts_s[0] + weight * (p_s + q_s - roster.slowest_s[p] - roster.slowest_s[q])
        )
        if rise_s + boundaries_rise_s(pack, state, roster) > limit_s:
            rollback(pack, state)
            continue
        commit(pack, state)
        exchange(pack, state, roster, a, b)
        return scored, True
    return scored, False


@jit(allocates=False)
def propose(pack, state, a, b):  # type: ignore[no-untyped-def]
    """`propose_swap`, compiled once for all callers: it is long."""
    propose_swap(pack, state, a, b)


@jit(allocates=False)
def _more_s(pack, roster, stage, other, side, old, new):  # type: ignore[no-untyped-def]
    """By how much the links of the other stage raise the floor of a boundary if `new` stands for `old`."""
    floor_s = max(roster.near_s[other, new], roster.without_s[side, old])
    return max(0.0, opposite_s(pack, roster, stage, other, old, new) - floor_s)


@jit(allocates=False)
def turn(pack, state, roster, rng, limit_s):  # type: ignore[no-untyped-def]
    """Turn a random segment of stages round if that raises the guided cost by the limit at most.

    Returns how many moves were scored, 0 or 1, and whether it was made.
    """
    k = pack.n_groups
    i, j = np.int64(rng.random() * k), np.int64(rng.random() * k)
    first, last = min(i, j), max(i, j)
    if first == last or last - first == k - 1:
        return 0, False
    floor_s = -SAME_COST * (state.parts_s[0] + state.parts_s[1])
    if first > 0:
        floor_s += meeting_s(pack, roster, first - 1, last) - roster.boundary_s[first]
    if last < k - 1:
        floor_s += meeting_s(pack, roster, first, last + 1) - roster.boundary_s[last + 1]
    if floor_s > limit_s:
        return 0, False
    propose_reversal(pack, state, first, last)
    if boundaries_rise_s(pack, state, roster) > limit_s:
        rollback(pack, state)
        return 1, False
    commit(pack, state)
    reverse(pack, state, roster, first, last)
    return 1, True


@jit(inline=True, allocates=False)
def boundaries_rise_s(pack, state, roster):  # type: ignore[no-untyped-def]
    """By how much the proposal changes the guided cost of the boundaries."""
    rise_s = 0.0
    for i in range(state.n_touched[0]):
        proposed_s = guided_s(pack, roster.credit, state.touched_class[i], state.touched_below[i])
        rise_s += proposed_s - roster.boundary_s[state.touched[i] + 1]
    return rise_s
