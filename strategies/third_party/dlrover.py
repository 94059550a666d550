"""DLRover's re-ranking: hosts of one switch get consecutive ranks, and Megatron-LM lays the ranks out.

Source: DLRover's `DpTopologySorter` (intelligent-machine-learning/dlrover, Apache-2.0; the rule is written anew).
Nodes come up in any order. The groups of the network, nodes below one access switch, are then put behind each other:
first the group of rank 0, then the others in the order in which their first node came up; within a group nodes stay as
they came.

Adapted: the groups are the declared sites; the order in which hosts come up is drawn. What follows is Megatron-LM's
grid of these ranks, wired as ranked, as in `megatron`. One evaluation.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.allocation import Allocation, AllocationProblem
from tasklet_bench.problems.topology import site_index
from tasklet_bench.strategies.parameters import parameter
from tasklet_bench.strategies.run import Run
from tasklet_bench.strategies.strategy import Strategy


@dataclass(frozen=True)
class DLRoverRerank(Strategy):
    """Bring the hosts of each site together, in the order in which they come up, and rank them."""

    name = "dlrover-rerank"
    families = ("allocation", "iteration-time")
    order: Literal["tp-dp-pp", "tp-pp-dp"] = parameter(
        "tp-dp-pp", "which ranks are consecutive: a stage's, a pipeline's"
    )

    def search(self, problem: AllocationProblem, run: Run, rng: np.random.Generator) -> None:
        """Evaluate the one grid that the ranks give."""
        ranks = group_in_order(rng.permutation(problem.shape.n_devices), site_index(problem.sites))
        d, k = problem.shape.data_parallel, problem.shape.pipeline_parallel
        grid = ranks.reshape(k, d).T if self.order == "tp-dp-pp" else ranks.reshape(d, k)
        run.evaluate(problem.of_formal(Allocation(grid)))


def group_in_order(devices: NDArray[np.int64], group_of: NDArray[np.int64]) -> NDArray[np.int64]:
    """`devices`, `(N,)`, group by group: groups by their first device, devices of a group in the order given."""
    groups = group_of[devices]
    _, first, group = np.unique(groups, return_index=True, return_inverse=True)
    return devices[np.argsort(first[group], kind="stable")]
