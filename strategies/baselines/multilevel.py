"""Multilevel graph partitioning by METIS: the standard tool for cutting a graph into equal parts.

Source: Karypis and Kumar, "A fast and high quality multilevel scheme for partitioning irregular graphs", SIAM Journal
on Scientific Computing 1998, through the package pymetis, the extra `multilevel`. METIS keeps the cut light, so
whatever weighs much stays inside the groups. Cheap gradient links made heavy give compact groups; dear activation links
made heavy leave the cheap ones to the pipeline. Weights are ranks, so that one dead link does not drown the rest. METIS
knows nothing of the slowest pair, of wiring or of order.

One evaluation costs one cut of the graph of each device's heaviest links (1 ms at 64 devices), the repair of what METIS
leaves unbalanced, and one score.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.allocation import AllocationProblem
from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.strategies.parameters import parameter
from tasklet_bench.strategies.run import Run
from tasklet_bench.strategies.shared.rules import refuse_rules
from tasklet_bench.strategies.strategy import Strategy

if TYPE_CHECKING:
    import pymetis

_LINKS = 1024
"""The heaviest links of a device that METIS sees: all of them up to 1,024 devices."""
_SAMPLE = 100_000
"""Links among which the others are ranked."""
_LARGEST_SUM = 2**30
"""METIS adds weights up in 32 bits."""


@dataclass(frozen=True)
class Multilevel(Strategy):
    """Raises `BadInput` where the package pymetis is not installed."""

    name = "multilevel"
    starts: int = parameter(16, "seeds for each of the two kinds of weights", low=1, high=256, log=True, at_least=1)

    def __post_init__(self) -> None:
        super().__post_init__()
        if find_spec("pymetis") is None:
            raise BadInput.at(f"strategy {self.name}", "package", "no pymetis", "it installed, by the extra multilevel")

    def prepare(self) -> None:
        """Import METIS."""
        import pymetis  # noqa: F401

    def search(self, problem: AllocationProblem, run: Run, rng: np.random.Generator) -> None:
        """Cut, repair and score, by turns for compact groups and for compact pipelines."""
        refuse_rules(self.name, problem, keeps=("pins", "exclude", "together", "apart"))
        graphs = (_Graph(-problem.dp_pair_s), _Graph(problem.pp_pair_s))
        for _ in range(self.starts):
            seed = int(rng.integers(2**31))
            for graph in graphs:
                if run.exhausted:
                    return
                run.evaluate(problem.decision.balance(graph.cut(len(problem.group_sizes), seed)))


class _Graph:
    """The heaviest links of each device, by `order`, `(N, N)`: those that are to stay inside the groups."""

    def __init__(self, order: NDArray[np.float64]) -> None:
        self._n = len(order)
        linked = _heaviest(order)
        values = order[linked]
        rank = np.searchsorted(np.unique(values[:: 1 + len(values) // _SAMPLE]), values)
        heaviest = max(1, _LARGEST_SUM // max(1, len(values)))
        self._starts = np.concatenate(([0], np.cumsum(linked.sum(axis=1)))).astype(np.int32)
        self._neighbours = np.nonzero(linked)[1].astype(np.int32)
        self._weights = (1 + rank * min(1.0, (heaviest - 1) / max(1, rank.max(initial=0)))).astype(np.int32)

    def cut(self, n_groups: int, seed: int) -> NDArray[np.int64]:
        """The group of each device, `(N,)`; sizes are about equal."""
        import pymetis

        if n_groups == 1 or self._n <= n_groups:
            return np.arange(self._n) % n_groups
        graph = pymetis.CSRAdjacency(self._starts, self._neighbours)
        _, groups = pymetis.part_graph(n_groups, adjacency=graph, eweights=self._weights, options=_options(seed))
        return np.asarray(groups, dtype=np.int64)


def _heaviest(order: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which links `(N, N)` are among the `_LINKS` heaviest of one of their two ends; none of a device to itself."""
    n = len(order)
    heaviest: NDArray[np.bool_] = np.full((n, n), n <= _LINKS)
    if n > _LINKS:
        np.put_along_axis(heaviest, np.argpartition(order, n - _LINKS, axis=1)[:, n - _LINKS :], True, axis=1)
    np.fill_diagonal(heaviest, False)
    heaviest |= heaviest.T
    return heaviest


def _options(seed: int) -> pymetis.Options:
    import pymetis

    options = pymetis.Options()
    options.seed = seed
    options.ufactor = 1
    return options
