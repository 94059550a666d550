"""Coarser and coarser classes: the closest two are merged, again and again, until all are one.

Links between merged classes are the cheapest between their members, and a merged composition costs what its cheapest
one does, so that a pipeline costs no more among them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.allocation.compositions.counted import NO_LEVEL, CountedProblem
from tasklet_bench.problems.allocation.compositions.pipelines import codes

Array = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Merging:
    """Classes merged into groups, and how they are merged further.

    `sizes`, `(G,)`: devices of each group; `level_of`, `(G, G)`: the cheapest level between groups. `counts`, `(M, G)`,
    by ascending `dp`, `(M,)`: the compositions. `group_of`, `(G,)`, and `coarse_of`, `(M,)`: which group and which
    composition each one becomes in the next coarser merging; so few are left there that it has none.
    """

    sizes: Array
    level_of: Array
    counts: Array
    dp: Array
    group_of: NDArray[np.intp]
    coarse_of: Array
    member: Array
    first: Array
    """Compositions in the order of their `coarse_of`, those of x from `first[x]` to `first[x + 1]`, by ascending dp."""

    def up_to(self, dp_most: int) -> int:
        """How many compositions cost at most that."""
        return int(np.searchsorted(self.dp, dp_most, side="right"))


def mergings(problem: CountedProblem) -> list[Merging]:
    """From each class by itself down to two groups; of the closest pairs the one of the fewest devices is merged.

    The groups of the last one all become one. Empty where there is but one class.
    """
    result: list[Merging] = []
    sizes, level_of, counts, dp = problem.sizes, problem.level_of, problem.stages, problem.dp
    while len(sizes) > 1:
        group_of = _closest_merged(sizes, level_of)
        groups = int(group_of.max()) + 1
        merged = np.zeros((len(counts), groups), dtype=np.int64)
        np.add.at(merged.T, group_of, counts.T)
        coarse_sizes = np.bincount(group_of, weights=sizes).astype(np.int64)
        _, example, of = np.unique(merged @ codes(coarse_sizes), return_index=True, return_inverse=True)
        by_dp = np.argsort(example, kind="stable")  # compositions are sorted: the first is the cheapest
        coarse_of = np.argsort(by_dp, kind="stable")[of.reshape(-1)]
        first = np.concatenate([[0], np.cumsum(np.bincount(coarse_of))])
        member = np.argsort(coarse_of, kind="stable")
        result.append(Merging(sizes, level_of, counts, dp, group_of, coarse_of, member, first))
        coarse_levels = np.full((groups, groups), NO_LEVEL, dtype=np.int64)
        np.minimum.at(coarse_levels, (group_of[:, None], group_of[None, :]), level_of)
        kept = example[by_dp]
        sizes, level_of, counts, dp = coarse_sizes, coarse_levels, np.ascontiguousarray(merged[kept]), dp[kept]
    return result


def _closest_merged(sizes: Array, level_of: Array) -> NDArray[np.intp]:
    """Group of each class once the closest two are one."""
    n = len(sizes)
    pairs = [(a, b) for a in range(n) for b in range(a + 1, n)]
    _, _, a, b = min((int(level_of[a, b]), int(sizes[a] + sizes[b]), a, b) for a, b in pairs)
    group_of = np.arange(n)
    group_of[b] = a
    group_of[group_of > b] -= 1
    return group_of
