"""What every problem offers to a strategy: a decision to take, a cost to pay, a bound that no decision beats."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

if TYPE_CHECKING:
    import numpy as np

    from tasklet_bench.problems.topology import Site

Candidate = Any
"""A solution in the words of the problem's decision; for partitions, labels `(N,)` or an `Allocation`."""


class InvalidCandidate(ValueError):
    """A candidate that is no solution of the problem: wrong shape, unknown device, unbalanced groups."""


@dataclass(frozen=True)
class Cost:
    """The cost of one candidate (in seconds).

    `parts_s` are named and sum to `total_s`. `exact` is False where the total is an upper bound that no proof has
    closed yet (the order of more than 12 groups).
    """

    total_s: float
    parts_s: Mapping[str, float]
    exact: bool = True


@dataclass(frozen=True)
class Partition:
    """The decision to split N devices into labelled groups: group `j` receives `group_sizes[j]` devices."""

    group_sizes: tuple[int, ...]

    def __post_init__(self) -> None:
        if not self.group_sizes or min(self.group_sizes) < 1:
            raise ValueError(f"every group needs at least one device, found sizes {self.group_sizes}")

    @property
    def n_devices(self) -> int:
        """Number of devices N."""
        return sum(self.group_sizes)

    @property
    def n_groups(self) -> int:
        """Number of groups K."""
        return len(self.group_sizes)


@runtime_checkable
class Problem(Protocol):
    """A problem of any family. Immutable: its arrays are read-only, and its cost is a function."""

    @property
    def name(self) -> str:
        """Name that the catalogue or the user gave it; not part of the digest."""
        ...

    @property
    def family(self) -> str:
        """Family of problems, such as `allocation`."""
        ...

    @property
    def digest(self) -> str:
        """Hex SHA-256 of everything that the cost depends on, and of nothing else."""
        ...

    @property
    def sites(self) -> tuple[Site, ...]:
        """Declared sites, in device order; structural heuristics may read them."""
        ...

    @property
    def decision(self) -> Partition:
        """What is to be decided."""
        ...

    def random(self, rng: np.random.Generator) -> Candidate:
        """Draw a valid candidate uniformly."""
        ...

    def cost(self, candidate: Candidate) -> Cost:
        """Score a candidate; raises `InvalidCandidate` if it is no solution."""
        ...

    def bound(self) -> float:
        """A proven lower bound on the cost (in seconds), computed in under 0.1 s."""
        ...
