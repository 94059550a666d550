"""Small random changes of a candidate, as generic strategies make them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.federated_round.setting import Setting

if TYPE_CHECKING:
    from tasklet_bench.problems.federated_round.problem import Plan

Part = NDArray[np.int64]


def change(setting: Setting, candidate: Plan, rng: np.random.Generator) -> Plan:
    """Re-hang a device, move the root along a path, exchange two devices, change a level or a host.

    It stays a member of the decision, and offloading is as allowed; memory and utility may be broken. An equal
    candidate where there is nothing to change.
    """
    parent, level, host = candidate[0].copy(), candidate[1].copy(), candidate[2].copy()
    n, n_levels = setting.n_devices, len(setting.menu.widths)
    moves = ["hang", "hang", "exchange", "turn"] if n > 1 else []
    moves += ["level"] * (2 if n_levels > 1 else 0) + ["host"] * (2 if setting.menu.offloading != "no" else 0)
    move = moves[int(rng.integers(len(moves)))] if moves else "none"
    if move == "hang":
        _hang_elsewhere(parent, rng)
    elif move == "exchange":
        _exchange(parent, level, rng)
    elif move == "turn":
        _move_root(parent, rng)
    elif move == "level":
        device = int(rng.integers(n))
        level[device] = (level[device] + rng.integers(1, n_levels)) % n_levels
    elif move == "host":
        owner = int(rng.integers(n))
        host[owner] = rng.choice(_workers_for(setting, owner))
    return parent, level, host


def _workers_for(setting: Setting, owner: int) -> NDArray[np.intp]:
    """Who may work on a device's samples."""
    if setting.menu.offloading == "any":
        return np.arange(setting.n_devices)
    return np.flatnonzero(setting.site_of == setting.site_of[owner])


def _hang_elsewhere(parent: Part, rng: np.random.Generator) -> None:
    """A device with all below it goes to another parent outside of its subtree."""
    device = int(rng.choice(np.flatnonzero(parent != np.arange(len(parent)))))
    places = np.flatnonzero(~_below(parent, device))
    parent[device] = rng.choice(places)


def _exchange(parent: Part, level: Part, rng: np.random.Generator) -> None:
    """Two devices change places in the tree, and their levels."""
    one, other = rng.choice(len(parent), size=2, replace=False)
    name = np.arange(len(parent))
    name[one], name[other] = other, one
    parent[:] = name[parent[name]]
    level[[one, other]] = level[[other, one]]


def _move_root(parent: Part, rng: np.random.Generator) -> None:
    """A device becomes the root; the edges on its way to the old one turn round."""
    lower = int(rng.integers(len(parent)))
    upper = int(parent[lower])
    parent[lower] = lower
    while upper != lower:
        above = int(parent[upper])
        parent[upper] = lower
        lower, upper = upper, above


def _below(parent: Part, top: int) -> NDArray[np.bool_]:
    """Which devices, `(N,)`, hang below one; itself too."""
    result = parent.copy()
    result[top] = top
    for _ in range(len(parent).bit_length()):
        result = result[result]
    return np.asarray(result == top)
