"""A valid candidate near one that breaks a rule."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.federated_round.memory import NONE_FITS, widest_levels, work_of
from tasklet_bench.problems.federated_round.setting import Setting

if TYPE_CHECKING:
    from tasklet_bench.problems.federated_round.evaluate import Pack
    from tasklet_bench.problems.federated_round.problem import Plan

Part = NDArray[np.int64]


def repair(setting: Setting, pack: Pack, candidate: Plan) -> Plan | None:
    """Samples come home that may not be away; who has too little memory gets a narrower level, or no children.

    Then devices are widened, those with most work first, until the utility is reached. None where that is not enough.
    """
    from tasklet_bench.problems.federated_round.evaluate import UTILITY, VALID, evaluate

    parent, level, host = (part.copy() for part in candidate)
    host = _bring_home(setting, host)
    work = work_of(setting, host)
    room = widest_levels(setting, setting.menu.widths[0] if setting.menu.nested else 1.0)
    if setting.menu.nested or (room != NONE_FITS).any():
        _hang_where_room_is(setting, parent, work, room)
    head = np.zeros(setting.n_devices, dtype=bool)
    head[parent] = True
    widest = np.where(head & (room != NONE_FITS), room, widest_levels(setting))
    if (widest[work > 0] == NONE_FITS).any():
        return None
    level = np.maximum(level, widest)
    result = evaluate(pack, parent, level, host)[0]
    for device in np.argsort(-work, kind="stable"):
        if result != UTILITY:
            break
        level[device] = max(widest[device], 0)
        result = evaluate(pack, parent, level, host)[0]
    return (parent, level, host) if result == VALID else None


def _bring_home(setting: Setting, host: Part) -> Part:
    own = np.arange(setting.n_devices)
    if setting.menu.offloading == "any":
        return host
    if setting.menu.offloading == "no":
        return own
    return np.where(setting.site_of[host] == setting.site_of, host, own)


def _hang_where_room_is(setting: Setting, parent: Part, work: NDArray[np.float64], room: Part) -> None:
    """Nobody stays a head who has no room for the models below beside its own; the root becomes one that has."""
    n = setting.n_devices
    fits = (room != NONE_FITS) | (work == 0)
    if not (room != NONE_FITS).any():
        return
    root = int(np.flatnonzero(parent == np.arange(n))[0])
    if not fits[root]:
        heir = int(np.where(room != NONE_FITS, setting.memory_bytes, -1.0).argmax())
        name = np.arange(n)
        name[root], name[heir] = heir, root
        parent[:] = name[parent[name]]
        root = heir
    for device in range(n):
        above = int(parent[device])
        while not fits[above]:
            above = int(parent[above])
        parent[device] = above
