"""One of several options for each of several variables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.decisions.checking import (
    check_integers,
    clip_categories,
    cut_unit_interval,
    read_integers,
)

Choices = NDArray[np.int64]


@dataclass(frozen=True)
class Choice:
    """Variable `i` takes one of the options 0..sizes[i]-1: int64 arrays of shape `(len(sizes),)`."""

    sizes: tuple[int, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "sizes", tuple(int(size) for size in self.sizes))
        if not self.sizes or min(self.sizes) < 1:
            raise ValueError(f"options {self.sizes}, expected at least one variable, and an option for each")

    kind = "choice"

    def sample(self, rng: np.random.Generator) -> Choices:
        """Draw the options, uniformly."""
        return rng.integers(self._sizes)

    def check(self, candidate: Any) -> Choices:
        """Return the options as an int64 array; raises `InvalidCandidate` where one does not exist."""
        return check_integers(candidate, "options", len(self.sizes), self._sizes)

    def canonical(self, candidate: Choices) -> Choices:
        """The same options: no two candidates mean the same."""
        return candidate

    def neighbour(self, candidate: Choices, rng: np.random.Generator) -> Choices:
        """One variable that has a choice takes another option, both drawn uniformly."""
        choices = candidate.copy()
        if self._open.size:
            variable = rng.choice(self._open)
            step = rng.integers(1, self.sizes[variable])
            choices[variable] = (choices[variable] + step) % self.sizes[variable]
        return choices

    def cross(self, first: Choices, second: Choices, rng: np.random.Generator) -> Choices:
        """Each variable takes the option of one parent."""
        return np.where(rng.random(len(self.sizes)) < 0.5, first, second)

    @property
    def dimension(self) -> int:
        """One key for each variable."""
        return len(self.sizes)

    def decode(self, keys: NDArray[np.float64]) -> Choices:
        """The options in whose equal parts of [0, 1) the keys lie."""
        return cut_unit_interval(keys, self._sizes)

    def categories(self) -> Sequence[int]:
        """The options of each variable."""
        return self.sizes

    def from_categories(self, values: Sequence[int]) -> Choices:
        """The values themselves."""
        return clip_categories(values, self._sizes)

    def to_json(self, candidate: Choices) -> Any:
        """The options as a list."""
        return candidate.tolist()

    def from_json(self, data: Any) -> Choices:
        """Read a list of options; raises `InvalidCandidate` for anything that is no member."""
        return self.check(np.array(read_integers(data, "options"), dtype=np.int64))

    def describe(self) -> str:
        """How many variables and options there are."""
        least, most = min(self.sizes), max(self.sizes)
        options = f"{least}" if least == most else f"{least} to {most}"
        return f"{len(self.sizes)} choices among {options} options"

    @cached_property
    def _sizes(self) -> NDArray[np.int64]:
        return np.array(self.sizes, dtype=np.int64)

    @cached_property
    def _open(self) -> NDArray[np.intp]:
        return np.flatnonzero(self._sizes > 1)
