"""Classes of interchangeable devices: what is left of a problem when devices that cost the same are counted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.allocation.structure import interchangeable

if TYPE_CHECKING:
    from tasklet_bench.problems.allocation.problem import AllocationProblem


def class_of_devices(problem: AllocationProblem) -> NDArray[np.intp]:
    """Class of each device, `(N,)`, from 0 on: interchangeable ones, and each that a rule is about by itself."""
    class_of = interchangeable(problem.dp_pair_s, problem.pp_pair_s)
    if not problem.rules:
        return class_of
    bound = np.flatnonzero(problem.rules.bound(problem.n_devices))
    class_of[bound] = problem.n_devices + np.arange(len(bound))
    return np.unique(class_of, return_inverse=True)[1]


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
    def find(cls, problem: AllocationProblem) -> DeviceClasses:
        """The classes that the matrices and the rules of a problem show; declared sites are not looked at."""
        return cls.given(problem, class_of_devices(problem))

    @classmethod
    def single(cls, problem: AllocationProblem) -> DeviceClasses:
        """Each device a class of its own, whatever its likeness to others."""
        return cls.given(problem, np.arange(problem.n_devices))

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
        """How many devices of each class stand at each stage, shape `(K, C)`, from labels `(N,)`; spares are none."""
        find = np.zeros((n_stages, self.n_classes), dtype=np.int64)
        used = stages < n_stages
        np.add.at(find, (stages[used], self.class_of[used]), 1)
        return find

    def labels(self, counts: NDArray[np.int64]) -> NDArray[np.int64]:
        """One of the labellings, `(N,)`, that have these counts `(K, C)`: they all cost the same.

        What a class has beyond its counts are spares, with label K.
        """
        stages = np.full(len(self.class_of), len(counts))
        for c in range(self.n_classes):
            members = np.flatnonzero(self.class_of == c)
            stages[members[: counts[:, c].sum()]] = np.repeat(np.arange(len(counts)), counts[:, c])
        return stages
