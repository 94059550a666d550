"""The recursion over budgets of `spreading.py`, compiled."""

from __future__ import annotations

import numpy as np

from tasklet_bench.problems.compiled import jit


@jit
def spread(delay_s, hop_s, several, scale, later_s, own_s, own_gain, ceiling, nested, most, need, step_s, steps):  # type: ignore[no-untyped-def]
    """For a root of each kind, the first budget (in steps) at which `need` can be reached, or `steps + 1`; int64 `(K,)`.

    Entry [p, l] of `delay_s` (both directions) and `hop_s` (a whole model, in the quicker direction) is between a
    device of kind p and another one of kind l; `several`: whether a kind has more than one. `scale`: what travels at
    each width, falling. `later_s`, `(V, K, M)`: what the m-th device of a kind has less of a budget than the one where
    its kind was entered, at each width. `own_s`, `own_gain`, `(V, K)`: seconds of computing, and mass. `ceiling`: most
    mass of a device that passes on no more than a width. No mass is above `most`.
    """
    n_widths, n_kinds = own_s.shape
    shape = (n_widths, n_kinds, steps + 1)
    anywhere = np.zeros(shape)  # mass below a device, its own included
    entered = np.zeros(shape)  # the same where its parent is of another kind, or where it is the root
    below, abroad = np.zeros(shape), np.zeros(shape)  # mass below its children, and below those of other kinds
    offers = np.full((n_kinds, n_widths, steps + 1, steps + 1), -1.0)
    offers_abroad = offers.copy()
    chain, values = np.empty(steps + 1), np.zeros(n_widths * later_s.shape[2])
    reached = np.full(n_kinds, steps + 1)
    for g in range(steps + 1):
        for p in range(n_kinds):
            for v in range(n_widths):
                if g > 0:
                    below[v, p, g] = max(below[v, p, g], below[v, p, g - 1])
                    abroad[v, p, g] = max(abroad[v, p, g], abroad[v, p, g - 1])
                own = _own_mass(own_s, own_gain, v, p, g * step_s)
                anywhere[v, p, g] = min(most, own + below[v, p, g])
        for p in range(n_kinds):
            for v in range(n_widths):
                mass = anywhere[v, p, g]
                if several[p]:
                    mass = min(mass, _mass_of_kind(abroad, later_s, own_s, own_gain, ceiling, v, p, g, step_s, values))
                entered[v, p, g] = mass
            if reached[p] > g and entered[0, p, g] >= need * (1.0 - 1e-9):
                reached[p] = g
        for p in range(n_kinds):
            for child in range(n_kinds):
                if child != p:
                    _offer(
                        offers_abroad[p],
                        entered,
                        delay_s[p, child],
                        hop_s[p, child],
                        scale,
                        child,
                        g,
                        nested,
                        most,
                        step_s,
                    )
            if several[p]:
                offers[p, :, :, g] = offers_abroad[p, :, :, g]
                _offer(offers[p], anywhere, delay_s[p, p], hop_s[p, p], scale, p, g, nested, most, step_s)
            for v in range(n_widths):
                _queue_up(offers_abroad[p, v], abroad[v, p], chain, g, nested, most)
                if several[p]:
                    _queue_up(offers[p, v], below[v, p], chain, g, nested, most)
                else:
                    below[v, p] = abroad[v, p]
    return reached


@jit
def _offer(offers, mass, delay_s, hop_s, scale, child, g, nested, most, step_s):  # type: ignore[no-untyped-def]
    """Note what a child offers that comes in last where `g` steps are left: mass, `(V, steps, budget)`, by its steps.

    Where sub-models are disjoint, less than a whole model takes less time in proportion: a step of it is a child.
    """
    n_widths = len(scale)
    for v in range(n_widths):
        seconds = hop_s * (scale[v] if nested else 1.0)
        taken = int(seconds / step_s)
        at = g - int((seconds + delay_s) / step_s)
        if not nested:
            if g >= int(delay_s / step_s):
                for wider in range(n_widths):
                    offers[wider, 1, g] = max(offers[wider, 1, g], step_s / seconds)
                    offers[wider, 0, g] = max(offers[wider, 0, g], step_s / seconds)
            if v > 0:
                continue
        if at < 0:
            continue
        offered = mass[v, child, at] if taken > 0 else most
        if not nested:
            offered = max(offered, 1.0)
        for wider in range(v + 1 if nested else n_widths):
            offers[wider, taken, g] = max(offers[wider, taken, g], offered)


@jit
def _queue_up(offers, below, chain, g, nested, most):  # type: ignore[no-untyped-def]
    """Raise `below` by all queues of children that begin to be received with `g` steps left.

    Those that take c steps of receiving took as much of sending before, so that there were g + c.
    """
    chain[:] = -1.0
    chain[0] = 0.0
    if nested and offers[0, g] > 0.0:
        below[g:] = most  # children that take no time
        return
    if not nested:
        chain[0] = max(0.0, offers[0, g])  # what is below one step
    longest = 0
    for taken in range(1, len(below)):
        if offers[taken, g] > 0.0:
            longest = taken
    for used in range(min(g, len(below) - 1 - g) + 1):
        if chain[used] < 0.0:
            continue
        if used > 0:
            below[g + used] = max(below[g + used], chain[used])
        left = g - used
        for taken in range(1, min(longest, len(below) - 1 - g - used, left) + 1):
            offered = offers[taken, left]
            if offered > 0.0:
                chain[used + taken] = max(chain[used + taken], chain[used] + offered)


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
            values[filled] = min(ceiling[narrower], own + abroad[narrower, p, at])
            filled += 1
    if filled > members:
        values[:filled].sort()
    total = 0.0
    for place in range(max(0, filled - members), filled):
        total += values[place]
    return total


@jit
def consumed(delay_s, send_s, receive_s, scale, members):  # type: ignore[no-untyped-def]
    """What the m-th of devices that are alike has less of a budget than the first, at least; float64 `(V, M)`.

    A device with a budget and c children sends c times; the j-th of them to come back from the end has j receptions
    less. The number of devices within a budget follows, on a grid that is rounded up.
    """
    found = np.full((len(scale), members), np.inf)
    for v in range(len(scale)):
        found[v, 0] = 0.0
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
                found[v, known] = max(0.0, (g - 1) * step_s)
                known += 1
            if known == members:
                break
    return found
