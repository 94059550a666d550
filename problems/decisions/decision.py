"""What every kind of decision offers, so that a strategy can search it without knowing the problem."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from tasklet_bench.problems.candidate import Candidate

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@runtime_checkable
class Decision(Protocol):
    """A set of candidates, and the operations by which they are drawn, changed, encoded and written down.

    Implementations are frozen dataclasses. Every operation but `check` takes members only and gives members only.
    """

    @property
    def kind(self) -> str:
        """Name of the kind, such as `grouping`; strategies say by it what they take."""
        ...

    def sample(self, rng: np.random.Generator) -> Candidate:
        """Draw a member; uniformly where the class says so."""
        ...

    def check(self, candidate: Any) -> Candidate:
        """Return the candidate in its usual form (an int64 array, or a tuple of parts); a copy only where needed.

        Raises `InvalidCandidate`, with what was found and what was expected, for what is no member.
        """
        ...

    def canonical(self, candidate: Candidate) -> Candidate:
        """One spelling for members that mean the same, such as edges in sorted order."""
        ...

    def neighbour(self, candidate: Candidate, rng: np.random.Generator) -> Candidate:
        """A member that differs by one small random change; an equal one where there is no other member."""
        ...

    def cross(self, first: Candidate, second: Candidate, rng: np.random.Generator) -> Candidate:
        """A random member that takes after both."""
        ...

    @property
    def dimension(self) -> int:
        """Number of keys that `decode` takes."""
        ...

    def decode(self, keys: NDArray[np.float64]) -> Candidate:
        """The member that keys in [0, 1), shape `(dimension,)`, stand for; total, and every member has such keys."""
        ...

    def categories(self) -> Sequence[int]:
        """Number of values of each categorical variable that `from_categories` takes."""
        ...

    def from_categories(self, values: Sequence[int]) -> Candidate:
        """The member nearest to categorical values, repaired where they are none; total."""
        ...

    def to_json(self, candidate: Candidate) -> Any:
        """Plain lists and numbers, for records and files."""
        ...

    def from_json(self, data: Any) -> Candidate:
        """Read what `to_json` wrote; raises `InvalidCandidate` for anything that is no member."""
        ...

    def describe(self) -> str:
        """The decision in a few words, such as `8 groups of 8 devices`."""
        ...
