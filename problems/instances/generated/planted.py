"""Built backwards from an allocation that is provably optimal, at any N, so that the true gap is known.

Write `w(u, v)` for what a pair pays for its share of the gradients and `p(u, v)` for the activations (both directions),
with `w` and `p` for the smallest of each. A grid is drawn, the *plant*. Then links are made in this way:

- inside every planted group: `w(u, v) = w`, and `p(u, v)` well above `p` (low delay, modest bandwidth);
- between planted neighbours: `p(u, v) = p`, and `w(u, v)` well above `w` (the other way round);
- everywhere else: both are drawn at least a tenth above `w` and `p`.

*Proof that the plant is optimal.* In any allocation every device pays D-1 mates at least `w` each, so
`DATAP ≥ (D-1)·w`; and each of the K-1 boundaries has a slowest pair of at least `p`, so `PIPELINE ≥ (K-1)·p`. The plant
meets both with equality. ∎ These are the separate bounds of `problems.allocation.bounds`, so a problem's own `bound()`
equals its optimum.

*Decoys* take links of the third kind and give them the figures of the first two, which leaves the proof as it is:
`decoys` partitions into groups that pay as little for gradients as the planted ones, each holding one device of every
planted pipeline; and as many wirings through pipelines that hold one device of every planted group. No planted link is
in their way. They lure whoever clusters by delay or follows the best links; and one of them lures whoever reads the
sites: with `lure=site-pure` the declared sites are the groups of a decoy partition, with `lure=aligned` the pipelines
of a decoy wiring. Where two decoys want the same link, that one has it, else the partition.

Whether a link is better for gradients or for activations needs payloads that differ, `c_dp/D` and `c_pp` by a fifth at
least. Links depend on the shape and the workload, unlike those of the other families.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.instances.generated import draw
from tasklet_bench.problems.topology import BYTES_PER_S_PER_GBPS, Site, Topology
from tasklet_bench.problems.workload import Shape, Workload

Array = NDArray[np.float64]
Devices = NDArray[np.intp]

FASTEST_GBPS = 10.0
"""Sets the scale: the smallest gradient cost is that of a link of this bandwidth without delay."""

LEAST_EXCESS, MOST_EXCESS = 1.1, 2.0
"""Links outside plant and decoys cost so many times the smallest, in gradients and in activations."""

WRONG_USE_EXCESS = 2.0
"""A planted group's link costs at most so many times `p` as a wire, and a planted wire so many times `w` in a group."""

LEAST_RATIO = 1.2
"""Payloads nearer to each other leave no room between links that are good for one and for the other."""

CLEAR_OF_LIMIT = 0.95
"""Keeps a link's delay above 0 and its bandwidth finite."""

_BACKGROUND, _GROUP, _WIRE = 0, 1, 2


def plant(shape: Shape, seed: int, lure: str) -> Devices:
    """The optimal grid, shape `(D, K)`."""
    return _plant(_generator(shape, seed), shape, lure)


def topology(n: int, seed: int, decoys: int, lure: str, shape: Shape, workload: Workload) -> Topology:
    """N devices, at sites if there are decoys; raises `ValueError` if the two payloads are too much alike."""
    rng = _generator(shape, seed)
    planted = _plant(rng, shape, lure)
    kind = np.full((n, n), _BACKGROUND, dtype=np.uint8)
    for _ in range(decoys - (lure == "aligned")):
        _mark_wires(kind, _decoy_wiring(rng, planted))
    for _ in range(decoys - (lure == "site-pure")):
        _mark_groups(kind, _decoy_groups(rng, planted))
    if decoys:
        (_mark_groups if lure == "site-pure" else _mark_wires)(kind, _lure(shape, lure))
    _mark_wires(kind, planted)
    _mark_groups(kind, planted)
    sites = _sites(shape, lure) if decoys else draw.single_sites(n)
    return draw.topology(sites, *_figures(rng, kind, shape, workload))


def _generator(shape: Shape, seed: int) -> np.random.Generator:
    return draw.generator("planted", shape.n_devices, seed)


def _plant(rng: np.random.Generator, shape: Shape, lure: str) -> Devices:
    """A grid whose pipelines have one device of each group of the lure, or its groups one of each of its pipelines."""
    grid = _lure(shape, lure)
    if lure == "aligned":
        return _columns_shuffled(rng, _rows_shuffled(rng, grid))
    return _rows_shuffled(rng, _columns_shuffled(rng, grid))


def _lure(shape: Shape, lure: str) -> Devices:
    """The decoy grid that the declared sites show: as its columns (site-pure) or as its rows (aligned)."""
    d, k = shape.data_parallel, shape.pipeline_parallel
    device = np.arange(shape.n_devices)
    return device.reshape(d, k) if lure == "aligned" else device.reshape(k, d).T


def _sites(shape: Shape, lure: str) -> tuple[Site, ...]:
    d, k = shape.data_parallel, shape.pipeline_parallel
    sites, devices = (d, k) if lure == "aligned" else (k, d)
    return tuple(Site(f"site-{i}", devices) for i in range(sites))


def _decoy_groups(rng: np.random.Generator, planted: Devices) -> Devices:
    """A grid whose every column has one device of each planted pipeline."""
    return _rows_shuffled(rng, planted)


def _decoy_wiring(rng: np.random.Generator, planted: Devices) -> Devices:
    """A grid whose every row has one device of each planted group, in any order."""
    return _rows_shuffled(rng, _columns_shuffled(rng, planted))


def _rows_shuffled(rng: np.random.Generator, grid: Devices) -> Devices:
    """The same devices in each row, in an order of its own."""
    return np.take_along_axis(grid, np.argsort(rng.random(grid.shape), axis=1, kind="stable"), axis=1)


def _columns_shuffled(rng: np.random.Generator, grid: Devices) -> Devices:
    """The same devices in each column, in an order of its own."""
    return _rows_shuffled(rng, grid.T).T


def _mark_groups(kind: NDArray[np.uint8], grid: Devices) -> None:
    for group in grid.T:
        kind[np.ix_(group, group)] = _GROUP


def _mark_wires(kind: NDArray[np.uint8], grid: Devices) -> None:
    left, right = grid[:, :-1], grid[:, 1:]
    kind[left, right] = kind[right, left] = _WIRE


def _figures(
    rng: np.random.Generator, kind: NDArray[np.uint8], shape: Shape, workload: Workload
) -> tuple[Array, Array]:
    """Delay (ms) and bandwidth (Gbps) of all links, shapes `(N, N)`, from what a pair shall pay.

    A pair that pays `x = 2(α + a/β)` for payload a and `y = 2(α + b/β)` for payload b has `1/β = (y-x)/2(b-a)` and
    `α = x/2 - a/β`; both are positive if y lies between x and x·b/a, the limits excluded.
    """
    a, b = workload.gradient_bytes / shape.data_parallel, workload.activation_bytes
    ratio = _checked_ratio(a, b)
    w = 2.0 * a / (FASTEST_GBPS * BYTES_PER_S_PER_GBPS)
    p = w * math.sqrt(ratio)
    n = len(kind)
    x = w * draw.between(rng.random(draw.links(n)), LEAST_EXCESS, MOST_EXCESS)
    low = np.maximum(LEAST_EXCESS * p, x / CLEAR_OF_LIMIT if ratio > 1 else x * ratio)
    high = np.minimum(MOST_EXCESS * p, x * ratio if ratio > 1 else x * CLEAR_OF_LIMIT)
    y = draw.symmetric(low + rng.random(draw.links(n)) * (high - low), n)
    x = draw.symmetric(x, n)
    x[kind == _GROUP], y[kind == _GROUP] = w, min(CLEAR_OF_LIMIT * max(1.0, ratio) * w, WRONG_USE_EXCESS * p)
    x[kind == _WIRE], y[kind == _WIRE] = min(CLEAR_OF_LIMIT * max(1.0, 1 / ratio) * p, WRONG_USE_EXCESS * w), p
    np.fill_diagonal(x, w)
    np.fill_diagonal(y, CLEAR_OF_LIMIT * w if ratio < 1 else w / CLEAR_OF_LIMIT)
    s_per_byte = (y - x) / (2.0 * (b - a))
    delay_s = x / 2.0 - a * s_per_byte
    return delay_s * 1e3, 1.0 / (s_per_byte * BYTES_PER_S_PER_GBPS)


def _checked_ratio(a: float, b: float) -> float:
    """How many times the payload of a group's link that of a boundary is."""
    if not (min(a, b) > 0 and max(a, b) >= LEAST_RATIO * min(a, b)):
        raise ValueError(
            f"payloads of {a:.4g} bytes (c_dp/D) and {b:.4g} bytes (c_pp), "
            f"expected two above 0 that differ by a factor of {LEAST_RATIO} at least"
        )
    return b / a
