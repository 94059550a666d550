"""A bound that looks at both terms at once.

Let no stage pay more than t for data parallelism. Then only groups of devices that stay within t can be stages; they
are enumerated, and what a pipeline of such stages costs at least is P(t) (`prices`), which falls as t rises. The
seconds of data parallelism are cut into windows: an allocation with t from a to b costs at least a + P(b). Above the
last window it costs at least its t and what the pipeline costs anyway.

With time left, the bound is raised step by step: to refute a total below a target, a window must hold no exact cover of
the devices by stages whose excess over the prices stays within target - a - P(b) (`cover`).
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from tasklet_bench.problems.allocation.bounds import terms
from tasklet_bench.problems.allocation.bounds.cover import Undecided, coverable
from tasklet_bench.problems.allocation.bounds.prices import Priced, half_boundaries_s, priced
from tasklet_bench.problems.allocation.bounds.stages import Stages, TooMany, enumerate_stages
from tasklet_bench.problems.tolerances import ROUNDED_DOWN, SAME_COST

if TYPE_CHECKING:
    from tasklet_bench.problems.allocation.problem import AllocationProblem

_WINDOW = 1.02
_WINDOWS_PER_STEP = 4
_RISE, _LEAST_RISE = 0.01, 0.002
"""By how much the target rises at a time: halved when it could not be proven, down to the least."""


def joint(problem: AllocationProblem, seconds: float) -> float:
    """A lower bound on the cost (in seconds), the better the more CPU seconds it may take; at least `separate`."""
    separate_s = terms.separate(problem.dp_pair_s, problem.pp_pair_s, problem.shape)
    if problem.shape.pipeline_parallel == 1 or problem.shape.data_parallel == 1:
        return separate_s
    proof = _Proof(problem, time.process_time() + seconds)
    rise = _RISE
    while rise >= _LEAST_RISE and proof.bound_s < math.inf:
        if not proof.refute(max(separate_s, proof.bound_s) * (1 + rise)):
            rise /= 2
    return max(separate_s, proof.bound_s * ROUNDED_DOWN)


@dataclass
class _Window:
    """Allocations whose slowest stage pays between `low_s` and `high_s`: stages, prices, and the bound so far."""

    low_s: float
    stages: Stages
    priced: Priced
    bound_s: float


class _Proof:
    """Windows from the bottom up; `bound_s` is proven."""

    def __init__(self, problem: AllocationProblem, until_cpu_s: float) -> None:
        self._problem = problem
        self._until_cpu_s = until_cpu_s
        self._pipeline_s = terms.pipeline(problem.pp_pair_s, problem.shape)
        self._reached_s = terms.data_parallel(problem.dp_pair_s, problem.shape)
        costliest = np.sort(problem.dp_pair_s, axis=1)[:, 1 - problem.shape.data_parallel :]
        self._costliest_s = float(costliest.sum(axis=1).max())
        self._windows: list[_Window] = []
        self._complete = False

    @property
    def bound_s(self) -> float:
        """The least of all windows and of what lies above them."""
        above_s = math.inf if self._complete else self._reached_s + self._pipeline_s
        return min([above_s, *(window.bound_s for window in self._windows)])

    def refute(self, target_s: float) -> bool:
        """Try to prove that nothing costs less than the target; returns whether that went well."""
        try:
            while not self._complete and self._reached_s + self._pipeline_s < target_s:
                self._reach_further()
            for window in self._windows:
                if window.bound_s < target_s and not self._raise(window, target_s):
                    return False
        except (TooMany, Undecided):
            return False
        return self.bound_s >= target_s

    def _raise(self, window: _Window, target_s: float) -> bool:
        """Whether no exact cover stands against the target in this window."""
        stages, priced = window.stages, window.priced
        allowance_s = (target_s - window.low_s - priced.bound_s) * (1 + SAME_COST)
        n = self._problem.shape.n_devices
        if coverable(stages.members, priced.excess_s, n, allowance_s, self._until_cpu_s):
            return False
        window.bound_s = target_s
        return True

    def _reach_further(self) -> None:
        """Add windows, a few per cent wide together."""
        step_s = max(self._reached_s * (_WINDOW - 1), self._costliest_s * 1e-3)
        edges_s = [self._reached_s + i * step_s for i in range(_WINDOWS_PER_STEP + 1)]
        problem = self._problem
        d, k, n = problem.shape.data_parallel, problem.shape.pipeline_parallel, problem.shape.n_devices
        result = enumerate_stages(np.array(problem.dp_pair_s), d, edges_s[-1], self._until_cpu_s)
        for low_s, high_s in pairwise(edges_s):
            stages = result.within(high_s)
            if len(np.unique(stages.members)) == n:
                inner_s, end_s = half_boundaries_s(stages.members, problem.pp_pair_s, k)
                prices = priced(stages.members, inner_s, end_s, n, k, self._until_cpu_s)
                least_s = low_s + max(prices.bound_s, self._pipeline_s)
                self._windows.append(_Window(low_s, stages, prices, least_s))
            self._reached_s = high_s
        self._complete = self._reached_s >= self._costliest_s
