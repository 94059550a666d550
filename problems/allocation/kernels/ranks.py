"""A problem in rank space: matchings compare small integers, never floats.

The distinct values of `pp_pair_s` are sorted; a pair's *rank*, or class, is the place of its value among them. Its
integer type is the smallest that holds all classes with the highest value left free for padding.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from problems.allocation.cost_model import EXACT_ORDER_GROUPS

if TYPE_CHECKING:
    from problems.allocation.problem import AllocationProblem

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


class Pack(NamedTuple):
    """A problem made ready for compiled code: its matrices, and the scratch memory of one evaluation.

    `dp_s` float64 `(N, N)` seconds; `rank` `(N, N)` class of each pair, uint8, uint16 or uint32; `class_s` float64
    `(R,)` seconds of each class, ascending. The rest is scratch, or tables of the shape.
    """

    group_size: int
    n_groups: int
    n_devices: int
    dp_s: Floats
    rank: NDArray[Any]
    class_s: Floats
    members: Ints
    length: Ints
    order: Ints
    row_bits: NDArray[np.uint64]
    matching: Ints
    subsets: Ints
    path_s: Floats
    length_s: Floats


def pack(problem: AllocationProblem) -> Pack:
    """Make a problem ready; kept with the problem, so asking again is free."""
    return problem.pack


def pack_matrices(dp_pair_s: Floats, pp_pair_s: Floats, group_size: int, n_groups: int) -> Pack:
    """Make two symmetric matrices of seconds, shapes `(N, N)`, ready for groups of D = `group_size` devices."""
    n_devices = group_size * n_groups
    off_diagonal = pp_pair_s[~np.eye(n_devices, dtype=bool)]
    class_s, inverse = np.unique(off_diagonal, return_inverse=True)
    rank = np.zeros((n_devices, n_devices), dtype=rank_type(len(class_s)))
    rank[~np.eye(n_devices, dtype=bool)] = inverse
    subsets = _subsets(n_groups) if n_groups <= EXACT_ORDER_GROUPS else np.zeros(0, dtype=np.int64)
    return Pack(
        group_size=group_size,
        n_groups=n_groups,
        n_devices=n_devices,
        dp_s=_frozen(dp_pair_s),
        rank=_frozen(rank),
        class_s=_frozen(class_s if n_devices > 1 else np.zeros(1)),
        members=np.zeros((n_groups, group_size), dtype=np.int64),
        length=np.zeros((n_groups, n_groups), dtype=np.int64),
        order=np.zeros(n_groups, dtype=np.int64),
        row_bits=np.zeros((group_size, (group_size + 63) // 64), dtype=np.uint64),
        matching=np.zeros((5, group_size), dtype=np.int64),
        subsets=subsets,
        path_s=np.zeros((1 << n_groups if len(subsets) else 1, n_groups)),
        length_s=np.zeros((n_groups, n_groups)),
    )


def rank_type(classes: int) -> type[np.unsignedinteger[Any]]:
    """The smallest integer type that holds every class twice over: uint8 up to 127, uint16 up to 32,767."""
    return np.uint8 if classes <= 127 else np.uint16 if classes <= 32767 else np.uint32


def _subsets(n_groups: int) -> Ints:
    """Subsets of 1..K//2 groups, as bit masks in ascending order."""
    masks = np.arange(1, 1 << n_groups, dtype=np.int64)
    return masks[np.bitwise_count(masks) <= n_groups // 2]


def _frozen(array: NDArray[Any]) -> NDArray[Any]:
    frozen = np.ascontiguousarray(array).view()
    frozen.flags.writeable = False
    return frozen
