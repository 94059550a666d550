"""All graphs on a few devices, with a proof: for tiny mixing graphs."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tasklet_bench.strategies.strategy import Strategy

if TYPE_CHECKING:
    import numpy as np

    from tasklet_bench.problems.mixing_graph import MixingGraphProblem
    from tasklet_bench.strategies.run import Run

AT_ONCE = 4096
"""Graphs between two looks at the budget."""


@dataclass(frozen=True)
class GraphEnumeration(Strategy):
    """Every graph of up to six devices is scored; larger instances get one random graph."""

    name = "graph-enumeration"
    families = ("mixing-graph",)
    deterministic = True

    def prepare(self) -> None:
        """Load the compiled scan, by the graphs of two devices."""
        import numpy as np

        from tasklet_bench.problems.mixing_graph.arrays import Arrays
        from tasklet_bench.problems.mixing_graph.enumeration import scan

        links, ones = np.full((2, 2), 1.0), np.ones(2)
        scan(Arrays(2, np.array([0.5]), ones, ones, ones, links, links), 0, 2, np.inf)

    def search(self, problem: MixingGraphProblem, run: Run, rng: np.random.Generator) -> None:
        """Score graphs in the order of their numbers; after the last one, the best is optimal."""
        from tasklet_bench.problems.mixing_graph.enumeration import MOST_DEVICES, edges_of, n_graphs, scan

        incumbent = problem.random(rng)
        best_s = run.evaluate(incumbent)
        if problem.n_devices > MOST_DEVICES:
            return
        done, last, undecided = 0, n_graphs(problem.n_devices), False
        while done < last and not run.exhausted:
            left = run.remaining.evaluations
            following = min(last, done + min(AT_ONCE, AT_ONCE if left is None else left))
            code, period_s, doubtful = scan(problem.arrays, done, following, best_s)
            if code >= 0:
                incumbent, best_s = edges_of(int(code), problem.n_devices), float(period_s)
            undecided = undecided or bool(doubtful)
            best_s = run.submit(incumbent, following - done)
            done = following
        if done == last and not undecided and math.isfinite(best_s):
            run.bound(best_s)
