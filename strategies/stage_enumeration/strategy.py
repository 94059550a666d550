"""Every decision of a small instance of `swarm`: the proven optimum, whatever the links are like.

Devices get their stages one after the other; interchangeable ones in rising order, as others repeat the same decision.
What is set so far is given up once all further devices together could not make the stages fast enough.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import comb, prod
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.tolerances import ROUNDED_DOWN
from tasklet_bench.strategies.run import Run
from tasklet_bench.strategies.strategy import Strategy

if TYPE_CHECKING:
    from tasklet_bench.problems.swarm import SwarmProblem

MOST_DECISIONS = 500_000_000
_AT_ONCE, _STEPS = 20_000, 200_000


@dataclass(frozen=True)
class StageEnumeration(Strategy):
    """Enumerate all decisions; raises `ValueError`, with their number, where they are too many."""

    name = "stage-enumeration"
    families = ("swarm",)
    deterministic = True

    def prepare(self) -> None:
        """Load the compiled code, by one device."""
        from tasklet_bench.problems.pipeline_model.devices import Devices
        from tasklet_bench.problems.pipeline_model.model import Model
        from tasklet_bench.problems.swarm import SwarmOptions, SwarmProblem
        from tasklet_bench.problems.topology import Site
        from tasklet_bench.strategies.stage_enumeration.search import advance

        one, links = np.ones(1), np.ones((1, 1))
        devices = Devices((Site("a", 1),), one, one, one, one, one, one, links, links)
        problem = SwarmProblem("one device", devices, Model(1, 1, 1, 1, 1), SwarmOptions((1,)))
        advance(problem.pack, new_search(problem, np.zeros(1, dtype=np.int64), np.inf), 1, 1)

    def search(self, problem: SwarmProblem, run: Run, rng: np.random.Generator) -> None:  # noqa: ARG002 - nothing is drawn
        """Enumerate until nothing is left, then report the incumbent as its own bound."""
        from tasklet_bench.strategies.stage_enumeration.search import advance

        check_reach(problem)
        best, best_s = problem.random(np.random.default_rng(0)), np.inf
        for labels in problem.starts().values():
            if run.exhausted:
                return
            if (cost_s := run.evaluate(labels)) < best_s:
                best, best_s = labels, cost_s
        search = new_search(problem, best, best_s)
        while search.depth[0] >= 0:
            left = run.remaining.evaluations
            scored = advance(problem.pack, search, _AT_ONCE if left is None else min(_AT_ONCE, left), _STEPS)
            run.submit(search.best.copy(), scored)
            if run.exhausted and search.depth[0] >= 0:
                return
        run.bound(search.best_s[0] * ROUNDED_DOWN)


def check_reach(problem: SwarmProblem) -> None:
    """Raise `ValueError`, naming the number of decisions, where enumeration is out of reach."""
    k = problem.options.n_stages
    sizes = np.unique(classes(problem), return_counts=True)[1].tolist()
    decisions = prod(comb(size + k, k) for size in sizes)
    if decisions > MOST_DECISIONS:
        raise ValueError(
            f"stage-enumeration: {sum(sizes)} devices of {len(sizes)} kinds in {k} stages have {decisions:.3g} "
            f"decisions, expected at most {MOST_DECISIONS:.3g}"
        )


def classes(problem: SwarmProblem) -> NDArray[np.int64]:
    """A number for each device, equal for those that can change places in any decision at no cost, `(N,)`."""
    devices, capacity = problem.devices, problem.tables.capacity
    absent = problem.options.absent(devices.n_devices)
    names = np.arange(devices.n_devices)
    for j in range(devices.n_devices):
        for i in range(j):
            if names[i] == i and _alike(problem, capacity, absent, i, j):
                names[j] = i
                break
    return names


def _alike(problem: SwarmProblem, capacity: NDArray[np.float64], absent: NDArray[np.bool_], i: int, j: int) -> bool:
    devices = problem.devices
    others = [x for x in range(devices.n_devices) if x not in (i, j)]
    figures = (capacity[:, i] == capacity[:, j]).all() and (absent[:, i] == absent[:, j]).all()
    cards = devices.card_bytes_s[i] == devices.card_bytes_s[j]
    return bool(
        figures
        and cards
        and all(
            matrix[i, j] == matrix[j, i]
            and (matrix[i, others] == matrix[j, others]).all()
            and (matrix[others, i] == matrix[others, j]).all()
            for matrix in (devices.delay_s, devices.bandwidth_bytes_s)
        )
    )


def new_search(problem: SwarmProblem, best: NDArray[np.int64], best_s: float):  # type: ignore[no-untyped-def]
    """An enumeration at its beginning, with what is known already."""
    from tasklet_bench.strategies.stage_enumeration.search import Search

    n, k = problem.devices.n_devices, problem.options.n_stages
    names = classes(problem)
    twin = np.full(n, -1)
    for i in range(n):
        before = np.flatnonzero(names[:i] == names[i])
        twin[i] = before[-1] if before.size else -1
    rest = np.zeros((n + 1, k))
    rest[:n] = np.cumsum(problem.tables.capacity.T[::-1], axis=0)[::-1]
    return Search(
        np.full(n, -1), np.zeros(1, np.int64), twin, rest, np.zeros((n + 1, k)), np.array(best), np.full(1, best_s)
    )
