"""Simulated annealing on partitions in a fixed order of stages: the one to beat.

Source: Kirkpatrick, Gelatt and Vecchi, "Optimization by simulated annealing", Science 220, 1983; the moves and the
guide that smooths the plateaus of bottlenecks are this project's. A move lets two devices that are not interchangeable
change places, or turns a segment of stages round, and is scored by the kernels' ordered state: one evaluation is one
such proposal and costs a few matchings, no path. The best labels of each slice are handed in, and score at their best
order.

Temperatures fall geometrically over the budget, in units of what a random swap changes at the start; after each restart
they begin anew, from other labels.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from problems.allocation import Allocation, AllocationProblem
from strategies.run import Run
from strategies.strategy import Strategy

if TYPE_CHECKING:
    from numpy.typing import NDArray

PROBES = 100
"""Swaps that are tried to find the scale of temperatures; a tenth of the budget at most."""
SLICES = 200
"""Temperatures over a budget of evaluations."""
DEVICES_PER_SLICE = 60_000
"""Under a budget of seconds, a slice has so many proposals over N: some milliseconds."""


@dataclass(frozen=True)
class Annealing(Strategy):
    """Parameters: first and last temperature (in mean changes), share of reversals, share of the guide, coolings."""

    name = "annealing"
    hot: float = field(default=0.3, metadata={"low": 0.03, "high": 3.0, "log": True})
    cold: float = field(default=0.015, metadata={"low": 0.001, "high": 0.3, "log": True})
    reversals: float = field(default=0.1, metadata={"low": 0.0, "high": 0.5})
    credit: float = field(default=1.0, metadata={"low": 0.0, "high": 1.0})
    coolings: int = field(default=1, metadata={"low": 1, "high": 16, "log": True})

    def __post_init__(self) -> None:
        if not 0 < self.cold <= self.hot:
            raise ValueError(f"cold is {self.cold} and hot {self.hot}, expected 0 < cold <= hot")
        for name in ("reversals", "credit"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name} is {getattr(self, name)}, expected a share from 0 to 1")
        if self.coolings < 1:
            raise ValueError(f"coolings is {self.coolings}, expected at least 1")

    def prepare(self) -> None:
        """Load the compiled walk for every type of ranks."""
        from problems.allocation import kernels
        from problems.allocation.kernels.ranks import RANK_TYPES, pack_matrices
        from strategies.compiled.annealing import mean_rise_s, walk

        pair_s, labels, kind = np.array([[0.0, 1.0], [1.0, 0.0]]), np.arange(2), np.zeros(2, dtype=np.int64)
        for rank_type in RANK_TYPES:
            pack = pack_matrices(pair_s, pair_s, 1, 2, rank_type)
            state = kernels.new_state(pack)
            kernels.order_labels(pack, labels)
            kernels.start(pack, state, labels)
            rng = np.random.default_rng(0)
            mean_rise_s(pack, state, kind, rng, self.credit, 1)
            walk(pack, state, kind, rng, 1.0, self.credit, self.reversals, 1, np.inf, labels)

    def search(self, problem: AllocationProblem, run: Run, rng: np.random.Generator) -> None:
        """Cool down over the budget, `coolings` times."""
        from problems.allocation.structure import interchangeable

        kind = interchangeable(problem.dp_pair_s, problem.pp_pair_s)
        labels = _start(problem, run, rng)
        run.evaluate(labels)
        if problem.shape.pipeline_parallel == 1 or kind.max() == 0:
            return  # every allocation costs the same
        for cooling in range(self.coolings):
            if run.exhausted:
                return
            self._cool(problem, run, rng, kind, labels, cooling)
            labels = problem.random(rng)

    def _cool(
        self,
        problem: AllocationProblem,
        run: Run,
        rng: np.random.Generator,
        kind: NDArray[np.int64],
        labels: NDArray[np.int64],
        cooling: int,
    ) -> None:
        from problems.allocation import kernels
        from strategies.compiled.annealing import mean_rise_s, walk

        pack = kernels.pack(problem)
        state = kernels.new_state(pack)
        best = labels.copy()
        kernels.order_labels(pack, best)
        best_s = kernels.start(pack, state, best)
        unit_s, spent = mean_rise_s(pack, state, kind, rng, self.credit, _at_most(PROBES, run, share=0.1))
        while run.progress < (cooling + 1) / self.coolings and not run.exhausted:
            share = run.progress * self.coolings - cooling
            temperature_s = unit_s * self.hot * (self.cold / self.hot) ** share
            wanted = _at_most(_slice(problem, run), run, less=spent)
            if wanted <= 0:
                run.submit(best, spent)
                return
            done, best_s = walk(
                pack, state, kind, rng, temperature_s, self.credit, self.reversals, wanted, best_s, best
            )
            run.submit(best, spent + done)
            spent = 0


def _start(problem: AllocationProblem, run: Run, rng: np.random.Generator) -> NDArray[np.int64]:
    """Where the user starts from, or random labels."""
    if run.incumbent is None:
        return problem.random(rng)
    return run.incumbent.labels if isinstance(run.incumbent, Allocation) else np.array(run.incumbent, dtype=np.int64)


def _slice(problem: AllocationProblem, run: Run) -> int:
    """Proposals at one temperature: a share of the evaluations left, and no more than some milliseconds' worth."""
    timed = max(1, DEVICES_PER_SLICE // problem.shape.n_devices)
    left = run.remaining.evaluations
    return timed if left is None else min(timed, max(1, left // SLICES))


def _at_most(wanted: int, run: Run, *, less: int = 0, share: float = 1.0) -> int:
    """So many evaluations, or what is left of the budget after `less` of them (a share of it)."""
    left = run.remaining.evaluations
    return wanted if left is None else min(wanted, int(share * (left - less)))
