"""All orders of a few devices, with a proof: for tiny instances of gossip."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice, permutations
from typing import TYPE_CHECKING

from tasklet_bench.strategies.strategy import Strategy

if TYPE_CHECKING:
    import numpy as np

    from tasklet_bench.problems.gossip import GossipProblem
    from tasklet_bench.strategies.run import Run

MOST_ORDERS = 40_320
"""Orders that are scored at most: those of eight devices, of nine where any rank may be the first device's."""
AT_ONCE = 1000
"""Orders between two looks at the budget."""


@dataclass(frozen=True)
class OrderEnumeration(Strategy):
    """Every order of up to eight or nine devices is scored; larger instances get their baselines."""

    name = "order-enumeration"
    families = ("gossip",)
    deterministic = True

    def prepare(self) -> None:
        """Load the compiled period."""
        from tasklet_bench.strategies.gossip_embedding.warming import load

        load()

    def search(self, problem: GossipProblem, run: Run, rng: np.random.Generator) -> None:  # noqa: ARG002 - no draws
        """Score the baselines, then all orders; after the last one, the best is optimal."""
        import numpy as np

        best, best_s = None, np.inf
        for order in problem.starts().values():
            if run.exhausted:
                return
            if (order_s := run.evaluate(order)) < best_s:
                best, best_s = order, order_s
        fixed = 1 if looks_alike_from_every_rank(problem) else 0
        rest = range(fixed, problem.schedule.n_ranks)
        if np.prod(np.arange(1.0, len(rest) + 1.0)) > MOST_ORDERS:
            return
        orders = permutations(rest)
        while not run.exhausted:
            left = run.remaining.evaluations
            some = list(islice(orders, AT_ONCE if left is None else min(AT_ONCE, left)))
            if not some:
                run.bound(best_s)
                return
            for tail in some:
                order = np.array((*range(fixed), *tail))
                if (order_s := problem.cost(order).total_s) < best_s:
                    best, best_s = order, order_s
            run.submit(best, len(some))


def looks_alike_from_every_rank(problem: GossipProblem) -> bool:
    """Whether any order has one of the same cost with device 0 on rank 0: by turning, or by xor in a cube."""
    mixing = problem.options.mixing
    turned = mixing == "ring" and not problem.multipliers.std(axis=0).any()
    return turned or mixing in ("complete", "one-peer-exp")
