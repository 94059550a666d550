"""All groups of devices that could be a stage: those whose data parallelism stays within a limit."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.tolerances import SAME_COST

MOST_STAGES = 400_000
_BLOCK = 4_000
"""Partial groups that are extended at a time, to bound the memory."""


class TooMany(Exception):
    """There are more groups than `MOST_STAGES`, or they take longer to find than allowed."""


@dataclass(frozen=True, eq=False)
class Stages:
    """M possible stages: `members`, shape `(M, D)`, and what each pays for data parallelism, `(M,)` in seconds."""

    members: NDArray[np.intp]
    data_parallel_s: NDArray[np.float64]

    def within(self, limit_s: float) -> Stages:
        """Those that pay at most so much."""
        kept = self.data_parallel_s <= limit_s * (1 + SAME_COST)
        return Stages(self.members[kept], self.data_parallel_s[kept])


@dataclass(frozen=True, eq=False)
class _Partial:
    """Groups with some of their members: `members` and `paid_s` `(M, size)`, what each pays the others so far.

    `sum_s` `(M, N)`: what any device would pay all members; `open` `(M, N)`: devices that may still come in.
    """

    members: NDArray[np.intp]
    paid_s: NDArray[np.float64]
    sum_s: NDArray[np.float64]
    open: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.members)

    def __getitem__(self, which: slice | NDArray[np.bool_]) -> _Partial:
        return _Partial(self.members[which], self.paid_s[which], self.sum_s[which], self.open[which])


def enumerate_stages(dp_pair_s: NDArray[np.float64], group_size: int, limit_s: float, until_cpu_s: float) -> Stages:
    """Every group of `group_size` devices, two or more, in which no device pays its mates more than `limit_s`.

    A partial group is dropped when a member, or a device that may come in, cannot stay within the limit even with its
    cheapest mates. Raises `TooMany` at so many CPU seconds of this process (`time.process_time`).
    """
    n, limit_s = len(dp_pair_s), limit_s * (1 + SAME_COST)
    cheapest = np.sort(np.where(np.eye(n, dtype=bool), np.inf, dp_pair_s), axis=1)[:, : group_size - 1]
    least_s = np.concatenate([np.zeros((n, 1)), np.cumsum(cheapest, axis=1)], axis=1)
    hardest_first = np.argsort(-least_s[:, -1], kind="stable")
    pair_s, least_s = dp_pair_s[np.ix_(hardest_first, hardest_first)], least_s[hardest_first]
    alone = _Partial(np.arange(n)[:, None], np.zeros((n, 1)), pair_s, np.triu(np.ones((n, n), dtype=bool), k=1))
    stack, members, paid_s, result = [alone[least_s[:, -1] <= limit_s]], [], [], 0
    while stack:
        if time.process_time() > until_cpu_s or result > MOST_STAGES:
            raise TooMany(f"more than {result} groups")
        block = stack.pop()
        if len(block) > 1 and block.open.sum() > 20 * _BLOCK:
            stack += [block[len(block) // 2 :], block[: len(block) // 2]]
            continue
        block = _extended(block, pair_s, least_s, group_size, limit_s)
        if not len(block):
            continue
        if block.members.shape[1] == group_size:
            members.append(block.members)
            paid_s.append(block.paid_s.max(axis=1))
            result += len(block)
        else:
            stack.append(block)
    if not members:
        return Stages(np.zeros((0, group_size), dtype=np.intp), np.zeros(0))
    return Stages(hardest_first[np.concatenate(members)], np.concatenate(paid_s))


def _extended(
    block: _Partial, pair_s: NDArray[np.float64], least_s: NDArray[np.float64], group_size: int, limit_s: float
) -> _Partial:
    """Each partial group with each device that may come in, if it can still become a stage."""
    rows, new = np.nonzero(block.open)
    before = block.members[rows]
    members = np.concatenate([before, new[:, None]], axis=1)
    paid_s = np.concatenate(
        [block.paid_s[rows] + pair_s[before, new[:, None]], block.sum_s[rows, new][:, None]], axis=1
    )
    lacking = group_size - members.shape[1]
    kept = (paid_s + least_s[members, lacking] <= limit_s).all(axis=1)
    members, paid_s, rows, new = members[kept], paid_s[kept], rows[kept], new[kept]
    sum_s = block.sum_s[rows] + pair_s[new]
    after = np.arange(len(pair_s)) > new[:, None]
    if not lacking:
        return _Partial(members, paid_s, sum_s, after)
    may = block.open[rows] & after & (sum_s + least_s[:, lacking - 1] <= limit_s)
    grown = _Partial(members, paid_s, sum_s, may)[may.sum(axis=1) >= lacking]
    for j in range(members.shape[1]):
        link_s = np.where(grown.open, pair_s[grown.members[:, j]], np.inf)
        if len(grown):
            nearest_s = np.partition(link_s, lacking - 1, axis=1)[:, :lacking].sum(axis=1)
            grown = grown[grown.paid_s[:, j] + nearest_s <= limit_s]
    return grown
