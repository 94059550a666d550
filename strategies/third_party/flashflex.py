"""FlashFlex's layout: pipelines cut out of the network by METIS, the stages of each along its widest path.

Source: Yan et al., "FlashFlex: accommodating large language model training over heterogeneous environment", 2024
(arXiv 2409.01143; the code at Relaxed-System-Lab/FlashFlex shows no licence file, and nothing of it is here). Needs
pymetis, the extra `multilevel`. First the graph of the devices is cut into D pipelines. With inverse bandwidths as
weights the cut keeps slow links inside, so gradients, which cross it, travel over fast ones; with bandwidths, as
released, pipelines are compact. Then each pipeline visits its devices along its widest links.

Adapted: devices are alike and stages equal, so there are K devices in a pipeline, one a stage, and no choice of tensor
parallelism and of layers. Cuts are balanced afterwards. The widest path is the best of K greedy ones, one from
each device, by its narrowest link; the released search also tries the second widest link at every step, which takes
2^K paths. Pipelines are laid beside each other forwards or backwards, whichever costs their gradients less.

One evaluation costs one cut, O(D·K³) for the paths, and one score of the grid as it is wired.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.allocation import Allocation, AllocationProblem
from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.decisions import Grouping
from tasklet_bench.strategies.parameters import parameter
from tasklet_bench.strategies.run import Run
from tasklet_bench.strategies.strategy import Strategy
from tasklet_bench.strategies.third_party.graphs import Adjacency, Matrix, Whole
from tasklet_bench.strategies.third_party.library import require_library

MOST_DEVICES = 1024
"""Above, one cut of the complete graph could outlast a budget."""
_LARGEST_SUM = 2**30
"""METIS adds weights up in 32 bits."""


@dataclass(frozen=True)
class FlashFlex(Strategy):
    """Raises `BadInput` where the package pymetis is not installed."""

    name = "flashflex"
    weights: Literal["inverse", "bandwidth"] = parameter("inverse", "what a link weighs: the cut is kept light")
    starts: int = parameter(16, "seeds of the cut", low=1, high=256, log=True, at_least=1)

    def __post_init__(self) -> None:
        super().__post_init__()
        require_library(self.name, "pymetis", "multilevel")

    def prepare(self) -> None:
        """Import METIS."""
        import pymetis  # noqa: F401

    def search(self, problem: AllocationProblem, run: Run, rng: np.random.Generator) -> None:
        """Cut pipelines, order each, and score the grid, from one seed after the other."""
        d, k = problem.shape.data_parallel, problem.shape.pipeline_parallel
        if d * k > MOST_DEVICES:
            raise BadInput.at(f"strategy {self.name}", "devices", d * k, f"at most {MOST_DEVICES}")
        bandwidth = _both_directions(problem.topology.bandwidth_bytes_s)
        graph = Adjacency.of_matrix(_whole_weights(1.0 / bandwidth if self.weights == "inverse" else bandwidth))
        balanced = Grouping.of_sizes((k,) * d)
        for _ in range(self.starts):
            if run.exhausted:
                return
            pipeline_of = balanced.balance(_cut(graph, d, int(rng.integers(2**31))))
            paths = [_widest_path(np.flatnonzero(pipeline_of == pipeline), bandwidth) for pipeline in range(d)]
            run.evaluate(Allocation(_side_by_side(paths, problem.dp_pair_s)))


def _both_directions(bandwidth: Matrix) -> Matrix:
    """What a pair gets on average if it sends as much there as back, `(N, N)`: the harmonic mean."""
    seconds = 1.0 / np.where(np.eye(len(bandwidth), dtype=bool), 1.0, bandwidth)
    return 2.0 / (seconds + seconds.T)


def _whole_weights(weights: Matrix) -> Whole:
    n = len(weights)
    off_diagonal = ~np.eye(n, dtype=bool)
    if not off_diagonal.any():
        return np.zeros((n, n), dtype=np.int64)
    heaviest = max(1, _LARGEST_SUM // (n * n))
    scaled = np.rint(weights * (heaviest / weights[off_diagonal].max()))
    return np.where(off_diagonal, np.maximum(1, scaled), 0).astype(np.int64)


def _cut(graph: Adjacency, parts: int, seed: int) -> NDArray[np.int64]:
    """The part of each device, `(N,)`; sizes are about equal."""
    n = len(graph.starts) - 1
    if parts in (1, n):
        return np.arange(n) % parts
    import pymetis

    options = pymetis.Options()
    options.seed = seed
    options.ufactor = 1
    starts, neighbours, weights = (part.astype(np.int32) for part in (graph.starts, graph.neighbours, graph.weights))
    adjacency = pymetis.CSRAdjacency(starts, neighbours)
    _, result = pymetis.part_graph(parts, adjacency=adjacency, eweights=weights, options=options)
    return np.asarray(result, dtype=np.int64)


def _widest_path(devices: Whole, bandwidth: Matrix) -> Whole:
    """`devices` in the order of the path whose narrowest link is widest, of those that always take the widest link."""
    best, best_width = devices, -1.0
    for start in devices.tolist():
        path, left, width = [start], set(devices.tolist()) - {start}, np.inf
        while left:
            after = max(sorted(left), key=bandwidth[path[-1]].__getitem__)
            width = min(width, bandwidth[path[-1], after])
            path.append(after)
            left.remove(after)
        if width > best_width:
            best, best_width = np.array(path), width
    return best


def _side_by_side(paths: list[Whole], dp_pair_s: Matrix) -> Whole:
    """The grid `(D, K)` of pipelines, each turned such that its gradients with those before it cost less."""
    rows = [paths[0]]
    for path in paths[1:]:
        forwards_s, backwards_s = (sum(dp_pair_s[way, row].sum() for row in rows) for way in (path, path[::-1]))
        rows.append(path if forwards_s <= backwards_s else path[::-1])
    return np.array(rows)
