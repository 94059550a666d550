"""An order of things."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.candidate import InvalidCandidate
from tasklet_bench.problems.decisions.checking import check_integers, clip_categories, read_integers

Order = NDArray[np.int64]


@dataclass(frozen=True)
class Permutation:
    """Which of `n` things stands at each place: int64 arrays of shape `(n,)`, each thing once."""

    n: int

    def __post_init__(self) -> None:
        if self.n < 1:
            raise ValueError(f"an order of {self.n} things, expected at least 1")

    kind = "permutation"

    def sample(self, rng: np.random.Generator) -> Order:
        """Draw an order, uniformly."""
        return rng.permutation(self.n)

    def check(self, candidate: Any) -> Order:
        """Return the order as an int64 array; raises `InvalidCandidate` unless every thing stands in it once."""
        order = check_integers(candidate, "things in an order", self.n, self.n)
        times = np.bincount(order, minlength=self.n)
        if times.max() > 1:
            raise InvalidCandidate(f"an order holds each thing 0..{self.n - 1} once, found {times.argmax()} twice")
        return order

    def canonical(self, candidate: Order) -> Order:
        """The same order: no two mean the same."""
        return candidate

    def neighbour(self, candidate: Order, rng: np.random.Generator) -> Order:
        """Swap two things, turn a segment round, or move one thing to another place, each as often."""
        if self.n < 2:
            return candidate.copy()
        low, high = np.sort(rng.choice(self.n, size=2, replace=False))
        order = candidate.copy()
        match int(rng.integers(3)):
            case 0:
                order[low], order[high] = candidate[high], candidate[low]
            case 1:
                order[low : high + 1] = candidate[low : high + 1][::-1]
            case _:
                forward = rng.random() < 0.5
                order[low : high + 1] = np.roll(candidate[low : high + 1], 1 if forward else -1)
        return order

    def cross(self, first: Order, second: Order, rng: np.random.Generator) -> Order:
        """A segment of the first stays where it is; the other places hold the rest as the second orders it.

        Source: Davis, "Applying adaptive algorithms to epistatic domains", IJCAI 1985 (order crossover).
        """
        low, high = np.sort(rng.integers(0, self.n + 1, size=2))
        child = np.empty_like(first)
        child[low:high] = first[low:high]
        rest = second[~np.isin(second, first[low:high])]
        child[:low], child[high:] = rest[:low], rest[low:]
        return child

    @property
    def dimension(self) -> int:
        """One key for each thing."""
        return self.n

    def decode(self, keys: NDArray[np.float64]) -> Order:
        """The things in ascending order of their keys; of equal keys, the lower thing first."""
        return np.argsort(keys, kind="stable").astype(np.int64, copy=False)

    def categories(self) -> Sequence[int]:
        """A thing for each place."""
        return (self.n,) * self.n

    def from_categories(self, values: Sequence[int]) -> Order:
        """Each thing stays at the first place that names it; what none names fills the others in ascending order."""
        order = clip_categories(values, self.n)
        named, first = np.unique(order, return_index=True)
        free = np.ones(self.n, dtype=bool)
        free[first] = False
        order[free] = np.setdiff1d(np.arange(self.n), named)
        return order

    def to_json(self, candidate: Order) -> Any:
        """The order as a list."""
        return candidate.tolist()

    def from_json(self, data: Any) -> Order:
        """Read a list of things; raises `InvalidCandidate` for anything that is no member."""
        return self.check(np.array(read_integers(data, "things in an order"), dtype=np.int64))

    def describe(self) -> str:
        """How many things are put in order."""
        return f"an order of {self.n} devices"
