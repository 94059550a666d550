"""What an instance is like, in numbers: a pure function of the problem.

Costs are sampled with seed 0, so that the same problem has the same features everywhere.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.allocation import AllocationProblem, structure
from tasklet_bench.problems.allocation.starts import aligned_sites, keep_rules, pure_sites
from tasklet_bench.problems.problem import Cost

Matrix = NDArray[np.float64]

RANDOM_PARTITIONS = 32
WALK_STEPS = 256
LARGE = 512
"""Above so many devices, samples are an eighth of that, and a sixty-fourth of the detours is looked at."""

SHORTEST_DELAY_S = 1e-6
"""A shorter delay counts as this one where spreads are compared."""


@dataclass(frozen=True)
class Features:
    """One instance in numbers.

    `device_classes`: sets of interchangeable devices. `link_classes`: distinct pairs of pair costs. `delay_spread`,
    `bandwidth_spread`: 95th over 5th percentile of the links between different devices. `triangle_violations`: share
    of all pairs and third devices where the detour has less delay. `pipeline_over_data_parallel`: ratio of the mean
    parts of random partitions (infinite without gradients to exchange). `ruggedness`: 1 less the correlation of
    successive costs along a random walk of swaps; 0 is smooth. Gaps: (cost - bound)/cost of the two structural
    heuristics.
    """

    devices: int
    data_parallel: int
    pipeline_parallel: int
    sites: int
    smallest_site: int
    largest_site: int
    device_classes: int
    link_classes: int
    symmetric: bool
    delay_spread: float
    bandwidth_spread: float
    triangle_violations: float
    pipeline_over_data_parallel: float
    ruggedness: float
    gap_aligned: float
    gap_site_pure: float


def features(problem: AllocationProblem) -> Features:
    """Compute all features; seconds for thousands of devices."""
    topology, shape = problem.topology, problem.shape
    bound_s = problem.bound()
    sizes = [site.devices for site in problem.sites]
    scale = 8 if topology.n_devices > LARGE else 1
    return Features(
        devices=topology.n_devices,
        data_parallel=shape.data_parallel,
        pipeline_parallel=shape.pipeline_parallel,
        sites=len(sizes),
        smallest_site=min(sizes),
        largest_site=max(sizes),
        device_classes=int(structure.interchangeable(problem.dp_pair_s, problem.pp_pair_s).max()) + 1,
        link_classes=_link_classes(problem),
        symmetric=_symmetric(topology.delay_s) and _symmetric(topology.bandwidth_bytes_s),
        delay_spread=_spread(np.maximum(_links(topology.delay_s), SHORTEST_DELAY_S)),
        bandwidth_spread=_spread(_links(topology.bandwidth_bytes_s)),
        triangle_violations=triangle_violations(topology.delay_s, every=scale**2),
        pipeline_over_data_parallel=_part_ratio(problem, RANDOM_PARTITIONS // scale),
        ruggedness=_ruggedness(problem, WALK_STEPS // scale),
        gap_aligned=_gap(problem.cost(keep_rules(problem, aligned_sites(problem))), bound_s),
        gap_site_pure=_gap(problem.cost(keep_rules(problem, pure_sites(problem))), bound_s),
    )


def triangle_violations(delay_s: Matrix, every: int = 1) -> float:
    """Share of (pair, third device) where the way over the third has less delay; each `every`-th third is looked at."""
    n = len(delay_s)
    if n < 3:
        return 0.0
    thirds = range(0, n, every)
    shorter = sum(int((delay_s[:, [third]] + delay_s[[third], :] < delay_s - 1e-9).sum()) for third in thirds)
    return shorter / (len(thirds) * (n - 1) * (n - 2))


def _links(matrix: Matrix) -> Matrix:
    return matrix[~np.eye(len(matrix), dtype=bool)]


def _link_classes(problem: AllocationProblem) -> int:
    upper = ~np.tri(problem.topology.n_devices, dtype=bool)
    pairs = problem.dp_pair_s[upper] + 1j * problem.pp_pair_s[upper]
    return int(np.unique(pairs).size)


def _symmetric(matrix: Matrix) -> bool:
    return bool(np.array_equal(matrix, matrix.T))


def _spread(values: Matrix) -> float:
    if values.size == 0:
        return 1.0
    low, high = np.percentile(values, [5, 95])
    return float(high / low)


def _part_ratio(problem: AllocationProblem, count: int) -> float:
    rng = np.random.default_rng(0)
    costs = [problem.cost(problem.random(rng)) for _ in range(count)]
    pipeline_s, data_parallel_s = (sum(c.parts_s[part] for c in costs) for part in ("pipeline_s", "data_parallel_s"))
    return pipeline_s / data_parallel_s if data_parallel_s else float("inf")


def _ruggedness(problem: AllocationProblem, steps: int) -> float:
    """1 less the lag-1 autocorrelation of costs along a walk of swaps between groups; 0 where all costs are equal."""
    rng = np.random.default_rng(0)
    labels = problem.random(rng)
    if len(problem.group_sizes) < 2 and not problem.n_spares:
        return 0.0
    costs = np.empty(steps + 1)
    costs[0] = problem.cost(labels).total_s
    for step in range(steps):
        if problem.rules:
            labels = problem.neighbour(labels, rng)
        else:
            a = rng.integers(len(labels))
            b = rng.choice(np.flatnonzero(labels != labels[a]))
            labels[[a, b]] = labels[[b, a]]
        costs[step + 1] = problem.cost(labels).total_s
    return 1.0 - _lag_one_correlation(costs)


def _lag_one_correlation(values: Matrix) -> float:
    before, after = values[:-1] - values[:-1].mean(), values[1:] - values[1:].mean()
    scale = float(np.sqrt((before @ before) * (after @ after)))
    return float(before @ after) / scale if scale > 0 else 1.0


def _gap(cost: Cost, bound_s: float) -> float:
    return (cost.total_s - bound_s) / cost.total_s if cost.total_s else 0.0
