"""A lower bound on the seconds of any round: for each root, the ways to it and back, and how fast models can spread.

*Ways*: a device of width r cannot be done before a model of that width has come to it hop by hop from the root, it has
computed, and the model has gone the same hops back. *Spreading* (`spreading.py`): each hop passes through cards that
are shared, so that a root reaches few devices in little time. The page of the family has the proofs.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.federated_round.setting import MEMORY_SLACK, UTILITY_SLACK, Setting
from tasklet_bench.problems.federated_round.spreading import spreading_bounds
from tasklet_bench.problems.federated_round.ways import shortest_ways

SAFETY = 1e-12
"""Relative slack taken off, against rounding."""
EACH_WIDTH = 160
"""Devices up to which ways are sought for every width; above, between the widest and the narrowest."""

Floats = NDArray[np.float64]


def lower_bound(setting: Setting) -> float:
    """The least that a round takes (in seconds), whatever its root."""
    way_s = ways_of_widths(setting)
    by_ways = bounds_by_ways(setting, way_s)
    by_root = np.maximum(by_ways, spreading_bounds(setting, by_ways)) if setting.n_devices > 1 else by_ways
    return float(by_root.min()) * (1.0 - SAFETY)


def ways_of_widths(setting: Setting) -> Floats:
    """Seconds to each device and back for a model of each width, `(L, N, N)`: by root, then by device."""
    widths, n = setting.widths, setting.n_devices
    if setting.menu.exchange == "full":
        return np.broadcast_to(_round_trips(setting, 1.0), (len(widths), n, n))
    if n <= EACH_WIDTH or len(widths) <= 2:
        return np.stack([_round_trips(setting, width) for width in widths])
    widest, narrowest = _round_trips(setting, widths[0]), _round_trips(setting, widths[-1])
    share = (widths - widths[-1]) / (widths[0] - widths[-1])  # the shortest way is concave in the width
    return np.stack([narrowest + each * (widest - narrowest) for each in share])


def bounds_by_ways(setting: Setting, way_s: Floats) -> Floats:
    """For each root, the least T within which enough devices can be done on their own, `(N,)`."""
    menu, widths = setting.menu, setting.widths
    room = setting.memory_bytes / setting.n_params * (1.0 + MEMORY_SLACK)
    fits = setting.state_bytes * widths[:, None] <= room  # (L, N)
    if menu.offloading != "no":
        return _bounds_of_shared_samples(setting, way_s, fits)
    alone_s = widths[:, None] * setting.samples * setting.compute_s  # (L, N)
    done_s = np.where(fits[:, None, :], way_s + alone_s[:, None, :], np.inf)  # (L, roots, devices)
    working = setting.samples > 0
    least = done_s[:, :, working].min(axis=0).max(axis=1)
    if menu.nested:
        least = np.maximum(least, done_s[0][:, working].min(axis=1))
    bounds: Floats = least.copy()
    best = np.inf
    for root in np.argsort(least):
        if setting.n_devices > EACH_WIDTH and least[root] >= best:
            break  # of many roots, those that cannot have the least bound keep the weaker one
        bounds[root] = max(least[root], _least_for_utility(setting, done_s[:, root]))
        best = min(best, bounds[root])
    return bounds


def _least_for_utility(setting: Setting, done_s: Floats) -> float:
    """The least T at which the widths that are done within T, `(L, N)`, reach the utility."""
    menu, widths = setting.menu, setting.widths
    weight = setting.samples / setting.samples.sum() if menu.nested else (setting.samples > 0).astype(np.float64)
    # What a device gains by its next wider width once that is done; a wider one that is done earlier counts at once.
    done_s = np.minimum.accumulate(done_s, axis=0)
    steps = -np.diff(np.append(widths, 0.0))[:, None] * weight
    order = np.argsort(done_s, axis=None)
    utility = np.cumsum(steps.ravel()[order])
    enough = np.searchsorted(utility, menu.least_utility - UTILITY_SLACK - 1e-12)
    times = done_s.ravel()[order]
    return float(times[enough]) if enough < len(times) else np.inf


def _bounds_of_shared_samples(setting: Setting, way_s: Floats, fits: NDArray[np.bool_]) -> Floats:
    """Samples are a fluid that those who may work on them share; none is worked on before the model has come."""
    menu = setting.menu
    width = max(menu.widths[-1], menu.least_utility if menu.nested else 0.0)
    travel_s = np.where(fits[:, None, :], way_s, np.inf).min(axis=0)  # (roots, devices)
    sites = [setting.site_of == site for site in np.unique(setting.site_of)] if menu.offloading == "site" else []
    pools = [(np.ones(setting.n_devices, dtype=bool), width)] + [(site, menu.widths[-1]) for site in sites]
    least = np.zeros(setting.n_devices)
    for members, mean_width in pools:
        work = float(setting.samples[members].sum()) * mean_width
        if work > 0:
            least = np.maximum(least, _fill(travel_s[:, members], 1.0 / setting.compute_s[members], work))
    return least


def _fill(travel_s: Floats, rate: Floats, work: float) -> Floats:
    """The least T with Σ max(0, T − travel)·rate = work, for each row of `travel_s`."""
    order = np.argsort(travel_s, axis=1)
    times, rates = np.take_along_axis(travel_s, order, axis=1), rate[order]
    if np.isinf(rate).any():
        return np.asarray(times[:, 0])
    total, begun = np.cumsum(rates, axis=1), np.cumsum(rates * np.where(np.isfinite(times), times, 0.0), axis=1)
    level = (work + begun) / total
    following = np.concatenate([times[:, 1:], np.full((len(times), 1), np.inf)], axis=1)
    first = (level <= following).argmax(axis=1)
    return np.asarray(level[np.arange(len(times)), first])


def _round_trips(setting: Setting, width: float) -> Floats:
    """Shortest seconds from each device to each other and back over the same hops, `(N, N)`, for a model of a width."""
    hop_s = setting.delay_s + width * setting.model_bytes / setting.bandwidth_bytes_s
    return np.asarray(shortest_ways(np.ascontiguousarray(hop_s + hop_s.T)))
