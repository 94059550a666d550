"""Things in labelled groups whose sizes lie between bounds; with equal bounds, a balanced partition."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.candidate import InvalidCandidate
from tasklet_bench.problems.decisions.checking import as_integers, clip_categories, cut_unit_interval, read_integers

Labels = NDArray[np.int64]


@dataclass(frozen=True)
class Grouping:
    """A label for each of `n` things: group `j` gets `least[j]` to `most[j]` of them.

    Candidates are int64 arrays of shape `(n,)`. Raises `ValueError` for bounds that no grouping keeps.
    """

    n: int
    least: tuple[int, ...]
    most: tuple[int, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "least", tuple(int(size) for size in self.least))
        object.__setattr__(self, "most", tuple(min(int(size), self.n) for size in self.most))
        if not self.least or len(self.least) != len(self.most) or self.n < 1:
            raise ValueError(f"{self.n} things, bounds {self.least} and {self.most}: expected one pair for each group")
        if any(not 0 <= least <= most for least, most in zip(self.least, self.most, strict=True)):
            raise ValueError(f"sizes from {self.least} to {self.most}, expected 0 <= least <= most for each group")
        if not sum(self.least) <= self.n <= sum(self.most):
            raise ValueError(f"{self.n} things do not fit {sum(self.least)} to {sum(self.most)} places")

    @classmethod
    def of_sizes(cls, group_sizes: Sequence[int]) -> Grouping:
        """The partitions in which group `j` has exactly `group_sizes[j]` things, at least one each."""
        sizes = tuple(group_sizes)
        if not sizes or min(sizes) < 1:
            raise ValueError(f"every group needs at least one device, found sizes {sizes}")
        return cls(sum(sizes), sizes, sizes)

    kind = "grouping"

    @property
    def n_devices(self) -> int:
        """Number of things that are grouped."""
        return self.n

    @property
    def n_groups(self) -> int:
        """Number of groups."""
        return len(self.least)

    @property
    def is_balanced(self) -> bool:
        """Whether the size of every group is fixed."""
        return self.least == self.most

    @property
    def group_sizes(self) -> tuple[int, ...]:
        """Size of each group; raises `ValueError` where sizes are not fixed."""
        if not self.is_balanced:
            raise ValueError(f"groups of {self.least} to {self.most} things have no fixed sizes")
        return self.least

    def sample(self, rng: np.random.Generator) -> Labels:
        """Draw labels: uniformly where sizes are fixed.

        Else, each group gets its least, every further thing a uniformly drawn group with room, and things are shuffled.
        """
        return rng.permutation(np.repeat(np.arange(self.n_groups), self._draw_sizes(rng)))

    def _draw_sizes(self, rng: np.random.Generator) -> Labels:
        sizes = self._least.copy()
        for _ in range(self.n - sum(self.least)):
            sizes[rng.choice(np.flatnonzero(sizes < self._most))] += 1
        return sizes

    def check(self, candidate: Any) -> Labels:
        """Return labels as an int64 array; raises `InvalidCandidate` unless each group has an allowed size."""
        labels = as_integers(candidate, "labels", f"({self.n},)")
        if labels.shape != (self.n,):
            raise InvalidCandidate(f"labels are an int array of shape ({self.n},), found {labels.dtype} {labels.shape}")
        if labels.min() < 0 or labels.max() >= self.n_groups:
            raise InvalidCandidate(f"labels are 0..{self.n_groups - 1}, found {labels.min()}..{labels.max()}")
        labels = labels.astype(np.int64, copy=False)
        sizes = self._count(labels)
        wrong = np.flatnonzero((sizes < self._least) | (sizes > self._most))
        if wrong.size:
            group = int(wrong[0])
            raise InvalidCandidate(f"group {group} has {sizes[group]} devices, expected {self._size(group)}")
        return labels

    def canonical(self, candidate: Labels) -> Labels:
        """The same labels: what a group's number means is the problem's affair."""
        return candidate

    def neighbour(self, candidate: Labels, rng: np.random.Generator) -> Labels:
        """Let two things of different groups change places, or, as often where sizes allow, move one thing."""
        labels = candidate.copy()
        sizes = self._count(labels)
        movers, room = self._movers(labels, sizes), np.flatnonzero(sizes < self._most)
        swaps = np.count_nonzero(sizes) > 1
        if movers.size and not (swaps and rng.random() < 0.5):
            thing = rng.choice(movers)
            labels[thing] = rng.choice(room[room != labels[thing]])
        elif swaps:
            one = int(rng.integers(self.n))
            other = rng.choice(np.flatnonzero(labels != labels[one]))
            labels[one], labels[other] = labels[other], labels[one]
        return labels

    def _movers(self, labels: Labels, sizes: Labels) -> NDArray[np.intp]:
        """Things whose group can spare one while another group has room."""
        if self.is_balanced:
            return np.empty(0, dtype=np.intp)
        has_room = sizes < self._most
        leaves = (sizes > self._least) & (np.count_nonzero(has_room) - has_room > 0)
        return np.flatnonzero(leaves[labels])

    def cross(self, first: Labels, second: Labels, rng: np.random.Generator) -> Labels:
        """Each thing has the label of one parent; who moves to balance the groups again is drawn too."""
        order = rng.permutation(self.n)
        child = np.empty_like(first)
        child[order] = self.balance(np.where(rng.random(self.n) < 0.5, first, second)[order])
        return child

    @property
    def dimension(self) -> int:
        """One key for each thing."""
        return self.n

    def decode(self, keys: NDArray[np.float64]) -> Labels:
        """Cut the things, in ascending order of their keys, into groups of fixed sizes; of equal keys, the lower first.

        Where sizes are not fixed, each key says the group, in equal parts of [0, 1), and the groups are balanced.
        """
        if not self.is_balanced:
            return self.balance(cut_unit_interval(keys, self.n_groups))
        labels = np.empty(self.n, dtype=np.int64)
        labels[np.argsort(keys, kind="stable")] = np.repeat(np.arange(self.n_groups), self.least)
        return labels

    def categories(self) -> Sequence[int]:
        """A group for each thing."""
        return (self.n_groups,) * self.n

    def from_categories(self, values: Sequence[int]) -> Labels:
        """Labels, balanced by `balance`."""
        return self.balance(clip_categories(values, self.n_groups))

    def balance(self, labels: Labels) -> Labels:
        """Labels whose groups have allowed sizes: with fixed sizes, the paper's repair of a child.

        The first things of an over-full group leave it, and places are filled from the lowest group on: first what
        groups lack, then what room they have. Where more is lacking than leaves, the fullest groups give.
        """
        sizes = self._count(labels)
        leave, join = self._exchange(sizes)
        balanced = labels.copy()
        if leave.any():
            by_group = np.argsort(labels, kind="stable")
            place = np.empty_like(by_group)
            place[by_group] = np.arange(self.n) - np.repeat(np.cumsum(sizes) - sizes, sizes)
            balanced[place < leave[labels]] = np.repeat(np.arange(self.n_groups), join)
        return balanced

    def _exchange(self, sizes: Labels) -> tuple[Labels, Labels]:
        """How many things leave and join each group, both `(n_groups,)` and of equal sums."""
        leave, join = np.maximum(sizes - self._most, 0), np.maximum(self._least - sizes, 0)
        for _ in range(int(join.sum() - leave.sum())):
            leave[np.argmax(sizes - leave - self._least)] += 1
        spare = int(leave.sum() - join.sum())
        if spare > 0:
            room = np.maximum(self._most - np.maximum(sizes, self._least), 0)
            join += np.diff(np.minimum(np.cumsum(room), spare), prepend=0)
        return leave, join

    def to_json(self, candidate: Labels) -> Any:
        """The labels as a list."""
        return candidate.tolist()

    def from_json(self, data: Any) -> Labels:
        """Read a list of labels; raises `InvalidCandidate` for anything that is no member."""
        return self.check(np.array(read_integers(data, "labels"), dtype=np.int64))

    def describe(self) -> str:
        """The number of groups and their sizes."""
        sizes = sorted({self._size(group) for group in range(self.n_groups)})
        if len(sizes) == 1:
            return f"{self.n_groups} groups of {sizes[0]} devices"
        return f"{self.n} devices in groups of {', '.join(self._size(group) for group in range(self.n_groups))}"

    def _size(self, group: int) -> str:
        least, most = self.least[group], self.most[group]
        return str(least) if least == most else f"{least} to {most}"

    def _count(self, labels: Labels) -> Labels:
        return np.bincount(labels, minlength=self.n_groups)

    @cached_property
    def _least(self) -> Labels:
        return _read_only(self.least)

    @cached_property
    def _most(self) -> Labels:
        return _read_only(self.most)


def _read_only(sizes: tuple[int, ...]) -> Labels:
    array = np.array(sizes)
    array.flags.writeable = False
    return array


Partition = Grouping.of_sizes
"""The decision to split N devices into labelled groups: group `j` receives `group_sizes[j]` devices."""
