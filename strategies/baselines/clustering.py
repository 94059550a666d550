"""Hierarchical clustering: find the sites in the links instead of reading them, and lay the groups along the tree.

Source: agglomerative clustering, as in SciPy's `cluster.hierarchy`; `shared.known_partitions` says how groups are
made of it. Compact groups and dealt ones are scored, so there are two evaluations, at O(N²) each before the score.
Nothing is drawn.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tasklet_bench.problems.allocation import AllocationProblem
from tasklet_bench.strategies.run import Run
from tasklet_bench.strategies.shared.known_partitions import Linkage, load, of_clusters
from tasklet_bench.strategies.strategy import Strategy


@dataclass(frozen=True)
class Clustering(Strategy):
    """Parameter: `linkage`, how far apart two clusters are (their nearest, mean or farthest pair)."""

    name = "clustering"
    deterministic = True
    linkage: Linkage = "average"

    def prepare(self) -> None:
        """Import SciPy's clustering."""
        load()

    def search(self, problem: AllocationProblem, run: Run, rng: np.random.Generator) -> None:  # noqa: ARG002 - nothing is drawn
        """Evaluate compact groups, then dealt ones."""
        for labels in of_clusters(problem, self.linkage):
            if not run.exhausted:
                run.evaluate(labels)
