"""A problem in whole numbers: every link rounded down to a multiple of a tiny unit.

A bound on the rounded problem, times the unit, is a bound on the problem. Where every device is a class of its own, the
unit is so small that all roundings together stay below a part in 10⁹ of the cost. Where devices are counted they stay
below a quarter of what still counts as a closed gap, so that sums fit in 32 bits: CP-SAT is made for larger ones,
except in one family of rules of its presolve, which does much for models that count (`constraint_program.solve`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.allocation import bounds
from tasklet_bench.problems.allocation.classes import DeviceClasses
from tasklet_bench.problems.allocation.problem import AllocationProblem
from tasklet_bench.problems.allocation.rules import Rules
from tasklet_bench.problems.tolerances import ROUNDED_DOWN

Units = NDArray[np.int64]

_ROUNDING_COUNTED = 2.5e-7
_ROUNDING_SINGLE = 5e-10


@dataclass(frozen=True, eq=False)
class WholeProblem:
    """Links between classes of devices in units of `unit_s` seconds, rounded down.

    `dp`, shape `(C, C)`: what a pair pays for gradients. `level`, ascending: the distinct values of what a pair pays
    for activations; `level_of`, `(C, C)`: the index of a pair's level, -1 where no pair exists. `dp_least`: no stage
    costs less. `boundary_least`, `(K-1,)` ascending: the m-th cheapest boundary costs no less. `rules` are about
    devices that are classes of their own.
    """

    classes: DeviceClasses
    rules: Rules
    group_size: int
    n_stages: int
    unit_s: float
    dp: Units
    level: Units
    level_of: NDArray[np.intp]
    dp_least: int
    boundary_least: Units

    @classmethod
    def below(cls, problem: AllocationProblem, classes: DeviceClasses, cost_s: float) -> WholeProblem:
        """The problem for whoever seeks costs below `cost_s` (seconds, above 0): dearer links are all alike to it."""
        d, k = problem.shape.data_parallel, problem.shape.pipeline_parallel
        rounding = _ROUNDING_SINGLE if classes.n_classes == problem.n_devices else _ROUNDING_COUNTED
        unit_s = cost_s * rounding / (d + k)
        ceiling_s = 2 * cost_s

        def whole(seconds: NDArray[np.float64]) -> Units:
            return np.floor(np.minimum(seconds, ceiling_s) / unit_s).astype(np.int64)

        used = np.ix_(problem.available, problem.available)
        pp = whole(classes.pp_pair_s)
        exists = ~np.eye(classes.n_classes, dtype=bool) | (classes.sizes > 1)
        level = np.unique(pp[exists])
        return cls(
            classes,
            problem.rules,
            d,
            k,
            unit_s,
            whole(classes.dp_pair_s),
            level,
            np.where(exists, np.searchsorted(level, pp), -1),
            int(whole(np.array(bounds.data_parallel(problem.dp_pair_s[used], problem.shape)))),
            whole(bounds.boundaries(problem.pp_pair_s[used], problem.shape)),
        )

    @property
    def pipeline_least(self) -> int:
        """No pipeline costs less."""
        return int(self.boundary_least.sum())

    def cost(self, grid: NDArray[np.int64]) -> int:
        """What a grid, shape `(D, K)`, costs in units: at most its true cost."""
        class_of = self.classes.class_of
        stages = class_of[grid.T]
        dp = self.dp[stages[:, :, None], stages[:, None, :]]
        own = self.dp[stages, stages]
        rows = dp.sum(axis=2) - own
        left, right = stages[:-1], stages[1:]
        pairs = self.level[self.level_of[left, right]]
        return int(rows.max() + pairs.max(axis=1).sum())

    def seconds(self, units: float) -> float:
        """A bound in units as one in seconds."""
        return units * self.unit_s * ROUNDED_DOWN
