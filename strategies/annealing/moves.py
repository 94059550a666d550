"""The moves of annealing, each refused unscored where a lower bound is above what it may cost.

In a *visit* one device looks at those of another stage and changes places with the first that will do; in a *relief* a
spare device looks at those of a stage and takes the place of the first that will do; a *turn* reverses a segment of
stages. All go by a guided cost, in which bottlenecks have slopes in place of plateaus: a
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
def visit(ground, stages, a, q, limit_s, evaluations):  # type: ignore[no-untyped-def]
    """Let device a change places with the first of stage q that raises the guided cost by the limit at most.

    Returns how many swaps were scored, at most `evaluations`, how many a lower bound refused unscored, and whether the
    last one scored was made.
    """
    pack, state, bounds, symmetry_class = ground.pack, ground.state, ground.bounds, ground.symmetry_class
    k, scored, refused, p = pack.n_groups, 0, 0, state.stage_of[a]
    weight = stages / k
    slack_s = SAME_COST * (state.parts_s[0] + state.parts_s[1])
    neighbours = q == p - 1 or q == p + 1
    p_left, p_right = p > 0 and q != p - 1, p < k - 1 and q != p + 1
    q_left, q_right = q > 0 and p != q - 1, q < k - 1 and p != q + 1
    others_s, a_load_s = slowest_other_s(bounds, p, q), bounds.load_s[q, a]
    before_s = state.parts_s[0] + weight * (bounds.slowest_s[p] + bounds.slowest_s[q]) + slack_s
    before_s += bounds.boundary_s[p] * p_left + bounds.boundary_s[p + 1] * p_right
    before_s += bounds.boundary_s[q] * q_left + bounds.boundary_s[q + 1] * q_right
    if neighbours:
        before_s += bounds.boundary_s[max(p, q)]
    ceiling_s = before_s + limit_s
    for slot in range(pack.group_size):
        b = bounds.members[q, slot]
        refused += 1  # until it is scored
        p_s, q_s = bounds.load_s[p, b] - pack.dp_s[a, b], a_load_s - pack.dp_s[a, b]
        edges_s = 0.0
        if p_left:
            edges_s += max(bounds.near_s[p - 1, b], bounds.without_s[0, a])
        if p_right:
            edges_s += max(bounds.near_s[p + 1, b], bounds.without_s[1, a])
        if q_left:
            edges_s += max(bounds.near_s[q - 1, a], bounds.without_s[0, b])
        if q_right:
            edges_s += max(bounds.near_s[q + 1, a], bounds.without_s[1, b])
        if max(others_s, max(p_s, q_s)) + weight * (p_s + q_s) + edges_s > ceiling_s:
            continue
        if symmetry_class[a] == symmetry_class[b] or ground.fixed[b]:
            refused -= 1  # it would change nothing, or break a rule, so no bound refuses it
            continue
        if neighbours:
            edges_s += joint_s(pack, state, bounds, a, b)
        p_s = replaced_s(pack, bounds, p, a, b)
        if max(others_s, max(p_s, q_s)) + weight * (p_s + q_s) + edges_s > ceiling_s:
            continue
        q_s = replaced_s(pack, bounds, q, b, a)
        stages_s = max(others_s, max(p_s, q_s)) + weight * (p_s + q_s)
        if stages_s + edges_s > ceiling_s:
            continue
        if p_left:
            edges_s += _more_s(pack, bounds, p, p - 1, 0, a, b)
        if p_right:
            edges_s += _more_s(pack, bounds, p, p + 1, 1, a, b)
        if stages_s + edges_s > ceiling_s:
            continue
        if q_left:
            edges_s += _more_s(pack, bounds, q, q - 1, 0, b, a)
        if q_right:
            edges_s += _more_s(pack, bounds, q, q + 1, 1, b, a)
        if stages_s + edges_s > ceiling_s:
            continue
        refused -= 1
        if scored == evaluations:
            break
        scored += 1
        propose(pack, state, a, b)
        rise_s = (
            state.proposed_s[0] - state.parts_s[0] + weight * (p_s + q_s - bounds.slowest_s[p] - bounds.slowest_s[q])
        )
        if rise_s + boundaries_rise_s(pack, state, bounds) > limit_s:
            rollback(pack, state)
            continue
        commit(pack, state)
        exchange(pack, state, bounds, a, b)
        return scored, refused, True
    return scored, refused, False


@jit(allocates=False)
def relieve(ground, stages, a, q, limit_s, evaluations):  # type: ignore[no-untyped-def]
    """Let spare a take the place of the first of stage q that raises the guided cost by the limit at most.

    Returns what `visit` does.
    """
    pack, state, bounds = ground.pack, ground.state, ground.bounds
    k, scored, refused = pack.n_groups, 0, 0
    weight = stages / k
    slack_s = SAME_COST * (state.parts_s[0] + state.parts_s[1])
    others_s = slowest_other_s(bounds, q, q)
    ceiling_s = state.parts_s[0] + weight * bounds.slowest_s[q] + slack_s + limit_s
    ceiling_s += bounds.boundary_s[q] + bounds.boundary_s[q + 1]
    for slot in range(pack.group_size):
        b = bounds.members[q, slot]
        if ground.symmetry_class[a] == ground.symmetry_class[b] or ground.fixed[b]:
            continue
        refused += 1  # until it is scored
        q_s, edges_s = replaced_s(pack, bounds, q, b, a), 0.0
        if q > 0:
            edges_s += max(bounds.near_s[q - 1, a], bounds.without_s[0, b])
        if q < k - 1:
            edges_s += max(bounds.near_s[q + 1, a], bounds.without_s[1, b])
        if max(others_s, q_s) + weight * q_s + edges_s > ceiling_s:
            continue
        if q > 0:
            edges_s += _more_s(pack, bounds, q, q - 1, 0, b, a)
        if q < k - 1:
            edges_s += _more_s(pack, bounds, q, q + 1, 1, b, a)
        if max(others_s, q_s) + weight * q_s + edges_s > ceiling_s:
            continue
        refused -= 1
        if scored == evaluations:
            break
        scored += 1
        propose(pack, state, a, b)
        rise_s = state.proposed_s[0] - state.parts_s[0] + weight * (q_s - bounds.slowest_s[q])
        if rise_s + boundaries_rise_s(pack, state, bounds) > limit_s:
            rollback(pack, state)
            continue
        commit(pack, state)
        exchange(pack, state, bounds, a, b)
        return scored, refused, True
    return scored, refused, False


@jit(allocates=False)
def propose(pack, state, a, b):  # type: ignore[no-untyped-def]
    """`propose_swap`, compiled once for all callers: it is long."""
    propose_swap(pack, state, a, b)


@jit(allocates=False)
def _more_s(pack, bounds, stage, other, side, old, new):  # type: ignore[no-untyped-def]
    """By how much the links of the other stage raise the floor of a boundary if `new` stands for `old`."""
    floor_s = max(bounds.near_s[other, new], bounds.without_s[side, old])
    return max(0.0, opposite_s(pack, bounds, stage, other, old, new) - floor_s)


@jit(allocates=False)
def turn(ground, rng, limit_s):  # type: ignore[no-untyped-def]
    """Turn a random segment of stages round if that raises the guided cost by the limit at most.

    A segment with a stage that a device is pinned to stays as it is.

    Returns how many moves were scored and how many refused unscored, 0 or 1 each, and whether it was made.
    """
    pack, state, bounds = ground.pack, ground.state, ground.bounds
    k = pack.n_groups
    i, j = np.int64(rng.random() * k), np.int64(rng.random() * k)
    first, last = min(i, j), max(i, j)
    if first == last or last - first == k - 1:
        return 0, 0, False
    if len(pack.path.pinned.position) and _any_pinned(pack.path.pinned.position, first, last):
        return 0, 0, False
    floor_s = -SAME_COST * (state.parts_s[0] + state.parts_s[1])
    if first > 0:
        floor_s += meeting_s(pack, bounds, first - 1, last) - bounds.boundary_s[first]
    if last < k - 1:
        floor_s += meeting_s(pack, bounds, first, last + 1) - bounds.boundary_s[last + 1]
    if floor_s > limit_s:
        return 0, 1, False
    propose_reversal(pack, state, first, last)
    if boundaries_rise_s(pack, state, bounds) > limit_s:
        rollback(pack, state)
        return 1, 0, False
    commit(pack, state)
    reverse(pack, state, bounds, first, last)
    return 1, 0, True


@jit(allocates=False)
def _any_pinned(position, first, last):  # type: ignore[no-untyped-def]
    """Whether a group of the stages first..last is pinned to its place."""
    for stage in range(first, last + 1):  # noqa: SIM110 - a generator would not compile
        if position[stage] >= 0:
            return True
    return False


@jit(inline=True, allocates=False)
def boundaries_rise_s(pack, state, bounds):  # type: ignore[no-untyped-def]
    """By how much the proposal changes the guided cost of the boundaries."""
    rise_s = 0.0
    for i in range(state.n_touched[0]):
        proposed_s = guided_s(pack, bounds.credit, state.touched_class[i], state.touched_below[i])
        rise_s += proposed_s - bounds.boundary_s[state.touched[i] + 1]
    return rise_s
