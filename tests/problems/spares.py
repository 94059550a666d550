"""Problems with spares and rules for the tests, and their optimum by brute force over the cost model."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations

import numpy as np

from tasklet_bench.problems import Shape, Site, Topology, Workload
from tasklet_bench.problems.allocation import AllocationProblem, cost_model
from tasklet_bench.problems.allocation.rules import Rules
from tasklet_bench.problems.candidate import Infeasible


def spare_problem(
    n: int, d: int, k: int, seed: int = 0, rules: Rules | None = None, levels: int = 0
) -> AllocationProblem:
    """N devices for a grid of D×K with directed links, all distinct or of so many levels."""
    rng = np.random.default_rng(seed)
    delay_s, bandwidth_bytes_s = rng.uniform(0, 0.1, (n, n)), rng.uniform(1e7, 1e9, (n, n))
    if levels:
        delay_s, bandwidth_bytes_s = np.ceil(delay_s * 10 * levels) / 100, np.ceil(bandwidth_bytes_s * 3e-9) * 1e8
    topology = Topology(tuple(Site(f"site {i}", 1) for i in range(n)), delay_s, bandwidth_bytes_s)
    return AllocationProblem(f"spare-{seed}", topology, Workload(6e8, 5e8), Shape(d, k), rules=rules or Rules())


def all_labels(problem: AllocationProblem) -> Iterator[np.ndarray]:
    """All labels `(N,)` of the right sizes that keep the rules; those that only rename free groups come once."""
    d, k, n = problem.shape.data_parallel, problem.shape.pipeline_parallel, problem.n_devices

    def grow(labels: list[int]) -> Iterator[list[int]]:
        if len(labels) == n:
            yield labels
            return
        for group in range(k):
            if labels.count(group) < d:
                yield from grow([*labels, group])
            if group not in labels and not problem.position:
                break
        if labels.count(k) < problem.n_spares:
            yield from grow([*labels, k])

    for result in map(np.array, grow([])):
        try:
            yield problem.decision.check(result)
        except Infeasible:
            continue


def cheapest_s(problem: AllocationProblem) -> float:
    """The least cost of all allocations, by the readable formulas."""
    k = problem.shape.pipeline_parallel
    if problem.rules.about_replicas:
        return min(problem.judge(problem.decision.check(cells)).total_s for cells in _all_cells(problem))
    return min(
        cost_model.partition_cost(problem.dp_pair_s, problem.pp_pair_s, labels, k, problem.position).total_s
        for labels in all_labels(problem)
    )


def _all_cells(problem: AllocationProblem) -> Iterator[np.ndarray]:
    for order in permutations(range(problem.n_devices)):
        spares = order[problem.shape.n_devices :]
        if list(spares) != sorted(spares):
            continue
        cells = np.full(problem.n_devices, problem.shape.n_devices)
        cells[list(order[: problem.shape.n_devices])] = np.arange(problem.shape.n_devices)
        try:
            yield problem.decision.check(cells)
        except Infeasible:
            continue
