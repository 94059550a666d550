"""Mt-KaHyPar's process mapping: the devices, by their links, onto the line of the stages.

Source: Heuer, "A direct k-way hypergraph partitioning algorithm for optimizing the Steiner tree metric", ALENEX 2024,
through the package mtkahypar (MIT licence), the extra `mtkahypar`. `map_onto_graph` places the nodes of one graph on
those of another such that weight times distance is least, summed over the edges.

Adapted: the graph is the devices with their links, the target the pipeline, a line of K stages, so that devices with
heavy links come into the same stage or into neighbouring ones. Weights are ranks of seconds, by turns of cheap gradient
links and of dear activation links. The other way round, tasklets onto a graph of N devices, is what such a tool is made
for, and takes it 6 CPU seconds for one mapping of 64 tasklets, of which each seed gives the same. Groups are balanced
afterwards; stages are ordered and wired by the problem.

One evaluation costs one mapping (0.04 CPU seconds at 64 devices), in one thread, and one score.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.allocation import AllocationProblem
from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.strategies.parameters import parameter
from tasklet_bench.strategies.run import Run
from tasklet_bench.strategies.strategy import Strategy
from tasklet_bench.strategies.third_party.graphs import Adjacency, ranked_links
from tasklet_bench.strategies.third_party.library import require_library

MOST_DEVICES = 1024
MOST_STAGES = 64
"""Mt-KaHyPar's own limit for the target of a mapping."""
_IMBALANCE = 0.03
_LARGEST_SUM = 2**24
"""Weights times the longest distance are added up in 32 bits."""


@dataclass(frozen=True)
class MtKahypar(Strategy):
    """Raises `BadInput` where the package mtkahypar is not installed."""

    name = "mtkahypar"
    preset: Literal["default", "quality", "deterministic"] = parameter("quality", "Mt-KaHyPar's preset")
    starts: int = parameter(16, "seeds for each of the two kinds of weights", low=1, high=256, log=True, at_least=1)

    def __post_init__(self) -> None:
        super().__post_init__()
        require_library(self.name, "mtkahypar", "mtkahypar")

    def prepare(self) -> None:
        """Import Mt-KaHyPar."""
        import mtkahypar  # noqa: F401

    def search(self, problem: AllocationProblem, run: Run, rng: np.random.Generator) -> None:
        """Map, repair and score, by turns for compact groups and for compact pipelines."""
        n, stages = problem.shape.n_devices, problem.shape.pipeline_parallel
        for of, result, most in (("devices", n, MOST_DEVICES), ("stages", stages, MOST_STAGES)):
            if result > most:
                raise BadInput.at(f"strategy {self.name}", of, result, f"at most {most}")
        if stages in (1, n):
            run.evaluate(np.arange(n) % stages)
            return
        orders = (-problem.dp_pair_s, problem.pp_pair_s)
        graphs = [Adjacency.of_matrix(ranked_links(order, _LARGEST_SUM)) for order in orders]
        for _ in range(self.starts):
            seed = int(rng.integers(2**31))
            for graph in graphs:
                if run.exhausted:
                    return
                run.evaluate(problem.decision.balance(self._map(graph, stages, seed)))

    def _map(self, graph: Adjacency, stages: int, seed: int) -> NDArray[np.int64]:
        """The stage of each device, `(N,)`; sizes differ by a few per cent."""
        import mtkahypar

        initialiser = _initialiser(os.getpid())
        mtkahypar.set_seed(seed)
        context = initialiser.context_from_preset(getattr(mtkahypar.PresetType, self.preset.upper()))
        context.logging = False
        context.set_mapping_parameters(stages, _IMBALANCE)
        n, edges = len(graph.starts) - 1, graph.edges
        devices = initialiser.create_graph(context, n, len(edges), edges, [1] * n, graph.edge_weights)
        line = [(stage, stage + 1) for stage in range(stages - 1)]
        target = initialiser.create_target_graph(context, stages, len(line), line, [1] * len(line))
        return np.asarray(devices.map_onto_graph(target, context).get_partition(), dtype=np.int64)


@cache
def _initialiser(process: int) -> Any:  # noqa: ARG001 - threads do not survive a fork, so each process has its own
    import mtkahypar

    return mtkahypar.initialize(1, print_warnings=False)
