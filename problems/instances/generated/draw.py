"""What generators share: their stream, inverse transforms of `rng.random()`, and how links are rounded."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.instances.generated import portable
from tasklet_bench.problems.topology import Site, Topology

Array = NDArray[np.float64]

SECONDS_PER_US = 1e-6
BYTES_PER_S_PER_KBPS = 125.0


def generator(family: str, n: int, seed: int) -> np.random.Generator:
    """The stream of one instance: PCG64 seeded by family, N and seed; every shape D×K of it has the same links.

    Draw with `.random()` alone: numpy promises that stream, and no other distribution's.
    """
    words = [seed, n, int.from_bytes(family.encode(), "big")]
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(words)))


def between(u: Array, low: float, high: float) -> Array:
    """Uniform in [low, high) from uniforms `u` in [0, 1)."""
    return low + u * (high - low)


def log_between(u: Array, low: float, high: float) -> Array:
    """Log-uniform in [low, high) from uniforms `u` in [0, 1)."""
    return low * portable.exp(u * float(portable.log(high / low)))


def log_normal(u: Array, median: float, sigma: float) -> Array:
    """Log-normal with that median, sigma being the deviation of the logarithm, from uniforms `u` in [0, 1)."""
    return median * portable.exp(sigma * portable.normal_quantile(u))


def shuffled(rng: np.random.Generator, n: int) -> NDArray[np.intp]:
    """A uniform order of 0..n-1: the ranks of n uniforms."""
    return np.argsort(rng.random(n), kind="stable")


def uneven_sizes(rng: np.random.Generator, n: int, parts: int) -> list[int]:
    """Split n devices into parts of at least one, their weights drawn between 1 and 5; largest remainders round up.

    Raises `ValueError` for more parts than devices.
    """
    if parts > n:
        raise ValueError(f"{parts} sites for {n} devices, expected at most {n}")
    weights = between(rng.random(parts), 1.0, 5.0)
    exact = (n - parts) * weights / weights.sum()
    sizes = np.floor(exact).astype(np.int64)
    leftover = n - parts - int(sizes.sum())
    sizes[np.argsort(sizes - exact, kind="stable")[:leftover]] += 1
    return [int(size) + 1 for size in sizes]


def symmetric(upper: Array, n: int) -> Array:
    """A symmetric matrix `(n, n)` with zero diagonal from its upper triangle, row by row, shape `(n(n-1)/2,)`."""
    matrix = np.zeros((n, n))
    matrix[~np.tri(n, dtype=bool)] = upper
    matrix += matrix.T
    return matrix


def links(n: int) -> int:
    """Number of pairs of n devices."""
    return n * (n - 1) // 2


def single_sites(n: int) -> tuple[Site, ...]:
    """N devices without a place in common: one to a site."""
    return tuple(Site(f"node-{i}", 1) for i in range(n))


def topology(sites: tuple[Site, ...], delay_ms: Array, bandwidth_gbps: Array) -> Topology:
    """A topology from device × device figures, rounded to whole µs and kbit/s."""
    return Topology(sites, whole_us_s(delay_ms), whole_kbps_bytes_s(bandwidth_gbps))


def whole_us_s(delay_ms: Array) -> Array:
    """Delays in seconds, rounded to whole µs of at least 0."""
    return np.rint(np.maximum(delay_ms * 1e3, 0.0)) * SECONDS_PER_US


def whole_kbps_bytes_s(bandwidth_gbps: Array) -> Array:
    """Bandwidths in bytes/s, rounded to whole kbit/s of at least 1."""
    return np.maximum(np.rint(bandwidth_gbps * 1e6), 1.0) * BYTES_PER_S_PER_KBPS
