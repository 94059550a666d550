"""Exchange what costs nothing, so that the ranks of a host are consecutive.

Pipelines may change their rows, interchangeable devices of one site their places, and either order of ranks may be
taken: the cost stays what it is. Whether it does is looked at, not assumed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise, permutations

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.allocation import Allocation, AllocationProblem
from tasklet_bench.problems.allocation.structure import interchangeable
from tasklet_bench.problems.candidate import InvalidCandidate
from tasklet_bench.problems.launch.agents import agents_of
from tasklet_bench.problems.launch.ranks import Order, host_slots, ranks

ALL_ROWS_UP_TO = 5
TOLERANCE = 1e-9
Grid = NDArray[np.int64]


def make_contiguous(
    problem: AllocationProblem, allocation: Allocation, orders: tuple[Order, ...]
) -> tuple[Allocation, Order]:
    """An allocation of the same cost whose hosts have as few runs of consecutive ranks as are found, and its order.

    Deterministic; the allocation itself, in the first order, where nothing is gained.
    """
    kinds = _kinds(problem)
    hosts = [host for host, _ in host_slots(problem.sites)]
    best, best_order, fewest = allocation, orders[0], _runs(problem, allocation, orders[0])
    for order in orders:
        for rows in _row_orders(kinds[allocation.grid]):
            grid = _packed(allocation.grid[list(rows)], kinds, hosts, order)
            candidate = Allocation(grid, allocation.layers)
            count = _runs(problem, candidate, order)
            if count < fewest and costs_the_same(problem, allocation, candidate):
                best, best_order, fewest = candidate, order, count
    return best, best_order


def costs_the_same(problem: AllocationProblem, first: Allocation, second: Allocation) -> bool:
    """Whether two allocations have the same cost, up to rounding; one that is not allowed has none."""
    try:
        costs = problem.judge(first).total_s, problem.judge(second).total_s
    except InvalidCandidate:
        return False
    return abs(costs[0] - costs[1]) <= TOLERANCE * max(*costs, 1e-300)


def _runs(problem: AllocationProblem, allocation: Allocation, order: Order) -> int:
    return len(agents_of(ranks(problem, allocation, order)))


def _kinds(problem: AllocationProblem) -> NDArray[np.int64]:
    """A number for each device: devices of one number may change places, as they cost the same and share a site."""
    pairs = list(zip(interchangeable(problem.dp_pair_s, problem.pp_pair_s), problem.topology.site_of, strict=True))
    number = {pair: index for index, pair in enumerate(dict.fromkeys(pairs))}
    return np.array([number[pair] for pair in pairs], dtype=np.int64)


def _row_orders(kinds: Grid) -> Iterator[tuple[int, ...]]:
    """Orders of the rows to try: as they are, sorted by each column, and all of them where they are few."""
    d, k = kinds.shape
    yield tuple(range(d))
    for column in range(k):
        keys = np.roll(kinds, -column, axis=1).tolist()
        yield tuple(sorted(range(d), key=lambda row, keys=keys: keys[row]))  # type: ignore[misc]
    if d <= ALL_ROWS_UP_TO:
        yield from permutations(range(d))


def _packed(grid: Grid, kinds: NDArray[np.int64], hosts: list[str], order: Order) -> Grid:
    """The grid with interchangeable devices handed out so that runs of their kind are filled host by host."""
    line = (grid.T if order == "dp-pp" else grid).reshape(-1)
    kind_of = kinds[line]
    borders = [0, *(np.flatnonzero(np.diff(kind_of)) + 1).tolist(), len(line)]
    spans = list(pairwise(borders))
    filled = line.copy()
    for kind in set(kind_of.tolist()):
        devices: dict[str, list[int]] = {}
        for device in sorted(line[kind_of == kind].tolist()):
            devices.setdefault(hosts[device], []).append(device)
        own = sorted((span for span in spans if kind_of[span[0]] == kind), key=lambda span: span[0] - span[1])
        later = []
        for start, end in own:
            chosen = _exact(Counter({host: len(left) for host, left in devices.items()}), end - start)
            if chosen is None:
                later.append((start, end))
            else:
                filled[start:end] = [device for host in chosen for device in devices.pop(host)]
        for start, end in later:
            filled[start:end] = _take(devices, end - start)
    d, k = grid.shape
    return filled.reshape(k, d).T.copy() if order == "dp-pp" else filled.reshape(d, k)


def _exact(sizes: Counter[str], length: int) -> list[str] | None:
    """Hosts whose sizes add up to a length, in their order; None if there are none."""
    reached: dict[int, list[str]] = {0: []}
    for host, size in sizes.items():
        for total, chosen in list(reached.items()):
            if size and total + size <= length and total + size not in reached:
                reached[total + size] = [*chosen, host]
    return reached.get(length)


def _take(devices: dict[str, list[int]], length: int) -> list[int]:
    """So many devices, whole hosts first, the largest that fit; the last host is split."""
    taken: list[int] = []
    while len(taken) < length:
        left = length - len(taken)
        fitting = [host for host in devices if len(devices[host]) <= left]
        host = max(fitting or devices, key=lambda host: len(devices[host]))
        part, rest = devices[host][:left], devices[host][left:]
        taken += part
        devices[host] = rest
        if not rest:
            del devices[host]
    return taken
