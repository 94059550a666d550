"""A problem whose devices are counted: classes of interchangeable devices, links in whole units, all compositions."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.allocation import bounds
from tasklet_bench.problems.allocation.compositions.stages import compositions, slowest_devices
from tasklet_bench.problems.tolerances import ROUNDED_DOWN

if TYPE_CHECKING:
    from tasklet_bench.problems.allocation.classes import DeviceClasses
    from tasklet_bench.problems.allocation.problem import AllocationProblem

Units = NDArray[np.int64]
Counts = NDArray[np.int64]

MOST_COMPOSITIONS = 1_500_000
_UNITS_PER_COST = 2**44
_LARGEST_KEY = 2**62
NO_LEVEL = 2**30
"""Index that stands for the link of a single device with itself, which is above all levels."""


class TooMany(ValueError):
    """The classes have more compositions than can be gone through; the message says how many."""


@dataclass(frozen=True, eq=False)
class CountedProblem:
    """Links between C classes in units of `unit_s` seconds, rounded down, and the M compositions of a stage.

    `sizes`, `(C,)`: devices of each class. `stages`, `(M, C)`: how many devices of each class a stage can have, by
    ascending `dp`, `(M,)`: what its slowest device pays for gradients. `level`, `(L,)` ascending: the values of what
    two neighbours pay for activations; `level_of`, `(C, C)`: the index of a pair's level. `dp_least`, `pipeline_least`:
    what the slowest stage and all boundaries cost at least.
    """

    sizes: Counts
    n_stages: int
    unit_s: float
    stages: Counts
    dp: Units
    level: Units
    level_of: NDArray[np.int64]
    dp_least: int
    pipeline_least: int

    @classmethod
    def below(
        cls, problem: AllocationProblem, classes: DeviceClasses, cost_s: float, most: int = MOST_COMPOSITIONS
    ) -> CountedProblem:
        """The problem for whoever seeks costs below `cost_s` (seconds, above 0): dearer links are all alike to it.

        Raises `TooMany` where there are more than `most` compositions, or too many to be distinguished in 64 bits.
        """
        shape, sizes = problem.shape, classes.sizes.astype(np.int64)
        unit_s, ceiling_s = cost_s / _UNITS_PER_COST, 2 * cost_s

        def whole(seconds: NDArray[np.float64]) -> Units:
            return np.floor(np.minimum(seconds, ceiling_s) / unit_s).astype(np.int64)

        n_compositions = count_compositions(sizes, shape.data_parallel)
        kept_apart = math.prod(int(size) + 1 for size in sizes)
        if n_compositions > most or kept_apart * n_compositions >= _LARGEST_KEY:
            raise TooMany(f"{n_compositions:.3g} compositions of {len(sizes)} classes")
        pp = whole(classes.pp_pair_s)
        exists = ~np.eye(len(sizes), dtype=bool) | (sizes > 1)
        level = np.unique(pp[exists]) if exists.any() else np.zeros(1, dtype=np.int64)
        stages = compositions(sizes, shape.data_parallel)
        dp = slowest_devices(stages, whole(classes.dp_pair_s))
        by_cost = np.argsort(dp, kind="stable")
        stages, dp = stages[by_cost], dp[by_cost]
        cheapest = [int(dp[stages[:, c] > 0].min()) for c in range(len(sizes))]
        return cls(
            sizes,
            shape.pipeline_parallel,
            unit_s,
            stages,
            dp,
            level,
            np.where(exists, np.searchsorted(level, pp), NO_LEVEL),
            max(cheapest),
            int(whole(bounds.boundaries(problem.pp_pair_s, shape)).sum()),
        )

    def units(self, seconds: float) -> int:
        """A cost in whole units, rounded down."""
        return math.floor(seconds / self.unit_s)

    def seconds(self, units: int) -> float:
        """A bound in units as one in seconds."""
        return units * self.unit_s * ROUNDED_DOWN


def count_compositions(sizes: Counts, total: int) -> int:
    """In how many ways classes of these sizes make a stage of `total` devices."""
    ways = [1] + [0] * total
    for size in sizes.tolist():
        ways = [sum(ways[n - x] for x in range(min(size, n) + 1)) for n in range(total + 1)]
    return ways[total]
