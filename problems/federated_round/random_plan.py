"""Random valid rounds, and the star that is valid wherever anything simple is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.federated_round.memory import NONE_FITS, widest_levels, work_of
from tasklet_bench.problems.federated_round.setting import MEMORY_SLACK, UTILITY_SLACK, Setting

if TYPE_CHECKING:
    from tasklet_bench.problems.federated_round.evaluate import Pack
    from tasklet_bench.problems.federated_round.problem import Plan

ATTEMPTS = 100
_OFFLOADED = 0.3
"""Share of the samples that are given to somebody else, where that is allowed."""


def draw_plan(setting: Setting, pack: Pack, rng: np.random.Generator) -> Plan:
    """A valid candidate: a uniform root, up to N/2 uniform heads below it, the others below a uniform head or the root.

    Everybody has the widest level that fits; half of them are drawn narrower, and widened again in random order until
    the utility is reached. Where offloading is allowed, three in ten hosts are uniform. After 100 failures it is the
    star at the device with most memory.
    """
    from tasklet_bench.problems.federated_round.evaluate import VALID, evaluate

    for _ in range(ATTEMPTS):
        parent = _draw_tree(setting.n_devices, rng)
        if not _holds_the_round(setting, int(np.flatnonzero(parent == np.arange(setting.n_devices))[0])):
            continue
        host = _draw_hosts(setting, rng)
        level = _draw_levels(setting, parent, host, rng)
        if level is not None and evaluate(pack, parent, level, host)[0] == VALID:
            return parent, level, host
    star = widest_star(setting)
    if star is None:
        raise AssertionError("a problem without a valid star is refused where it is made")
    return star


def widest_star(setting: Setting) -> Plan | None:
    """The star at the device with most memory, all as wide as fits, on their own samples; None if it is not valid."""
    n, menu = setting.n_devices, setting.menu
    root = int(setting.memory_bytes.argmax())
    level = widest_levels(setting)
    working = setting.samples > 0
    if (level[working] == NONE_FITS).any():
        return None
    level = np.maximum(level, 0)
    others = working & (np.arange(n) != root)
    for own in range(len(menu.widths)) if working[root] else (0,):
        level[root] = own
        width = np.where(working, setting.widths[level], 0.0)
        union = (width.max() if menu.nested else min(1.0, float(width.sum()))) if others.any() else 0.0
        need = (setting.state_bytes * width[root] + setting.message_bytes * union) * setting.n_params
        if need <= setting.memory_bytes[root]:
            star = np.full(n, root), level, np.arange(n)
            return star if _reaches(setting, width, setting.samples) else None
    return None


def _reaches(setting: Setting, width: NDArray[np.float64], work: NDArray[np.float64]) -> bool:
    """Whether widths reach the utility, and the widest level is there if it must be."""
    menu = setting.menu
    if not menu.nested:
        return bool(width[work > 0].sum() >= menu.least_utility - UTILITY_SLACK)
    mean = float(width @ work / work.sum())
    return mean >= menu.least_utility - UTILITY_SLACK and bool((width[work > 0] == menu.widths[0]).any())


def _holds_the_round(setting: Setting, root: int) -> bool:
    """Whether a root has room for the union of models that every valid round leads to."""
    union = setting.menu.widths[0] if setting.menu.nested else min(1.0, setting.menu.least_utility)
    return bool(setting.message_bytes * union * setting.n_params <= setting.memory_bytes[root] * (1.0 + MEMORY_SLACK))


def _draw_tree(n: int, rng: np.random.Generator) -> NDArray[np.int64]:
    order = rng.permutation(n)
    root, heads = order[0], order[1 : 1 + int(rng.integers(n // 2 + 1))]
    parent = rng.choice(np.append(heads, root), size=n)
    parent[heads] = parent[root] = root
    return parent.astype(np.int64)


def _draw_hosts(setting: Setting, rng: np.random.Generator) -> NDArray[np.int64]:
    n = setting.n_devices
    host = np.arange(n)
    if setting.menu.offloading == "no":
        return host
    given = np.flatnonzero(rng.random(n) < _OFFLOADED)
    if setting.menu.offloading == "any":
        host[given] = rng.integers(n, size=len(given))
    else:
        for owner in given:
            host[owner] = rng.choice(np.flatnonzero(setting.site_of == setting.site_of[owner]))
    return host


def _draw_levels(
    setting: Setting, parent: NDArray[np.int64], host: NDArray[np.int64], rng: np.random.Generator
) -> NDArray[np.int64] | None:
    """Levels that reach the utility; None where no widths that fit do, or where somebody has room for none."""
    n, last = setting.n_devices, len(setting.menu.widths) - 1
    work = work_of(setting, host)
    widest = _widest_in_tree(setting, parent, work)
    if (widest[work > 0] == NONE_FITS).any():
        return None
    widest = np.maximum(widest, 0)
    narrower = rng.random(n) < 0.5
    level = np.where(narrower, widest + np.floor(rng.random(n) * (last - widest + 1)).astype(np.int64), widest)
    for device in rng.permutation(n):
        if _reaches(setting, _widths(setting, level, work), work):
            break
        level[device] = widest[device]
    return level if _reaches(setting, _widths(setting, level, work), work) else None


def _widths(setting: Setting, level: NDArray[np.int64], work: NDArray[np.float64]) -> NDArray[np.float64]:
    """Width that each device trains, `(N,)`: none where there is no work."""
    return np.where(work > 0, setting.widths[np.maximum(level, 0)], 0.0)


def _widest_in_tree(setting: Setting, parent: NDArray[np.int64], work: NDArray[np.float64]) -> NDArray[np.int64]:
    """The widest level that fits in a tree of heads below a root, those below as wide as fits; -1 where none does."""
    n = setting.n_devices
    root = int(np.flatnonzero(parent == np.arange(n))[0])
    head = np.zeros(n, dtype=bool)
    head[parent] = True
    level = widest_levels(setting)
    for heads in (head & (np.arange(n) != root), np.arange(n) == root):
        width = _widths(setting, level, work)
        for device in np.flatnonzero(heads):
            below = np.flatnonzero(parent == device)
            below = below[below != device]
            carried = width[below] if device != root else np.delete(width, root)
            level[device] = _widest_above(setting, int(device), carried[carried > 0])
    return level


def _widest_above(setting: Setting, device: int, carried: NDArray[np.float64]) -> int:
    """The widest level of a device that keeps the union of its own model and those from below; -1 where none fits."""
    room = setting.memory_bytes[device] / setting.n_params
    nested, widths = setting.menu.nested, setting.widths
    union = np.maximum(widths, carried.max(initial=0.0)) if nested else np.minimum(1.0, widths + carried.sum())
    needs = setting.state_bytes * widths + (setting.message_bytes * union if carried.size else 0.0)
    fits = np.flatnonzero(needs <= room)
    return int(fits[0]) if fits.size else NONE_FITS
