"""Changes of a round's plan, compiled. A plan is int64 `(3, N)`: parent, level and host of each device."""

from __future__ import annotations

from tasklet_bench.problems.compiled import jit

PARENT, LEVEL, HOST = 0, 1, 2

HANG, EXCHANGE, REPLACE, TURN, DISSOLVE, INSERT, WIDEN, TRADE, GIVE, RETIRE = range(10)
"""Kinds of moves: a device goes below another one; two change places with their levels, or without; a device becomes
the root; its children go to its parent; it goes between another one and its parent; its level changes; two trade their
levels; its samples go to another host; so do all that it works on."""

N_MOVES = 10


@jit(allocates=False)
def change(plan, kind, device, other, level):  # type: ignore[no-untyped-def]
    """Make a move; returns False, with nothing changed, where it is none.

    `device` and `other` are devices, `level` is one for `WIDEN`.
    """
    parent = plan[PARENT]
    if kind == WIDEN:
        same = plan[LEVEL, device] == level
        plan[LEVEL, device] = level
        return not same
    if kind == GIVE:
        same = plan[HOST, device] == other
        plan[HOST, device] = other
        return not same
    if kind == RETIRE:
        return device != other and _retire(plan[HOST], device, other)
    if kind == TURN:
        return _turn(parent, device)
    if kind == DISSOLVE:
        return _dissolve(parent, device)
    if device == other:
        return False
    if kind == TRADE:
        return _swap_levels(plan[LEVEL], device, other)
    if kind in (EXCHANGE, REPLACE):
        _exchange(parent, device, other)
        if kind == EXCHANGE:
            _swap_levels(plan[LEVEL], device, other)
        return True
    if parent[device] == device or _is_below(parent, other, device):
        return False
    if kind == INSERT:
        if parent[other] == other:
            return False
        parent[device], parent[other] = parent[other], device
        return True
    same = parent[device] == other
    parent[device] = other
    return not same


@jit(inline=True, allocates=False)
def _swap_levels(level, device, other):  # type: ignore[no-untyped-def]
    same = level[device] == level[other]
    level[device], level[other] = level[other], level[device]
    return not same


@jit(allocates=False)
def _retire(host, device, other):  # type: ignore[no-untyped-def]
    moved = False
    for k in range(len(host)):
        if host[k] == device:
            host[k] = other
            moved = True
    return moved


@jit(allocates=False)
def _is_below(parent, device, top):  # type: ignore[no-untyped-def]
    """Whether a device hangs below another one, or is it."""
    while device != top:
        if parent[device] == device:
            return False
        device = parent[device]
    return True


@jit(allocates=False)
def _exchange(parent, device, other):  # type: ignore[no-untyped-def]
    """Two devices change their names in the tree."""
    for k in range(len(parent)):
        if parent[k] == device:
            parent[k] = other
        elif parent[k] == other:
            parent[k] = device
    parent[device], parent[other] = parent[other], parent[device]


@jit(allocates=False)
def _turn(parent, device):  # type: ignore[no-untyped-def]
    """A device becomes the root: the edges on its way to the old one turn round."""
    above = parent[device]
    if above == device:
        return False
    parent[device] = device
    while above != device:
        following = parent[above]
        parent[above] = device
        device, above = above, following
    return True


@jit(allocates=False)
def _dissolve(parent, device):  # type: ignore[no-untyped-def]
    """The children of a device that is not the root go to its parent."""
    above = parent[device]
    moved = False
    if above != device:
        for k in range(len(parent)):
            if parent[k] == device:
                parent[k] = above
                moved = True
    return moved
