"""Every shape and every order of a few devices: the proven optimum of small instances of tensor parallelism.

Shapes come by rising lower bound and are enumerated rank by rank (`strategies.shape_enumeration.search`); those whose
bound is no better than the incumbent are left out. A grid search on the host order gives the first incumbent. One
evaluation is one order that was completed, or one shape of the grid search. What is out of reach is refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import perm
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.tolerances import ROUNDED_DOWN
from tasklet_bench.strategies.strategy import Strategy

if TYPE_CHECKING:
    from tasklet_bench.problems.pipeline_model.devices import Devices
    from tasklet_bench.problems.tensor_parallel import TensorParallelProblem
    from tasklet_bench.strategies.run import Run

MOST_DEVICES = 12
MOST_ORDERS = 3_000_000_000
_AT_ONCE = 200_000
"""Ranks that are filled before the clock is looked at again."""


@dataclass(frozen=True)
class ShapeEnumeration(Strategy):
    """Enumerate all candidates; raises `ValueError`, with the numbers, where they are too many."""

    name = "shape-enumeration"
    families = ("tensor-parallel",)
    deterministic = True

    def prepare(self) -> None:
        """Load the compiled code by a run on two devices."""
        from tasklet_bench.strategies.shape_enumeration.loading import load

        load()

    def search(self, problem: TensorParallelProblem, run: Run, rng: np.random.Generator) -> None:  # noqa: ARG002 - nothing is drawn
        """Enumerate until nothing is left, then report the incumbent as its own bound."""
        from tasklet_bench.problems.tensor_parallel.bound import least_steps
        from tasklet_bench.strategies.shape_enumeration.search import advance, new_search

        check_reach(problem)
        whole, real = problem.table
        devices = problem.devices
        number, order, best_s = _start(problem, run)
        before = class_mates(devices)
        floors_s = least_steps(problem.table, problem.model, devices)
        parts_s = np.empty(5)
        for shape in np.argsort(problem.shape_bounds, kind="stable"):
            if problem.shape_bounds[shape] >= best_s:
                break
            search = new_search(whole[shape], before, floors_s[shape] * ROUNDED_DOWN, order, best_s)
            while search.place[0] >= 0:
                if run.exhausted:
                    return
                left = run.remaining.evaluations
                most = _AT_ONCE if left is None else min(_AT_ONCE, left)
                complete = int(advance(whole[shape], real[shape], *problem.world, search, parts_s, most))
                if search.best_s[0] < best_s:
                    number, order, best_s = int(shape), search.best.copy(), float(search.best_s[0])
                run.submit((np.array([number]), order), complete)
        run.bound(best_s * ROUNDED_DOWN)


def check_reach(problem: TensorParallelProblem) -> None:
    """Raise `ValueError`, naming the numbers, where enumeration is out of reach."""
    n = problem.devices.n_devices
    orders = sum(perm(n, shape.devices) for shape in problem.shapes) if n <= MOST_DEVICES else 0
    for what, result, most in (("devices", n, MOST_DEVICES), ("orders of all shapes", orders, MOST_ORDERS)):
        if result > most:
            raise ValueError(f"shape-enumeration: {problem.name} has {result:.3g} {what}, expected at most {most:.3g}")


def class_mates(devices: Devices) -> NDArray[np.int64]:
    """For each device the next lower one that no cost can tell from it, or −1, shape `(N,)`."""
    n = devices.n_devices
    before = np.full(n, -1)
    for device in range(n):
        for lower in range(device - 1, -1, -1):
            if _alike(devices, lower, device):
                before[device] = lower
                break
    return before


def _alike(devices: Devices, a: int, b: int) -> bool:
    """Whether swapping two devices leaves speeds, memories, host links and all links as they are."""
    rates = (devices.flops, devices.memory_bytes, devices.host_link_bytes_s)
    if any(rate[a] != rate[b] for rate in rates):
        return False
    others = np.ones(devices.n_devices, dtype=bool)
    others[[a, b]] = False
    return all(
        bool((m[a, others] == m[b, others]).all() and (m[others, a] == m[others, b]).all() and m[a, b] == m[b, a])
        for m in (devices.delay_s, devices.bandwidth_bytes_s)
    )


def _start(problem: TensorParallelProblem, run: Run) -> tuple[int, NDArray[np.int64], float]:
    """The best shape on the host order, or the first if the budget is too small for all."""
    from tasklet_bench.problems.tensor_parallel.starts import search_grid

    left = run.remaining.evaluations
    order = np.arange(problem.devices.n_devices)
    if left is not None and left < len(problem.shapes):
        candidate = (np.array([int(problem.shape_bounds.argmin())]), order)
        return int(candidate[0][0]), order, run.evaluate(candidate)
    candidate = search_grid(problem, order)
    return int(candidate[0][0]), order, run.submit(candidate, len(problem.shapes))
