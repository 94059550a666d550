"""Megatron-LM's rank order: what a launch gets that hands its hosts to Megatron and changes nothing.

Source: Megatron-LM's `parallel_state`, order "tp-cp-ep-dp-pp", with and without `--use-tp-pp-dp-mapping`. With tensor
and context parallelism of 1, `rank = dp + DP·pp` (the ranks of a stage are consecutive) or `rank = pp + PP·dp` (the
ranks of a pipeline are). Ranks follow the host list, so a list in site order and a shuffled one are two baselines.
One evaluation, wired as ranked: no matching and no ordering. Hosts beyond the grid are spares.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from tasklet_bench.problems.allocation import Allocation, AllocationProblem
from tasklet_bench.strategies.parameters import parameter
from tasklet_bench.strategies.run import Run
from tasklet_bench.strategies.shared.rules import refuse_rules
from tasklet_bench.strategies.strategy import Strategy


@dataclass(frozen=True)
class Megatron(Strategy):
    """Rank the devices in the order of the host list and place them as Megatron-LM does."""

    name = "megatron"
    families = ("allocation", "iteration-time")
    order: Literal["tp-dp-pp", "tp-pp-dp"] = parameter(
        "tp-dp-pp", "which ranks are consecutive: a stage's, a pipeline's"
    )
    hosts: Literal["sites", "shuffled"] = parameter("sites", "the order of the host list")

    @property
    def deterministic(self) -> bool:  # type: ignore[override]  # it depends on a parameter
        """A host list in site order leaves nothing to the seed."""
        return self.hosts == "sites"

    def search(self, problem: AllocationProblem, run: Run, rng: np.random.Generator) -> None:
        """Evaluate the one grid that the rank order gives."""
        refuse_rules(self.name, problem.formal)
        ranks = problem.formal.available
        if self.hosts == "shuffled":
            ranks = rng.permutation(ranks)
        d, k, n = problem.shape.data_parallel, problem.shape.pipeline_parallel, problem.topology.n_devices
        ranks = ranks[: d * k]
        grid = ranks.reshape(k, d).T if self.order == "tp-dp-pp" else ranks.reshape(d, k)
        run.evaluate(problem.of_formal(Allocation(grid, None, n)))
