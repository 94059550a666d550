"""Allocations of one problem scored by compiled code, with tables kept for the layers that were asked for."""

from __future__ import annotations

from collections import OrderedDict

import numpy as np

from tasklet_bench.problems.allocation import Allocation, AllocationProblem
from tasklet_bench.problems.iteration_time.compute import stage_costs
from tasklet_bench.problems.iteration_time.evaluate import Scratch, iteration_seconds, make_scratch
from tasklet_bench.problems.iteration_time.iteration import Plan
from tasklet_bench.problems.iteration_time.memory import excess_bytes
from tasklet_bench.problems.iteration_time.options import SimulationOptions
from tasklet_bench.problems.iteration_time.templates import Tables, make_tables

KEPT = 256
"""Layers of stages whose tables are kept."""

CutLayers = tuple[int, ...] | None


class Evaluator:
    """Seconds of allocations of a problem whose links share nothing."""

    def __init__(self, problem: AllocationProblem, options: SimulationOptions) -> None:
        self._problem, self._options = problem, options
        self._plan = Plan.of(options)
        self._tables: OrderedDict[CutLayers, Tables] = OrderedDict()
        self._scratch: Scratch | None = None

    def tables(self, layers: CutLayers) -> Tables:
        """What compiled code takes for layers of each stage, or for as many each."""
        if layers in self._tables:
            self._tables.move_to_end(layers)
            return self._tables[layers]
        costs = stage_costs(self._problem, self._options, layers)
        tables = make_tables(self._problem.shape, self._plan, self._problem.topology, costs)
        self._tables[layers] = tables
        if len(self._tables) > KEPT:
            self._tables.popitem(last=False)
        return tables

    def scratch(self, tables: Tables) -> Scratch:
        """Memory for evaluations of this problem."""
        if self._scratch is None:
            self._scratch = make_scratch(tables, self._problem.shape.data_parallel)
        return self._scratch

    def seconds(self, allocation: Allocation) -> tuple[float, float]:
        """Seconds of the iteration, and until its last backward pass."""
        tables = self.tables(allocation.layers)
        grid = np.array(allocation.grid, order="C")
        iteration_s, pipeline_s = iteration_seconds(tables, self.scratch(tables), grid)
        return float(iteration_s), float(pipeline_s)

    def lacks_memory(self, allocation: Allocation) -> bool:
        """Whether some stage does not fit its device."""
        excess = excess_bytes(self._problem, self._options, allocation.layers)
        return bool(excess[np.arange(allocation.grid.shape[1]), allocation.grid].any())
