"""A number of equal things cut into parts that stand in order, such as layers into stages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.candidate import InvalidCandidate
from tasklet_bench.problems.decisions.checking import check_integers, clip_categories, read_integers

Parts = NDArray[np.int64]


@dataclass(frozen=True)
class Composition:
    """How many of `total` things each of `parts` gets: int64 arrays of shape `(parts,)`, at least 1 each."""

    total: int
    parts: int

    def __post_init__(self) -> None:
        if not 1 <= self.parts <= self.total:
            raise ValueError(f"{self.total} things in {self.parts} parts, expected at least one for each part")

    kind = "composition"

    def sample(self, rng: np.random.Generator) -> Parts:
        """Draw a composition, uniformly: parts - 1 of the total - 1 places to cut at."""
        cuts = np.sort(rng.permutation(self.total - 1)[: self.parts - 1]) + 1
        return np.diff(np.concatenate([[0], cuts, [self.total]])).astype(np.int64)

    def check(self, candidate: Any) -> Parts:
        """Return the parts as an int64 array; raises `InvalidCandidate` unless they are 1 or more and sum up."""
        counts = check_integers(candidate, "parts", self.parts, self.total + 1)
        if counts.min() < 1:
            raise InvalidCandidate(f"parts are at least 1, found 0 at place {int(counts.argmin())}")
        if counts.sum() != self.total:
            raise InvalidCandidate(f"parts sum to {self.total}, found {counts.sum()}")
        return counts

    def canonical(self, candidate: Parts) -> Parts:
        """The same parts: no two compositions mean the same."""
        return candidate

    def neighbour(self, candidate: Parts, rng: np.random.Generator) -> Parts:
        """One thing moves from a part that has more than one to another part, both drawn uniformly."""
        counts = candidate.copy()
        if self.parts > 1 and self.total > self.parts:
            giver = rng.choice(np.flatnonzero(counts > 1))
            counts[giver] -= 1
            counts[(giver + rng.integers(1, self.parts)) % self.parts] += 1
        return counts

    def cross(self, first: Parts, second: Parts, rng: np.random.Generator) -> Parts:
        """Between both parents: cut at places between theirs."""
        share = rng.random()
        return self._nearest(share * (first - 1) + (1 - share) * (second - 1))

    @property
    def dimension(self) -> int:
        """A key for each part."""
        return self.parts

    def decode(self, keys: NDArray[np.float64]) -> Parts:
        """Parts in proportion to the keys, one thing for each set aside; equal parts where all keys are 0."""
        return self._nearest(np.clip(keys, 0.0, 1.0))

    def categories(self) -> Sequence[int]:
        """How many things each part may get beyond the first."""
        return (self.total - self.parts + 1,) * self.parts

    def from_categories(self, values: Sequence[int]) -> Parts:
        """Parts in proportion to the values; the values themselves where they sum up."""
        return self._nearest(clip_categories(values, self.total - self.parts + 1).astype(np.float64))

    def to_json(self, candidate: Parts) -> Any:
        """The parts as a list."""
        return candidate.tolist()

    def from_json(self, data: Any) -> Parts:
        """Read a list of parts; raises `InvalidCandidate` for anything that is no member."""
        return self.check(np.array(read_integers(data, "parts"), dtype=np.int64))

    def describe(self) -> str:
        """How many things in how many parts."""
        return f"{self.total} layers in {self.parts} stages"

    def _nearest(self, weights: NDArray[np.float64]) -> Parts:
        """One for each part and the rest in proportion to weights, by largest remainders."""
        rest = self.total - self.parts
        weights = weights if weights.sum() > 0 else np.ones(self.parts)
        wanted = rest * (weights / weights.sum())
        counts = np.floor(wanted + 1e-9).astype(np.int64)
        short = rest - int(counts.sum())
        counts[np.argsort(counts - wanted, kind="stable")[:short]] += 1
        result: Parts = counts + 1
        return result
