"""The paper's repair and local search once more, as plain lists that follow the pseudo-code line by line.

Nothing is kept up to date: each gain is summed from scratch. Too slow to search with, meant to be compared with.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

Labels = list[int]
Links = Sequence[Sequence[float]]


def repair(labels: Sequence[int], group_sizes: Sequence[int]) -> Labels:
    """Walk the devices; one whose group is over-full moves to the lowest-numbered group with room."""
    labels = list(labels)
    for device, group in enumerate(labels):
        if labels.count(group) > group_sizes[group]:
            labels[device] = next(q for q, size in enumerate(group_sizes) if labels.count(q) < size)
    return labels


def local_search(labels: Sequence[int], links: Links, n_groups: int, gain: str, released: bool) -> Labels:
    """CYCLIC_LOCAL_SEARCH; `released` forbids that the last cycle is kept."""
    locked: set[int] = set()
    received: set[int] = set()
    states, gains = [list(labels)], [0.0]
    for _ in range(n_groups):
        picks = {group: pick(states[-1], links, n_groups, gain, locked, group) for group in range(n_groups)}
        possible = [group for group in picks if picks[group] is not None]
        if not possible:
            break
        home = max(possible, key=lambda group: picks[group][2])
        state, gained, got = cycle(states[-1], links, n_groups, gain, locked, home)
        states.append(state)
        gains.append(gained)
        received |= got
        if len(received) == n_groups:
            break
    lengths = range(max(1, len(states) - 1) if released else len(states))
    return states[max(lengths, key=lambda kept: sum(map(Fraction, gains[: kept + 1])))]


def cycle(state: Labels, links: Links, n_groups: int, gain: str, locked: set[int], home: int):
    """One chain from home to home: the state after it, what it gained, and the groups that received a device."""
    working, group, moved = list(state), home, None
    moves: list[tuple[int, int]] = []
    gain_before, gain_if_closed = [0.0], []
    for _ in range(len(state)):
        picked = pick(working, links, n_groups, gain, locked, group)
        device, target = (moved, home) if picked is None else picked[:2]
        gain_if_closed.append(gain_before[-1] + gain_of(working, links, gain, device, home) if moves else 0.0)
        gain_before.append(gain_before[-1] + gain_of(working, links, gain, device, target))
        working[device] = target
        locked.add(device)
        moves.append((device, target))
        moved, group = device, target
        if group == home:
            break
    best = max(range(len(moves)), key=lambda place: gain_if_closed[place])
    if gain_if_closed[best] <= 0:
        return list(state), 0.0, set()
    kept = [*moves[:best], (moves[best][0], home)]
    after = list(state)
    for device, target in kept:
        after[device] = target
    return after, gain_if_closed[best], {target for _, target in kept}


def pick(labels: Labels, links: Links, n_groups: int, gain: str, locked: set[int], group: int):
    """Device, target and gain of the group's next move; None for an exhausted group."""
    devices = [device for device, at in enumerate(labels) if at == group and device not in locked]
    if gain == "paper":
        ends = [device for device in devices if own(labels, links, device) < math.inf]
        devices = [min(ends, key=lambda device: own(labels, links, device))] if ends else []
    targets = [target for target in range(n_groups) if target != group]
    moves = [(device, target, gain_of(labels, links, gain, device, target)) for device in devices for target in targets]
    return max(moves, key=lambda move: move[2], default=None)


def gain_of(labels: Labels, links: Links, gain: str, device: int, target: int) -> float:
    """What the move of a device to another group gains."""
    there = [links[device][other] for other, at in enumerate(labels) if at == target and other != device]
    if gain == "paper":
        return sum(there) / len(there) - own(labels, links, device)
    here = [links[device][other] for other, at in enumerate(labels) if at == labels[device] and other != device]
    return sum(there) - sum(here)


def own(labels: Labels, links: Links, device: int) -> float:
    """Seconds of a device's fastest link to a mate."""
    mates = (other for other, at in enumerate(labels) if at == labels[device] and other != device)
    return min((links[device][mate] for mate in mates), default=math.inf)
