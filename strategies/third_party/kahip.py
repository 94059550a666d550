"""KaHIP's multilevel partitioner KaFFPa on the links between devices.

Source: Sanders and Schulz, "Think locally, act globally: highly balanced graph partitioning", SEA 2013, through the
package kahip (MIT licence), the extra `kahip`. KaFFPa keeps the cut light, so whatever weighs much stays inside the
groups: cheap gradient links made heavy give compact groups, dear activation links made heavy leave the cheap ones to
the pipeline.

Adapted: weights are ranks of seconds. Asked for perfect balance KaFFPa need not return, so it gets 3 % and the groups
are balanced afterwards. The Python package has no process mapping, which KaHIP's programs have; stages are ordered and
wired by the problem, as for every partition.

One evaluation costs one cut of the complete graph (0.03 CPU seconds at 64 devices and 0.4 at 256; 0.05 and 2 with
`mode=eco`, which cuts lighter), the repair and one score.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from tasklet_bench.problems.allocation import AllocationProblem
from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.strategies.parameters import parameter
from tasklet_bench.strategies.run import Run
from tasklet_bench.strategies.strategy import Strategy
from tasklet_bench.strategies.third_party.graphs import Adjacency, ranked_links
from tasklet_bench.strategies.third_party.library import require_library

MOST_DEVICES = 1024
"""Above, one cut of the complete graph could outlast a budget."""
_IMBALANCE = 0.03
_LARGEST_SUM = 2**30
"""KaFFPa adds weights up in 32 bits."""


@dataclass(frozen=True)
class Kahip(Strategy):
    """Raises `BadInput` where the package kahip is not installed."""

    name = "kahip"
    mode: Literal["fast", "eco", "strong"] = parameter("fast", "how thoroughly KaFFPa cuts")
    starts: int = parameter(16, "seeds for each of the two kinds of weights", low=1, high=256, log=True, at_least=1)

    def __post_init__(self) -> None:
        super().__post_init__()
        require_library(self.name, "kahip", "kahip")

    def prepare(self) -> None:
        """Import KaHIP."""
        import kahip  # noqa: F401

    def search(self, problem: AllocationProblem, run: Run, rng: np.random.Generator) -> None:
        """Cut, repair and score, by turns for compact groups and for compact pipelines."""
        n, groups = problem.shape.n_devices, problem.shape.pipeline_parallel
        if n > MOST_DEVICES:
            raise BadInput.at(f"strategy {self.name}", "devices", n, f"at most {MOST_DEVICES}")
        if groups in (1, n):
            run.evaluate(np.arange(n) % groups)
            return
        orders = (-problem.dp_pair_s, problem.pp_pair_s)
        graphs = [Adjacency.of_matrix(ranked_links(order, _LARGEST_SUM)) for order in orders]
        for _ in range(self.starts):
            seed = int(rng.integers(2**31))
            for graph in graphs:
                if run.exhausted:
                    return
                run.evaluate(problem.decision.balance(self._cut(graph, groups, seed)))

    def _cut(self, graph: Adjacency, groups: int, seed: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        """The group of each device, `(N,)`; sizes differ by a few per cent."""
        import kahip

        mode = {"fast": kahip.FAST, "eco": kahip.ECO, "strong": kahip.STRONG}[self.mode]
        weights, starts, neighbours = (part.tolist() for part in (graph.weights, graph.starts, graph.neighbours))
        devices = [1] * (len(starts) - 1)
        _, result = kahip.kaffpa(devices, starts, weights, neighbours, groups, _IMBALANCE, True, seed, mode)
        return np.asarray(result, dtype=np.int64)
