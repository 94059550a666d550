"""How fast sub-models can spread: bounds from the cards that all children of a device share.

A device with a budget of τ seconds (from when it has its model until it must have added up what comes from below)
sends to all its children for A seconds, the sum over them, and then receives from them one after another; the j-th from
the end has at most τ − A − (what those up to it take to come in) − delays. How much can be trained below it, its *mass*
Φ(τ), obeys a recursion over budgets: the best queue of children, each of them with the mass that its budget allows.
Links count with their quicker direction. Nobody is used up by being counted, so that it is a relaxation; but where a
site of devices that are alike is entered, no more of them can follow than it has. It is computed on a grid of budgets,
rounded up.

What must be reached: where samples move within sites, every site that has some; where sub-models are disjoint, the sum
of widths; else enough width above any one width v of the menu (a width r above it counts (r − v) / (widest − v)), and
everybody at the narrowest.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.federated_round.memory import NONE_FITS, widest_levels
from tasklet_bench.problems.federated_round.setting import UTILITY_SLACK, Setting
from tasklet_bench.problems.federated_round.spreading_kernel import consumed, spread

Floats = NDArray[np.float64]

COARSE, COARSER = 64, 32
"""Steps of the grid on which every demand is tried, for up to `MANY` kinds of devices and for more."""
FINE = {20: 320, 40: 256, 80: 192, 130: 72}
"""Steps of the grid for the demand that takes longest, for up to so many kinds of devices; coarse for more."""
MANY = 90
MOST = 200
"""Kinds of devices above which the recursion takes too long for a bound."""
BEYOND = 1.6
"""How far the fine grid reaches, over the coarse one's bound."""
DOUBLINGS = 12
"""How often the horizon of budgets is doubled until something is reached."""


@dataclass(frozen=True)
class Demand:
    """`need` mass is to be trained; a device at width `r` in `widths` has mass `gain(r)`, at most what fits.

    `widths`: those that count, falling. `sites`: whether the mass is that of a site, once where it is entered.
    """

    need: float
    widths: Floats
    gain: Floats
    sites: bool = False


def spreading_bounds(setting: Setting, floor_s: Floats) -> Floats:
    """For each root, a lower bound (in seconds), `(N,)`; `floor_s`: bounds that are known, to begin the search at."""
    n, menu = setting.n_devices, setting.menu
    if menu.offloading == "any":
        return np.zeros(n)  # who has no work is left out: nobody must be reached
    kinds = Kinds.of_setting(setting)
    some_alike = len(kinds.first) == len(np.unique(setting.site_of))
    if len(kinds.first) > MOST or (menu.offloading == "site" and not some_alike):
        return np.zeros(n)
    least_s, bounds, last = float(floor_s.min()), np.zeros(n), None
    for demand in _demands(setting):
        tables = _tables(setting, demand, kinds)
        by_kind = _coarse(tables, least_s)
        if last is None or by_kind.min() > last[1]:
            last = tables, float(by_kind.min())
        bounds = np.maximum(bounds, by_kind[kinds.kind])
    steps = next((steps for most, steps in FINE.items() if len(kinds.first) <= most), COARSER)
    if last is None or last[1] <= 0.0 or BEYOND * last[1] < least_s or steps == COARSER:
        return bounds
    step_s = BEYOND * last[1] / steps
    return np.maximum(bounds, _bounds(spread(*last[0], step_s, steps), step_s)[kinds.kind])


def _demands(setting: Setting) -> list[Demand]:
    menu, widths = setting.menu, setting.widths
    working = setting.samples > 0
    widest = widths[np.maximum(widest_levels(setting), 0)]
    everybody = float(working.sum())
    if menu.offloading == "site":
        return [Demand(float(len(np.unique(setting.site_of[working]))), widths[-1:], np.ones(1), sites=True)]
    if not menu.nested:
        return [Demand(max(menu.least_utility - UTILITY_SLACK, everybody * widths[-1]), widths, widths)]
    result = [Demand(everybody, widths[-1:], np.ones(1))]
    for base in (*widths[1:], 0.0):
        if base >= menu.least_utility - UTILITY_SLACK:
            continue
        gain = (widths - base) / (widths[0] - base)
        most = np.maximum(widest - base, 0.0) / (widths[0] - base)
        share = (menu.least_utility - UTILITY_SLACK - base) / (widths[0] - base) * setting.samples.sum()
        result.append(Demand(_fewest(setting.samples, most, share), widths[gain > 0], gain[gain > 0]))
    return result


def _fewest(samples: Floats, most: Floats, share: float) -> float:
    """The least Σ g with Σ g·samples ≥ share and 0 ≤ g ≤ most: the largest come first."""
    order = np.argsort(-samples)
    reached = np.cumsum(samples[order] * most[order])
    last = int(np.searchsorted(reached, share))
    if last >= len(order):
        return float(most.sum())
    before = reached[last - 1] if last else 0.0
    return float(most[order[:last]].sum() + (share - before) / samples[order[last]])


@dataclass(frozen=True)
class Kinds:
    """Devices with the same links: the kind of each, `(N,)`; of each kind the first device and how many, `(K,)`."""

    kind: NDArray[np.intp]
    first: NDArray[np.intp]
    size: NDArray[np.intp]

    @classmethod
    def of_setting(cls, setting: Setting) -> Kinds:
        """Sites, if all devices of each have the same links inside and out, or else each device on its own."""
        sites, first, kind, size = np.unique(
            setting.site_of, return_index=True, return_inverse=True, return_counts=True
        )
        kinds = cls(kind, first, size)
        if len(sites) < setting.n_devices and all(
            kinds.describes(matrix) for matrix in (setting.delay_s, setting.bandwidth_bytes_s)
        ):
            return kinds
        each = np.arange(setting.n_devices)
        return cls(each, each, np.ones(setting.n_devices, dtype=np.intp))

    @property
    def second(self) -> NDArray[np.intp]:
        """Another device of each kind; the first where there is none."""
        return np.where(self.size > 1, self.first + 1, self.first)

    def describes(self, matrix: Floats) -> bool:
        """Whether the entries between devices depend on their kinds alone."""
        table = matrix[np.ix_(self.first, self.first)].copy()
        np.fill_diagonal(table, matrix[self.first, self.second])
        same = (table[np.ix_(self.kind, self.kind)] == matrix) | np.eye(len(matrix), dtype=bool)
        return bool(same.all())


class Tables(NamedTuple):
    """What the recursion takes, see `spreading_kernel.spread`."""

    delay_s: Floats
    hop_s: Floats
    several: NDArray[np.bool_]
    scale: Floats
    later_s: Floats
    own_s: Floats
    own_gain: Floats
    entry_gain: Floats
    ceiling: Floats
    whole: bool
    most: float
    need: float


def _tables(setting: Setting, demand: Demand, kinds: Kinds) -> Tables:
    delay_s, hop_s = _between(setting, kinds.first, kinds.second)
    own_s, own_gain = (_own_of_sites if demand.sites else _own)(setting, demand, kinds.kind, len(kinds.first))
    nothing = np.zeros_like(own_gain)
    scale = np.ones(len(demand.widths)) if setting.menu.exchange == "full" else demand.widths
    ceiling = np.full(len(scale), np.inf)
    whole = setting.menu.nested or setting.menu.exchange == "full"
    if not whole:
        ceiling[1:] = scale[:-1]
    return Tables(
        delay_s,
        hop_s,
        kinds.size > 1,
        scale,
        _later(setting, scale, kinds.first, kinds.size),
        own_s,
        nothing if demand.sites else own_gain,
        own_gain if demand.sites else nothing,
        ceiling,
        whole,
        float(own_gain.max(axis=0) @ kinds.size) + demand.need,
        demand.need,
    )


def _coarse(tables: Tables, floor_s: float) -> Floats:
    """For a root of each kind, the budget below which a demand cannot be met, on a coarse grid."""
    horizon_s = 2.0 * floor_s if floor_s > 0 else float(tables.hop_s.max())
    steps = COARSE if len(tables.hop_s) <= MANY else COARSER
    for _ in range(DOUBLINGS):
        reached = spread(*tables, horizon_s / steps, steps)
        if (reached <= steps).any():
            break
        horizon_s *= 2.0
    return _bounds(reached, horizon_s / steps)


def _bounds(reached: NDArray[np.int64], step_s: float) -> Floats:
    """A demand that is reached within so many steps takes more than one step less."""
    return np.asarray((reached - 1).clip(0) * step_s)


def _between(setting: Setting, first: NDArray[np.intp], second: NDArray[np.intp]) -> tuple[Floats, Floats]:
    """Delay there and back, and seconds for a whole model in the quicker direction, between kinds, `(K, K)`.

    On the diagonal between two devices of one kind.
    """
    rows, columns = np.meshgrid(first, first, indexing="ij")
    np.fill_diagonal(columns, second)
    delay_s = setting.delay_s[rows, columns] + setting.delay_s[columns, rows]
    fastest = np.maximum(setting.bandwidth_bytes_s[rows, columns], setting.bandwidth_bytes_s[columns, rows])
    return delay_s, setting.model_bytes / fastest


def _later(setting: Setting, scale: Floats, first: NDArray[np.intp], size: NDArray[np.intp]) -> Floats:
    """What each next device of a kind has less of a budget, `(V, K, M)`."""
    result = np.full((len(scale), len(first), int(size.max())), np.inf)
    result[:, :, 0] = 0.0
    for place in np.flatnonzero(size > 1):
        one, other = first[place], first[place] + 1
        links = (
            float(setting.delay_s[one, other] + setting.delay_s[other, one]),
            float(setting.model_bytes / setting.bandwidth_bytes_s[one, other]),
            float(setting.model_bytes / setting.bandwidth_bytes_s[other, one]),
        )
        result[:, place, : size[place]] = consumed(*links, scale, int(size[place]))
    return result


def _own(setting: Setting, demand: Demand, kind: NDArray[np.intp], n_kinds: int) -> tuple[Floats, Floats]:
    """Seconds that the quickest device of each kind works at each width, and its mass there (0: none), `(V, K)`."""
    working = setting.samples > 0
    level = widest_levels(setting)
    widest = np.where(level == NONE_FITS, 0.0, setting.widths[level])
    alone_s = setting.samples * setting.compute_s
    seconds, gains = np.full((len(demand.widths), n_kinds), np.inf), np.zeros((len(demand.widths), n_kinds))
    for place, (width, gain) in enumerate(zip(demand.widths, demand.gain, strict=True)):
        able = working & (widest >= width)
        np.minimum.at(seconds[place], kind[able], width * alone_s[able])
        gains[place, kind[able]] = gain
    return seconds, gains


def _own_of_sites(setting: Setting, demand: Demand, kind: NDArray[np.intp], n_kinds: int) -> tuple[Floats, Floats]:
    """The same for sites that share their samples: seconds if all of their devices work on them at the narrowest.

    Of all entries into a site at least one has so much left, as no device has more than the entry above it.
    """
    work, rate = np.zeros(n_kinds), np.zeros(n_kinds)
    np.add.at(work, kind, setting.samples)
    with np.errstate(divide="ignore"):
        np.add.at(rate, kind, 1.0 / setting.compute_s)
    return (demand.widths[0] * work / rate)[None, :], np.where(work > 0, 1.0, 0.0)[None, :]
