"""The moves of annealing, each refused unscored where a lower bound is above what it may cost.

In a *visit* one device looks at those of another stage and changes places with the first that will do; in a *relief* a
spare device looks at those of a stage and takes the place of the first that will do; a *turn* reverses a segment of
stages. All go by a guided cost, in which bottlenecks have slopes in place of plateaus: a
boundary earns credit for the rows that can be matched one class below (`swap_bounds.guided_s`), and beside the
slowest stage the mean over all stages counts.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tasklet_bench.problems.allocation.kernels import commit, propose_reversal, propose_swap, rollback
from tasklet_bench.problems.allocation.kernels.llvm import bit_rows, eight_swaps
from tasklet_bench.problems.compiled import jit
from tasklet_bench.problems.tolerances import SAME_COST
from tasklet_bench.strategies.annealing.swap_bounds import (
    beside_s,
    exchange,
    guided_s,
    joint_s,
    meeting_s,
    opposite_s,
    replaced_s,
    reverse,
    slowest_other_s,
    width,
)


class Visitor(NamedTuple):
    """A device that looks at those of other stages, where it stands, and what its own stage and boundaries cost.

    `before`, `group`, `after`: the groups at its stage and at its sides, K for none. `limit_s`: by how much the guided
    cost may rise. `load_s`, `left_s`, `right_s`: what its stage and the boundaries at its sides cost, and these at
    least without it.
    """

    device: int
    stage: int
    position: int
    before: int
    group: int
    after: int
    weight: float
    limit_s: float
    slack_s: float
    load_s: float
    left_s: float
    right_s: float
    without_left_s: float
    without_right_s: float


@jit(inline=True, allocates=False)
def prepare(ground, weight, a, limit_s):  # type: ignore[no-untyped-def]
    """What all visits of a device have in common, until something moves, for `visit`."""
    state, bounds, p, at = ground.state, ground.bounds, ground.state.stage_of[a], ground.bounds.position[a]
    return Visitor(
        device=a,
        stage=p,
        position=at,
        before=bounds.group_at[p - 1] if p > 0 else ground.pack.n_groups,
        group=bounds.group_at[p],
        after=bounds.group_at[p + 1],
        weight=weight,
        limit_s=limit_s,
        slack_s=SAME_COST * (state.parts_s[0] + state.parts_s[1]),
        load_s=bounds.slowest_s[bounds.group_at[p]],
        left_s=bounds.boundary_s[p],
        right_s=bounds.boundary_s[p + 1],
        without_left_s=bounds.without_s[0, at],
        without_right_s=bounds.without_s[1, at],
    )


@jit(inline=True, allocates=False)
def visit(ground, visitor, q, evaluations):  # type: ignore[no-untyped-def]
    """Let a device change places with the first of stage q that raises the guided cost by the limit at most.

    Returns how many swaps were scored, at most `evaluations`, how many a lower bound refused unscored, and whether the
    last one scored was made.
    """
    pack, state, bounds, symmetry_class = ground.pack, ground.state, ground.bounds, ground.symmetry_class
    a, p, at, p_group, weight, limit_s = (
        visitor.device,
        visitor.stage,
        visitor.position,
        visitor.group,
        visitor.weight,
        visitor.limit_s,
    )
    k, scored, spared = pack.n_groups, 0, 0
    left, q_group, right = bounds.group_at[q - 1] if q > 0 else k, bounds.group_at[q], bounds.group_at[q + 1]
    before_s = state.parts_s[0] + weight * (visitor.load_s + bounds.slowest_s[q_group]) + visitor.slack_s
    others_s, a_load_s = slowest_other_s(bounds, p_group, q_group), bounds.load_s[q_group, at]
    neighbours = q == p - 1 or q == p + 1
    p_left, p_right = p > 0 and q != p - 1, p < k - 1 and q != p + 1
    q_left, q_right = q > 0 and p != q - 1, q < k - 1 and p != q + 1
    if neighbours:
        before_s += visitor.left_s * p_left + visitor.right_s * p_right
        before_s += bounds.boundary_s[q] * q_left + bounds.boundary_s[q + 1] * q_right
        before_s += bounds.boundary_s[max(p, q)]
        rows = (
            p_group,
            visitor.before if p_left else k,
            visitor.after if p_right else k,
            0 if q_left else 2,
            1 if q_right else 2,
        )
        near_s = (
            visitor.without_left_s if p_left else 0.0,
            visitor.without_right_s if p_right else 0.0,
            bounds.near_s[left, at] if q_left else 0.0,
            bounds.near_s[right, at] if q_right else 0.0,
        )
    else:
        before_s += visitor.left_s + visitor.right_s
        before_s += bounds.boundary_s[q] + bounds.boundary_s[q + 1]
        rows = p_group, visitor.before, visitor.after, 0, 1
        near_s = visitor.without_left_s, visitor.without_right_s, bounds.near_s[left, at], bounds.near_s[right, at]
    ceiling_s = before_s + limit_s
    terms = (a_load_s, others_s, weight, near_s[0], near_s[1], near_s[2], near_s[3], ceiling_s)
    start = width(pack.group_size) * q_group
    for chunk in range(0, pack.group_size, eight_swaps.LANES):
        word = eight_swaps.within_ceiling(
            bounds.load_s, bounds.near_s, bounds.without_s, pack.dp_s, bounds.device_at, rows, a, start + chunk, terms
        )
        while word:
            slot = chunk + bit_rows.lowest_bit(word)
            word &= word - np.uint64(1)
            if slot >= pack.group_size:
                break
            b = bounds.device_at[start + slot]
            spared += 1  # so far no bound refuses it
            if symmetry_class[a] == symmetry_class[b] or ground.fixed[b]:
                continue  # it would change nothing, or break a rule
            edges_s = 0.0
            if p_left:
                edges_s += beside_s(bounds, p - 1, 0, a, b)
            if p_right:
                edges_s += beside_s(bounds, p + 1, 1, a, b)
            if q_left:
                edges_s += beside_s(bounds, q - 1, 0, b, a)
            if q_right:
                edges_s += beside_s(bounds, q + 1, 1, b, a)
            if neighbours:
                edges_s += joint_s(pack, state, bounds, a, b)
            spared -= 1
            q_s = a_load_s - pack.dp_s[a, b]
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
            if scored == evaluations:
                return scored, slot - spared, False
            spared += 1
            scored += 1
            propose(pack, state, a, b)
            rise_s = state.proposed_s[0] - state.parts_s[0]
            rise_s += weight * (p_s + q_s - visitor.load_s - bounds.slowest_s[q_group])
            if rise_s + boundaries_rise_s(pack, state, bounds) > limit_s:
                rollback(pack, state)
                continue
            commit(pack, state)
            exchange(pack, state, bounds, a, b)
            return scored, slot + 1 - spared, True
    return scored, pack.group_size - spared, False


@jit(allocates=False)
def relieve(ground, stages, a, q, limit_s, evaluations):  # type: ignore[no-untyped-def]
    """Let spare a take the place of the first of stage q that raises the guided cost by the limit at most.

    Returns what `visit` does.
    """
    pack, state, bounds = ground.pack, ground.state, ground.bounds
    k, scored, refused = pack.n_groups, 0, 0
    weight = stages / k
    slack_s = SAME_COST * (state.parts_s[0] + state.parts_s[1])
    others_s = slowest_other_s(bounds, bounds.group_at[q], bounds.group_at[q])
    ceiling_s = state.parts_s[0] + weight * bounds.slowest_s[bounds.group_at[q]] + slack_s + limit_s
    ceiling_s += bounds.boundary_s[q] + bounds.boundary_s[q + 1]
    for slot in range(pack.group_size):
        b = bounds.device_at[width(pack.group_size) * bounds.group_at[q] + slot]
        if ground.symmetry_class[a] == ground.symmetry_class[b] or ground.fixed[b]:
            continue
        refused += 1  # until it is scored
        q_s, edges_s = replaced_s(pack, bounds, q, b, a), 0.0
        if q > 0:
            edges_s += beside_s(bounds, q - 1, 0, b, a)
        if q < k - 1:
            edges_s += beside_s(bounds, q + 1, 1, b, a)
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
        rise_s = state.proposed_s[0] - state.parts_s[0] + weight * (q_s - bounds.slowest_s[bounds.group_at[q]])
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
    floor_s = beside_s(bounds, other, side, old, new)
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
