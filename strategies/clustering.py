"""Hierarchical clustering: find the sites in the links instead of reading them, and lay the groups along the tree.

Source: agglomerative clustering, as in SciPy's `cluster.hierarchy`; balanced by cutting the tree's leaves, not the
tree. Devices that are close stand next to each other along the leaves. Cut into runs, the leaves give compact groups,
clustered by what gradients pay; dealt round the groups, they give groups of the same make-up, clustered by what
activations pay. Both are scored, so there are two evaluations, at O(N²) each before the score. Nothing is drawn.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from problems.allocation import AllocationProblem
from problems.allocation.structure import aligned
from strategies.run import Run
from strategies.strategy import Strategy


@dataclass(frozen=True)
class Clustering(Strategy):
    """Parameter: `linkage`, how far apart two clusters are (their nearest, mean or farthest pair)."""

    name = "clustering"
    deterministic = True
    linkage: Literal["single", "average", "complete"] = "average"

    def prepare(self) -> None:
        """Import SciPy's clustering."""
        import scipy.cluster.hierarchy  # noqa: F401

    def search(self, problem: AllocationProblem, run: Run, rng: np.random.Generator) -> None:  # noqa: ARG002 - nothing is drawn
        """Evaluate compact groups, then dealt ones."""
        sizes = problem.group_sizes
        labels = np.empty(sum(sizes), dtype=np.int64)
        labels[self._leaves(problem.dp_pair_s)] = np.repeat(np.arange(len(sizes)), sizes)
        run.evaluate(labels.copy())
        labels[self._leaves(problem.pp_pair_s)] = aligned(sizes)
        if not run.exhausted:
            run.evaluate(labels)

    def _leaves(self, pair_s: NDArray[np.float64]) -> NDArray[np.intp]:
        """The devices along the leaves of the tree over their distances `(N, N)`."""
        from scipy.cluster.hierarchy import leaves_list, linkage

        if len(pair_s) < 2:
            return np.arange(len(pair_s))
        tree = linkage(pair_s[np.triu_indices(len(pair_s), k=1)], self.linkage)
        return np.asarray(leaves_list(tree), dtype=np.intp)
