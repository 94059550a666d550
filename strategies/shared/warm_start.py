"""What the exact solvers begin with: simple allocations, a short annealing, a descent of swaps."""

from __future__ import annotations

from contextlib import suppress

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.strategies.run import BudgetExhausted
from tasklet_bench.strategies.shared.incumbent import Incumbent

MOST_SWAPS = 100_000
"""Proposals of the descent, and of the annealing."""
_SWAPS_AT_ONCE = 10_000
"""Some milliseconds' worth, after which the descent looks at the clock."""
_ANNEALING = 0.2
"""Share of what is left of the budget that the annealing may take."""


def simple(incumbent: Incumbent, class_of: NDArray[np.intp]) -> None:
    """Two simple allocations of devices in the order of their classes: dealt in turn, and in blocks."""
    problem, shape = incumbent.problem, incumbent.problem.shape
    by_class, position = np.argsort(class_of, kind="stable"), np.arange(shape.n_devices)
    used = by_class[np.isin(by_class, problem.available)][: shape.n_devices]
    for stages in (position % shape.pipeline_parallel, position // shape.data_parallel):
        labels = np.full(problem.n_devices, shape.pipeline_parallel)
        labels[used] = stages
        incumbent.offer(problem.decision.balance(labels) if problem.rules else labels, evaluations=1)


def load(warm: str) -> None:
    """Load the compiled searches that `improve` uses, on two devices."""
    from tasklet_bench.strategies.annealing.strategy import Annealing
    from tasklet_bench.strategies.shared import swap_descent

    swap_descent.load()
    if warm == "annealing":
        Annealing().prepare()


def improve(incumbent: Incumbent, warm: str, rng: np.random.Generator) -> None:
    """Make an incumbent better before a proof begins: by a short annealing if `warm` says so, and by a descent."""
    if warm == "annealing":
        _anneal(incumbent, rng)
    _descend(incumbent, rng)


def _anneal(incumbent: Incumbent, rng: np.random.Generator) -> None:
    """A short annealing, by the strategy of that name."""
    from tasklet_bench.strategies.annealing.strategy import Annealing
    from tasklet_bench.strategies.shared.run_share import Share

    with suppress(BudgetExhausted):
        Annealing().search(incumbent.problem, Share(incumbent.run, _ANNEALING, MOST_SWAPS), rng)
    if incumbent.run.incumbent is not None and not incumbent.run.exhausted:
        incumbent.adopt(incumbent.run.incumbent)


def _descend(incumbent: Incumbent, rng: np.random.Generator) -> None:
    """Improve the incumbent by swaps, with at most half of the evaluations and of the budget."""
    from tasklet_bench.strategies.shared import swap_descent

    run, n = incumbent.run, incumbent.problem.n_devices
    left = run.remaining.evaluations
    wanted = MOST_SWAPS if left is None else min(MOST_SWAPS, left // 2)
    if n * (n - 1) // 2 > MOST_SWAPS:
        return
    while wanted > 0 and run.progress < 0.5:
        at_once = min(wanted, _SWAPS_AT_ONCE)
        labels, spent = swap_descent.descend(incumbent.problem, incumbent.labels, rng, at_once)
        incumbent.offer(labels, spent)
        wanted -= spent
        if spent < at_once:
            return
