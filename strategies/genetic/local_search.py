"""The genetic algorithm's local search: a circular Kernighan–Lin in groups of moves, called cycles.

Source: Yuan et al., NeurIPS 2022, section 3.3, after Kang and Moon, "A hybrid genetic algorithm for multiway graph
partitioning", GECCO 2000. A cycle opens with the most promising device of the group with the largest gain, the *home*.
The group that receives a device sends one on, until home receives one. The chain is then cut where closing it at once
would have gained most, so that sizes are as before, and whatever came after the cut is undone.

The pseudo-code leaves open what is fixed here. Ties go to the lowest device, the lowest group, the earliest cut. A lock
lasts for the whole search, also on a device whose move is undone. Only kept moves count as received. The first device
of a chain cannot close it (it would go from home to home). A cycle without a positive cut changes nothing; since no
cycle gains less than nothing, the best prefix of cycles is all of them, or all but the last under the released rule.

Sums over groups are kept up to date instead of being taken anew: a move costs O(N), a pick O(N + D²), and a search
makes at most N moves. With links from `exact_links` the sums are exact, so no tie is decided by the order of additions.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.compiled import jit

_NONE = -1
_MANTISSA_BITS = 53


class _State(NamedTuple):
    """Where a search stands: `sums_s[v, q]` is what device v's links to the members of group q add up to, `(N, K)`."""

    link_s: NDArray[np.float64]
    labels: NDArray[np.int64]
    sums_s: NDArray[np.float64]
    sizes: NDArray[np.int64]
    locked: NDArray[np.bool_]


class _Chain(NamedTuple):
    """The moves of one cycle in order, each array `(N,)`; `closing_s` is the device's gain straight into home."""

    device: NDArray[np.int64]
    source: NDArray[np.int64]
    target: NDArray[np.int64]
    gain_s: NDArray[np.float64]
    closing_s: NDArray[np.float64]


def exact_links(link_s: NDArray[np.float64], largest_group: int) -> NDArray[np.float64]:
    """Round links `(N, N)` to multiples of a power of two so coarse that the sum over any group is exact.

    The error is at most D + 1 times 2⁻⁵² of the largest link.
    """
    _, exponent = math.frexp(float(np.abs(link_s).max()))
    unit = math.ldexp(1.0, exponent + (largest_group + 1).bit_length() - _MANTISSA_BITS)
    return np.ascontiguousarray(np.round(link_s / unit) * unit)


@jit
def cyclic_local_search(labels, link_s, n_groups, kernighan_lin, drop_last_cycle):  # type: ignore[no-untyped-def]
    """Improve labels, int64 `(N,)`, into fresh ones with the same group sizes.

    `link_s`: links as the gain weighs them, float64 `(N, N)`, symmetric. `kernighan_lin` chooses that gain in place of
    the paper's; `drop_last_cycle` is the released rule.
    """
    n = len(labels)
    state = _start(labels, link_s, n_groups)
    chain = _Chain(np.empty(n, np.int64), np.empty(n, np.int64), np.empty(n, np.int64), np.empty(n), np.empty(n))
    received = np.zeros(n_groups, np.bool_)
    before = np.empty(n, np.int64)
    for device in range(n):
        before[device] = labels[device]
    for _ in range(n_groups):
        home = _opening(state, n_groups, kernighan_lin)
        if home == _NONE:
            break
        for device in range(n):
            before[device] = state.labels[device]
        length = _follow(state, chain, home, kernighan_lin)
        _close(state, chain, length, _cut(chain, length), home, received)
        if _all_received(received):
            break
    return before if drop_last_cycle else state.labels


@jit
def _start(labels, link_s, n_groups):  # type: ignore[no-untyped-def]
    n = len(labels)
    sums_s = np.zeros((n, n_groups))
    sizes, own = np.zeros(n_groups, np.int64), np.empty(n, np.int64)
    for device in range(n):
        own[device] = labels[device]
        sizes[labels[device]] += 1
        for mate in range(n):
            if mate != device:
                sums_s[device, labels[mate]] += link_s[device, mate]
    return _State(link_s, own, sums_s, sizes, np.zeros(n, np.bool_))


@jit
def _all_received(received):  # type: ignore[no-untyped-def]
    """Whether each group has received a device."""
    for group in range(len(received)):  # noqa: SIM110 - a generator would not compile
        if not received[group]:
            return False
    return True


@jit
def _opening(state, n_groups, kernighan_lin):  # type: ignore[no-untyped-def]
    """The group whose pick gains most, or none if no group has an unlocked device."""
    home, best_s = _NONE, -np.inf
    for group in range(n_groups):
        device, _, gain_s = _pick(state, group, kernighan_lin)
        if device != _NONE and gain_s > best_s:
            home, best_s = group, gain_s
    return home


@jit
def _follow(state, chain, home, kernighan_lin):  # type: ignore[no-untyped-def]
    """Move devices from group to group until home receives one; returns the number of moves."""
    group, device, length = home, _NONE, 0
    while length < len(state.labels):
        picked, target, gain_s = _pick(state, group, kernighan_lin)
        if picked != _NONE:
            device = picked
        else:
            target, gain_s = home, _gain(state, device, home, kernighan_lin)
        chain.device[length] = device
        chain.source[length] = group
        chain.target[length] = target
        chain.gain_s[length] = gain_s
        chain.closing_s[length] = -np.inf if group == home else _gain(state, device, home, kernighan_lin)
        _move(state, device, target)
        state.locked[device] = True
        group = target
        length += 1
        if group == home:
            break
    return length


@jit
def _cut(chain, length):  # type: ignore[no-untyped-def]
    """The place whose device closes the chain with the largest gain in all, or none if no gain is positive."""
    place, best_s, before_s = _NONE, 0.0, 0.0
    for i in range(length):
        if before_s + chain.closing_s[i] > best_s:
            place, best_s = i, before_s + chain.closing_s[i]
        before_s += chain.gain_s[i]
    return place


@jit
def _close(state, chain, length, place, home, received):  # type: ignore[no-untyped-def]
    """Undo the chain from its end back to `place`, and send the device of that place home."""
    for i in range(length - 1, max(place, 0) - 1, -1):
        _move(state, chain.device[i], chain.source[i])
    if place != _NONE:
        _move(state, chain.device[place], home)
        received[home] = True
        for i in range(place):
            received[chain.target[i]] = True


@jit
def _pick(state, group, kernighan_lin):  # type: ignore[no-untyped-def]
    """The unlocked device of a group that moves next, where to, and its gain (in seconds); -1 if there is none.

    Kernighan–Lin takes the best pair of device and target. The paper takes a device at an end of the group's fastest
    link first, and then the best target for it.
    """
    members = _members(state, group)
    best, target, best_s = _NONE, _NONE, -np.inf
    fast, fast_s = _NONE, np.inf
    for device in members:
        if state.locked[device]:
            continue
        if kernighan_lin:
            to, gain_s = _best_target(state, device, group, state.sums_s[device, group], True)
            if gain_s > best_s:
                best, target, best_s = int(device), to, gain_s
        else:
            own_s = _own(state, device, members)
            if own_s < fast_s:
                fast, fast_s = int(device), own_s
    if fast != _NONE:
        target, best_s = _best_target(state, fast, group, fast_s, False)
        best = fast if target != _NONE else _NONE
    return best, target, best_s


@jit
def _members(state, group):  # type: ignore[no-untyped-def]
    """The devices of a group in ascending order."""
    members, n = np.empty(state.sizes[group], np.int64), 0
    for device in range(len(state.labels)):
        if state.labels[device] == group:
            members[n] = device
            n += 1
    return members


@jit
def _best_target(state, device, group, own_s, kernighan_lin):  # type: ignore[no-untyped-def]
    """The group that a device gains most by moving to, and that gain (in seconds)."""
    target, best_s = _NONE, -np.inf
    for to in range(len(state.sizes)):
        if to != group:
            gain_s = state.sums_s[device, to] / (1 if kernighan_lin else state.sizes[to]) - own_s
            if gain_s > best_s:
                target, best_s = to, gain_s
    return target, best_s


@jit
def _gain(state, device, target, kernighan_lin):  # type: ignore[no-untyped-def]
    """What a device gains by moving to a group that is not its own (in seconds)."""
    group = state.labels[device]
    if kernighan_lin:
        return state.sums_s[device, target] - state.sums_s[device, group]
    own_s = _own(state, device, _members(state, group))
    return state.sums_s[device, target] / state.sizes[target] - own_s


@jit
def _own(state, device, members):  # type: ignore[no-untyped-def]
    """`own(v)`: seconds of a device's fastest link to a mate; infinite for a device that has none."""
    fastest_s = np.inf
    for mate in members:
        if mate != device:
            fastest_s = min(fastest_s, state.link_s[device, mate])
    return fastest_s


@jit
def _move(state, device, target):  # type: ignore[no-untyped-def]
    source = state.labels[device]
    state.labels[device] = target
    state.sizes[source] -= 1
    state.sizes[target] += 1
    for other in range(len(state.labels)):
        if other != device:
            state.sums_s[other, source] -= state.link_s[device, other]
            state.sums_s[other, target] += state.link_s[device, other]
