"""Hierarchical clustering: find the sites in the links instead of reading them, and lay the groups along the tree.

Source: agglomerative clustering, as in SciPy's `cluster.hierarchy`; `problems.allocation.starts` says how
groups are made of it. Compact groups and dealt ones are scored, so there are two evaluations, at O(N²) each before the
score. Nothing is drawn.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tasklet_bench.problems.allocation import AllocationProblem
from tasklet_bench.problems.allocation.starts import Linkage, compact_groups, dealt_groups, keep_rules
from tasklet_bench.strategies.parameters import parameter
from tasklet_bench.strategies.run import Run
from tasklet_bench.strategies.strategy import Strategy


@dataclass(frozen=True)
class Clustering(Strategy):
    """Compact groups for the gradients, and dealt ones for the activations."""

    name = "clustering"
    deterministic = True
    linkage: Linkage = parameter("average", "how far apart two clusters are: by their nearest, mean or farthest pair")

    def prepare(self) -> None:
        """Import SciPy's clustering."""
        import scipy.cluster.hierarchy  # noqa: F401

    def search(self, problem: AllocationProblem, run: Run, rng: np.random.Generator) -> None:  # noqa: ARG002 - nothing is drawn
        """Evaluate compact groups, then dealt ones."""
        run.evaluate(keep_rules(problem, compact_groups(problem, self.linkage)))
        if not run.exhausted:
            run.evaluate(keep_rules(problem, dealt_groups(problem, self.linkage)))
