"""Several decisions at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.candidate import InvalidCandidate
from tasklet_bench.problems.decisions.checking import is_same
from tasklet_bench.problems.decisions.decision import Decision

Parts = tuple[Any, ...]


@dataclass(frozen=True)
class Product:
    """A tuple of candidates, one of each part."""

    parts: tuple[Decision, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "parts", tuple(self.parts))
        if not self.parts:
            raise ValueError("a product of no decisions, expected at least one")

    kind = "product"

    def sample(self, rng: np.random.Generator) -> Parts:
        """Draw each part by its own law."""
        return tuple(part.sample(rng) for part in self.parts)

    def check(self, candidate: Any) -> Parts:
        """Return the tuple with each part in its usual form; raises `InvalidCandidate` that names a wrong part."""
        if not isinstance(candidate, (tuple, list)) or len(candidate) != len(self.parts):
            raise InvalidCandidate(f"expected a tuple of {len(self.parts)} parts, found {_size(candidate)}")
        return self._each(candidate, lambda part, own: part.check(own))

    def canonical(self, candidate: Parts) -> Parts:
        """Each part in its one spelling."""
        return self._each(candidate, lambda part, own: part.canonical(own))

    def neighbour(self, candidate: Parts, rng: np.random.Generator) -> Parts:
        """One part, drawn uniformly among those that can, changes a little."""
        for place in rng.permutation(len(self.parts)):
            changed = self.parts[place].neighbour(candidate[place], rng)
            if not is_same(changed, candidate[place]):
                return (*candidate[:place], changed, *candidate[place + 1 :])
        return candidate

    def cross(self, first: Parts, second: Parts, rng: np.random.Generator) -> Parts:
        """Each part is crossed by itself."""
        return tuple(part.cross(a, b, rng) for part, a, b in zip(self.parts, first, second, strict=True))

    @property
    def dimension(self) -> int:
        """The keys of all parts."""
        return sum(part.dimension for part in self.parts)

    def decode(self, keys: NDArray[np.float64]) -> Parts:
        """Decode each part from its own stretch of the keys."""
        ends = list(accumulate(part.dimension for part in self.parts))
        stretches = [keys[end - part.dimension : end] for part, end in zip(self.parts, ends, strict=True)]
        return self._each(stretches, lambda part, own: part.decode(own))

    def categories(self) -> Sequence[int]:
        """The variables of all parts."""
        return tuple(size for part in self.parts for size in part.categories())

    def from_categories(self, values: Sequence[int]) -> Parts:
        """Make each part from its own stretch of the values."""
        counts = [len(part.categories()) for part in self.parts]
        stretches = [values[end - n : end] for n, end in zip(counts, accumulate(counts), strict=True)]
        return self._each(stretches, lambda part, own: part.from_categories(own))

    def to_json(self, candidate: Parts) -> Any:
        """A list of what the parts write."""
        return [part.to_json(own) for part, own in zip(self.parts, candidate, strict=True)]

    def from_json(self, data: Any) -> Parts:
        """Read such a list; raises `InvalidCandidate` for anything that is no member."""
        if not isinstance(data, list) or len(data) != len(self.parts):
            raise InvalidCandidate(f"expected a list of {len(self.parts)} parts, found {_size(data)}")
        return self._each(data, lambda part, own: part.from_json(own))

    def describe(self) -> str:
        """The parts in a few words each."""
        return " and ".join(part.describe() for part in self.parts)

    def _each(self, values: Sequence[Any], operation: Callable[[Decision, Any], Any]) -> Parts:
        made = []
        for place, (part, own) in enumerate(zip(self.parts, values, strict=True)):
            try:
                made.append(operation(part, own))
            except InvalidCandidate as error:
                raise InvalidCandidate(f"part {place} ({part.kind}): {error}") from None
        return tuple(made)


def _size(result: Any) -> str:
    name = type(result).__name__
    return f"{name} of {len(result)}" if isinstance(result, (tuple, list)) else name
