"""The recursion over budgets of `spreading.py`, compiled."""

from __future__ import annotations

import numpy as np

from tasklet_bench.problems.compiled import jit
from tasklet_bench.problems.federated_round.evaluate import sort_pairs

FRONT = 12
"""Offers of children that are kept apart for one budget."""


@jit
def spread(  # type: ignore[no-untyped-def]
    delay_s, hop_s, several, scale, later_s, own_s, own_gain, entry_gain, ceiling, whole, most, need, step_s, steps
):
    """For a root of each kind, the first budget (in steps) at which `need` can be reached, or `steps + 1`, `(K,)`.

    Entry [p, l] of `delay_s` (both directions) and `hop_s` (a whole model, in the quicker direction) is between a
    device of kind p and another one of kind l; `several`: whether a kind has more than one. `scale`: what travels at
    each width, falling; if not `whole`, mass itself travels, up to one model. `later_s`, `(V, K, M)`: what the m-th
    device of a kind has less of a budget than the one where its kind was entered, at each width. `own_s`, `own_gain`,
    `(V, K)`: seconds of computing, and mass; `entry_gain`: mass that a kind has once where it is entered. `ceiling`:
    most mass of a device that passes on no more than a width. No mass is above `most`.
    """
    n_widths, n_kinds = own_s.shape
    shape = (n_widths, n_kinds, steps + 1)
    anywhere = np.zeros(shape)  # mass below a device, its own included
    entered = np.zeros(shape)  # the same where its parent is of another kind, or where it is the root
    below, abroad = np.zeros(shape), np.zeros(shape)  # mass below its children, and below those of other kinds
    row = np.zeros((n_widths, steps + 1))  # what children offer with a budget: mass, by the steps that they take
    offers = (n_widths, n_kinds, steps + 1, FRONT)
    near_steps, near_mass = np.zeros(offers, np.int64), np.zeros(offers)  # of children of all kinds
    far_steps, far_mass = np.zeros(offers, np.int64), np.zeros(offers)  # of those of other kinds
    chain, values = np.empty(steps + 1), np.zeros((2, n_widths * later_s.shape[2]))
    reached = np.full(n_kinds, steps + 1)
    for g in range(steps + 1):
        for p in range(n_kinds):
            for v in range(n_widths):
                if g > 0:
                    below[v, p, g] = max(below[v, p, g], below[v, p, g - 1])
                    abroad[v, p, g] = max(abroad[v, p, g], abroad[v, p, g - 1])
                if not several[p]:
                    below[v, p, g] = abroad[v, p, g]
                own = _own_mass(own_s, own_gain, v, p, g * step_s)
                anywhere[v, p, g] = min(most, own + below[v, p, g])
        for p in range(n_kinds):
            for v in range(n_widths):
                mass = anywhere[v, p, g]
                entry = _own_mass(own_s, entry_gain, v, p, g * step_s)
                if several[p]:
                    mass = min(mass, _mass_of_kind(abroad, later_s, own_s, own_gain, ceiling, v, p, g, step_s, values))
                entered[v, p, g] = min(most, entry + mass)
            if reached[p] > g and entered[0, p, g] >= need * (1.0 - 1e-9):
                reached[p] = g
        for p in range(n_kinds):
            for v in range(n_widths):
                for taken in range(steps + 1):
                    row[v, taken] = 0.0
            for child in range(n_kinds):
                if child != p:
                    _offer(row, entered, delay_s[p, child], hop_s[p, child], scale, child, g, whole, most, step_s)
            for v in range(n_widths):
                _keep_front(row[v], far_steps[v, p, g], far_mass[v, p, g])
                _queue_up(far_steps[v, p], far_mass[v, p], abroad[v, p], chain, g, whole, most)
            if several[p]:
                _offer(row, anywhere, delay_s[p, p], hop_s[p, p], scale, p, g, whole, most, step_s)
                for v in range(n_widths):
                    _keep_front(row[v], near_steps[v, p, g], near_mass[v, p, g])
                    _queue_up(near_steps[v, p], near_mass[v, p], below[v, p], chain, g, whole, most)
    return reached


@jit
def _offer(row, mass, delay_s, hop_s, scale, child, g, whole, most, step_s):  # type: ignore[no-untyped-def]
    """Note what a child offers that comes in last where `g` steps are left: mass, `(V, steps)`, by its steps.

    Where sub-models are disjoint, less than a whole model takes less time in proportion: a step of it is a child.
    """
    n_widths = len(scale)
    if not whole and g >= int(delay_s / step_s):
        for wider in range(n_widths):
            row[wider, 1] = max(row[wider, 1], step_s / hop_s)
            row[wider, 0] = max(row[wider, 0], step_s / hop_s)
    for v in range(n_widths if whole else 1):
        seconds = hop_s * (scale[v] if whole else 1.0)
        taken = int(seconds / step_s)
        at = g - int((seconds + delay_s) / step_s)
        if at >= 0:
            offered = mass[v, child, at] if taken > 0 else most
            if not whole:
                offered = max(offered, 1.0)
            for wider in range(v + 1 if whole else n_widths):
                row[wider, taken] = max(row[wider, taken], offered)


@jit
def _keep_front(row, kept_steps, kept_mass):  # type: ignore[no-untyped-def]
    """Keep the offers that no quicker one outdoes; where they are too many, the last stands for all that are slower.

    What takes no step comes once, and outdoes nothing that can be taken again and again.
    """
    kept, best = 0, 0.0
    if row[0] > 0.0:
        kept_steps[0], kept_mass[0] = 0, row[0]
        kept = 1
    for taken in range(1, len(row)):
        if row[taken] > best:
            best = row[taken]
            if kept < len(kept_steps):
                kept_steps[kept] = taken
                kept += 1
            kept_mass[kept - 1] = best


@jit
def _queue_up(kept_steps, kept_mass, below, chain, g, whole, most):  # type: ignore[no-untyped-def]
    """Raise `below` by all queues of children that begin to be received with `g` steps left.

    Those that take c steps of receiving took as much of sending before, so that there were g + c.
    """
    for used in range(len(chain)):
        chain[used] = -1.0
    chain[0] = 0.0
    if kept_mass[g, 0] > 0.0 and kept_steps[g, 0] == 0:  # what takes no time, or is below one step
        chain[0] = kept_mass[g, 0]
        if whole:
            for budget in range(g, len(below)):
                below[budget] = most
            return
    for used in range(min(g, len(below) - 1 - g) + 1):
        if chain[used] < 0.0:
            continue
        if used > 0:
            below[g + used] = max(below[g + used], chain[used])
        left = g - used
        for place in range(kept_steps.shape[1]):
            taken = kept_steps[left, place]
            if kept_mass[left, place] == 0.0 or taken > left or g + used + taken >= len(below):
                break
            if taken > 0:
                chain[used + taken] = max(chain[used + taken], chain[used] + kept_mass[left, place])


@jit(inline=True)
def _own_mass(own_s, own_gain, v, kind, budget_s):  # type: ignore[no-untyped-def]
    """The most mass of a device at widths that travel with `v`, within a budget."""
    own = 0.0
    for width in range(v, len(own_s)):
        if own_s[width, kind] <= budget_s:
            own = max(own, own_gain[width, kind])
    return own


@jit
def _mass_of_kind(abroad, later_s, own_s, own_gain, ceiling, v, p, g, step_s, values):  # type: ignore[no-untyped-def]
    """Mass below an entry into a kind with `g` steps: its devices, each with its own mass and its children abroad.

    The m-th of those that pass on at least a width has at least `later_s` less to spend; of all such lists together
    the kind has as many devices as it has.
    """
    n_widths, _, n_members = later_s.shape
    filled = members = 0
    for m in range(n_members):
        members += later_s[0, p, m] < np.inf
    for narrower in range(v, n_widths):
        for m in range(members):
            at = g - int(later_s[narrower, p, m] / step_s)
            if at < 0:
                break
            own = _own_mass(own_s, own_gain, narrower, p, at * step_s)
            values[0, filled] = min(ceiling[narrower], own + abroad[narrower, p, at])
            filled += 1
    if filled > members:
        sort_pairs(values[0, :filled], values[1, :filled])
    total = 0.0
    for place in range(max(0, filled - members), filled):
        total += values[0, place]
    return total


@jit
def consumed(delay_s, send_s, receive_s, scale, members):  # type: ignore[no-untyped-def]
    """What the m-th of devices that are alike has less of a budget than the first, at least; float64 `(V, M)`.

    A device with a budget and c children sends c times; the j-th of them to come back from the end has j receptions
    less. The number of devices within a budget follows, on a grid that is rounded up.
    """
    result = np.full((len(scale), members), np.inf)
    for v in range(len(scale)):
        result[v, 0] = 0.0
        if members == 1:
            continue
        sent_s, back_s = scale[v] * send_s, scale[v] * receive_s
        step_s = (delay_s + sent_s + back_s) / 16.0
        counts = np.ones(16 * (members + 4))
        known = 1
        for g in range(len(counts)):
            most = 1.0
            for children in range(1, members):
                total = 1.0
                for j in range(1, children + 1):
                    at = g - int((delay_s + children * sent_s + j * back_s) / step_s * (1.0 - 1e-12))
                    total += counts[at] if at >= 0 else 0.0
                most = max(most, total)
                if g * step_s < children * sent_s:
                    break
            counts[g] = most
            while known < members and most > known:
                result[v, known] = max(0.0, (g - 1) * step_s)
                known += 1
            if known == members:
                break
    return result
