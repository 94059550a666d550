"""The order of groups of which some have their place: what stages that devices are pinned to leave open.

A place either belongs to a group or is open to all groups without a place. Up to 12 groups the shortest order is found
by a dynamic programme over what stands on the left (Held and Karp); above, by exchanges and reversals in the open
places until none helps, an upper bound.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tasklet_bench.problems.allocation.cost_model import EXACT_ORDER_GROUPS
from tasklet_bench.problems.compiled import jit
from tasklet_bench.problems.tolerances import ROUNDED_DOWN

_NONE = -1


class PinnedPlaces(NamedTuple):
    """The place of each group, and room to find the others.

    `position`, int64 `(K,)`: a group's place in the order, -1 where it is open; empty where all are. `reach_s` and
    `before`, `(2ᴷ, K)`: the shortest order of a set of groups that ends in one of them, and the group before that;
    empty above 12 groups.
    """

    position: NDArray[np.int64]
    reach_s: NDArray[np.float64]
    before: NDArray[np.int8]


def pinned_places(position: ArrayLike) -> PinnedPlaces:
    """Memory for groups with these places, `(K,)`; for `()`, where no group has one, there is none."""
    places = np.array(position, dtype=np.int64).reshape(-1)
    subsets = 1 << len(places) if 0 < len(places) <= EXACT_ORDER_GROUPS else 0
    width = len(places) if subsets else 0
    return PinnedPlaces(places, np.zeros((subsets, width)), np.zeros((subsets, width), dtype=np.int8))


@jit
def pinned_order(pinned, length_s, order):  # type: ignore[no-untyped-def]
    """Write a shortest order of the groups, lengths `(K, K)` in seconds, that keeps all places to `order`, `(K,)`."""
    if len(pinned.reach_s):
        _exact_order(pinned, length_s, order)
    else:
        _improved_order(pinned, length_s, order)


@jit
def _exact_order(pinned, length_s, order):  # type: ignore[no-untyped-def]
    k = len(order)
    holder = _holders(pinned.position)
    reach_s, before = pinned.reach_s, pinned.before
    for chosen in range(1 << k):  # array expressions compile a loop each, and more slowly
        for group in range(k):
            reach_s[chosen, group] = np.inf
    for group in range(k):
        if _may_stand(pinned.position, holder, group, 0):
            reach_s[1 << group, group] = 0.0
    for chosen in range(1, (1 << k) - 1):
        place = 0
        for group in range(k):
            place += chosen >> group & 1
        for last in range(k):
            so_far_s = reach_s[chosen, last]
            if so_far_s == np.inf:
                continue
            for group in range(k):
                if chosen >> group & 1 or not _may_stand(pinned.position, holder, group, place):
                    continue
                through_s, wider = so_far_s + length_s[last, group], chosen | 1 << group
                if through_s < reach_s[wider, group]:
                    reach_s[wider, group], before[wider, group] = through_s, last
    chosen, last = (1 << k) - 1, 0
    for group in range(k):
        if reach_s[chosen, group] < reach_s[chosen, last]:
            last = group
    for place in range(k - 1, -1, -1):
        order[place] = last
        chosen, last = chosen ^ 1 << last, np.int64(before[chosen, last])  # type: ignore[assignment]  # numba needs it


@jit
def _improved_order(pinned, length_s, order):  # type: ignore[no-untyped-def]
    k = len(order)
    holder = _holders(pinned.position)
    left = np.empty(k, np.bool_)
    for group in range(k):
        left[group] = pinned.position[group] < 0
    for place in range(k):
        order[place] = holder[place]
        if order[place] == _NONE:  # the nearest of those left
            nearest_s = np.inf
            for group in range(k):
                away_s = length_s[order[place - 1], group] if place else 0.0
                if left[group] and (order[place] == _NONE or away_s < nearest_s):
                    order[place], nearest_s = group, away_s
            left[order[place]] = False
    trial, length = np.empty(k, np.int64), _length_s(length_s, order)
    better = True
    while better:
        better = False
        for i in range(k - 1):
            for j in range(i + 1, k):
                if holder[i] != _NONE or holder[j] != _NONE:
                    continue
                for whole in range(2):
                    _copy(order, trial)
                    if not whole:
                        trial[i], trial[j] = order[j], order[i]
                    elif _are_open(holder, i, j):
                        for place in range(i, j + 1):
                            trial[place] = order[i + j - place]
                    now = _length_s(length_s, trial)
                    if now < length * ROUNDED_DOWN:
                        _copy(trial, order)
                        length, better = now, True


@jit
def _copy(source, target):  # type: ignore[no-untyped-def]
    """Copy an order; a slice would compile the message about shapes that differ, which takes seconds."""
    for place in range(len(source)):
        target[place] = source[place]


@jit
def _are_open(holder, first, last):  # type: ignore[no-untyped-def]
    """Whether no place from `first` to `last` belongs to a group."""
    for place in range(first, last + 1):  # noqa: SIM110 - a generator would not compile
        if holder[place] != _NONE:
            return False
    return True


@jit
def _holders(position):  # type: ignore[no-untyped-def]
    """The group of each place, -1 for an open one."""
    holder = np.empty(len(position), np.int64)
    for place in range(len(position)):
        holder[place] = _NONE
    for group in range(len(position)):
        if position[group] >= 0:
            holder[position[group]] = group
    return holder


@jit
def _may_stand(position, holder, group, place):  # type: ignore[no-untyped-def]
    return position[group] == place or (position[group] < 0 and holder[place] == _NONE)


@jit
def _length_s(length_s, order):  # type: ignore[no-untyped-def]
    total = 0.0
    for j in range(len(order) - 1):
        total += length_s[order[j], order[j + 1]]
    return total
