"""Every partition of a few devices: the proven optimum of small problems, whatever their links are like.

Enumerates partitions group by group in compiled code and leaves out what cannot beat the incumbent
(`strategies.enumeration.search`). It starts from descents of swaps out of fixed partitions, as a good incumbent
spares most of the work. One evaluation is one proposal of a descent, or one partition that the enumeration completed.

Spares are enumerated too: of N devices every choice of D·K.

What is out of reach is refused: the number of partitions N!/((N-D·K)!·D!^K·K!) may be at most `MOST_PARTITIONS`, that
of groups at most `MOST_GROUPS`, and K at most 12, so that the best order is exact. A budget that ends too soon leaves
the best partition met so far, and no bound.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import comb, factorial

import numpy as np

from tasklet_bench.problems.allocation import AllocationProblem
from tasklet_bench.problems.allocation.cost_model import EXACT_ORDER_GROUPS
from tasklet_bench.problems.tolerances import ROUNDED_DOWN
from tasklet_bench.problems.workload import Shape
from tasklet_bench.strategies.run import Run
from tasklet_bench.strategies.shared.rules import refuse_rules
from tasklet_bench.strategies.strategy import Strategy

MOST_PARTITIONS = 3_000_000_000
MOST_GROUPS = 1_000_000
_STARTS = 20
_AT_ONCE = 20_000


@dataclass(frozen=True)
class ExactSmall(Strategy):
    """Enumerate all partitions; raises `ValueError`, with the sizes, where they are too many."""

    name = "exact-small"
    deterministic = True

    def prepare(self) -> None:
        """Load the compiled code for ranks of one and of two bytes."""
        from tasklet_bench.strategies.enumeration import search as exact_small
        from tasklet_bench.strategies.shared import swap_descent as descent

        descent.load()
        exact_small.load()

    def search(self, problem: AllocationProblem, run: Run, rng: np.random.Generator) -> None:  # noqa: ARG002 - nothing is drawn
        """Enumerate until nothing is left, then report the incumbent as its own bound."""
        from tasklet_bench.problems.allocation import bounds
        from tasklet_bench.problems.allocation.kernels import pack
        from tasklet_bench.strategies.enumeration.search import advance, new_groups, new_search

        refuse_rules(self.name, problem)
        check_reach(problem.shape, len(problem.available))
        labels, cost_s = _start(problem, run)
        ready = pack(problem)
        groups = new_groups(ready)
        search = new_search(ready, groups, labels, cost_s, problem.rules.exclude)
        pipeline_least_s = bounds.pipeline(problem.pp_pair_s, problem.shape)
        while search.depth[0] >= 0:
            left = run.remaining.evaluations
            most = _AT_ONCE if left is None else min(_AT_ONCE, left)
            complete = advance(ready, groups, search, pipeline_least_s, most)
            run.submit(search.labels.copy(), complete)
            if run.exhausted and search.depth[0] >= 0:
                return
        run.bound(search.best_s[0] * ROUNDED_DOWN)


def n_partitions(shape: Shape, n_devices: int) -> int:
    """How many partitions into K unordered groups of D there are, over all choices of D·K devices."""
    d, k = shape.data_parallel, shape.pipeline_parallel
    return int(comb(n_devices, d * k) * factorial(d * k) // (factorial(d) ** k * factorial(k)))


def check_reach(shape: Shape, n_devices: int | None = None) -> None:
    """Raise `ValueError`, naming the sizes, where enumeration is out of reach.

    Of more than D·K devices every choice of them counts.
    """
    d, k, n = shape.data_parallel, shape.pipeline_parallel, n_devices or shape.n_devices
    for what, result, most in (
        ("groups to put in order", k, EXACT_ORDER_GROUPS),
        ("partitions", n_partitions(shape, n), MOST_PARTITIONS),
        ("possible groups", comb(n, d), MOST_GROUPS),
    ):
        if result > most:
            raise ValueError(f"exact-small: {shape} has {result:.3g} {what}, expected at most {most:.3g}")


def _start(problem: AllocationProblem, run: Run) -> tuple[np.ndarray[tuple[int], np.dtype[np.int64]], float]:
    """The best of a few descents, which take at most half of the evaluations, with its cost (in seconds)."""
    from tasklet_bench.strategies.shared.swap_descent import descend

    rng = np.random.default_rng(0)
    best = np.full(problem.n_devices, len(problem.group_sizes))
    best[problem.available[: problem.shape.n_devices]] = np.repeat(
        np.arange(len(problem.group_sizes)), problem.group_sizes
    )
    best_s = run.evaluate(best)
    for _ in range(_STARTS):
        left = run.remaining.evaluations
        most = 10_000 if left is None else left // 2
        if run.exhausted or most < 1:
            break
        labels, spent = descend(problem, problem.random(rng), rng, most)
        cost_s = run.submit(labels, spent)
        if cost_s < best_s:
            best, best_s = labels, cost_s
    return best, best_s
