"""Classes of interchangeable devices: what is left of a problem when devices that cost the same are counted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.allocation.structure import interchangeable

if TYPE_CHECKING:
    from tasklet_bench.problems.allocation.problem import AllocationProblem


@dataclass(frozen=True, eq=False)
class DeviceClasses:
    """C classes of devices and what a pair pays by their classes.

    `class_of`: class of each device, shape `(N,)`; `sizes`: devices of each class, `(C,)`. `dp_pair_s` and `pp_pair_s`,
    `(C, C)` in seconds: what two devices pay, of two classes or (on the diagonal) of one; 0 on the diagonal of a class
    of one device, where no pair exists.
    """

    class_of: NDArray[np.intp]
    sizes: NDArray[np.intp]
    dp_pair_s: NDArray[np.float64]
    pp_pair_s: NDArray[np.float64]

    @classmethod
    def found(cls, problem: AllocationProblem) -> DeviceClasses:
        """The classes that the two matrices of a problem show; declared sites are not looked at."""
        return cls.given(problem, interchangeable(problem.dp_pair_s, problem.pp_pair_s))

    @classmethod
    def single(cls, problem: AllocationProblem) -> DeviceClasses:
        """Each device a class of its own, whatever its likeness to others."""
        return cls.given(problem, np.arange(problem.shape.n_devices))

    @classmethod
    def given(cls, problem: AllocationProblem, class_of: NDArray[np.intp]) -> DeviceClasses:
        """The classes 0..C-1 that `class_of` names; its members must be interchangeable."""
        members = [np.flatnonzero(class_of == c) for c in range(int(class_of.max()) + 1)]
        first, last = np.array([m[0] for m in members]), np.array([m[-1] for m in members])
        reach = [np.ix_(first, first), np.ix_(first, last)]
        matrices = []
        for pair_s in (problem.dp_pair_s, problem.pp_pair_s):
            between = pair_s[reach[0]].copy()
            np.fill_diagonal(between, pair_s[reach[1]].diagonal())
            matrices.append(between)
        return cls(class_of, np.array([len(m) for m in members]), *matrices)

    @property
    def n_classes(self) -> int:
        """Number of classes C."""
        return len(self.sizes)

    def counts(self, stages: NDArray[np.int64], n_stages: int) -> NDArray[np.int64]:
        """How many devices of each class stand at each stage, shape `(K, C)`, from labels `(N,)`."""
        found = np.zeros((n_stages, self.n_classes), dtype=np.int64)
        np.add.at(found, (stages, self.class_of), 1)
        return found

    def labels(self, counts: NDArray[np.int64]) -> NDArray[np.int64]:
        """One of the labellings, `(N,)`, that have these counts `(K, C)`: they all cost the same."""
        stages = np.empty(len(self.class_of), dtype=np.int64)
        for c in range(self.n_classes):
            stages[self.class_of == c] = np.repeat(np.arange(len(counts)), counts[:, c])
        return stages
