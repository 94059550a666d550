"""A problem in rank space: matchings compare small integers, never floats.

The distinct values of `pp_pair_s` are sorted; a pair's *rank*, or class, is the place of its value among them. Its
integer type is the smallest that holds all classes with the highest value left free for padding; two bytes at least up
to `SMALL` devices, so that problems of that size share their compiled code.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from tasklet_bench.problems.allocation.kernels.llvm.blocks_8x8 import LANES, SIDE
from tasklet_bench.problems.allocation.kernels.matching.up_to_8 import empty_blocks
from tasklet_bench.problems.allocation.kernels.memory import frozen
from tasklet_bench.problems.allocation.kernels.ordering.held_karp import PathTables, path_tables

if TYPE_CHECKING:
    from tasklet_bench.problems.allocation.problem import AllocationProblem

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


RankType = type[np.unsignedinteger[Any]]
RANK_TYPES: tuple[RankType, ...] = (np.uint8, np.uint16, np.uint32)
SMALL = 128
"""Rows up to which one byte gains little: the matrix fits a cache, and code for one more type takes long to compile."""
_in_use: set[RankType] = set()


class Pack(NamedTuple):
    """A problem made ready for compiled code: its matrices, and the scratch memory of one evaluation.

    `dp_s` float64 `(N, N)` seconds; `rank` `(N, N)` class of each pair, uint8, uint16 or uint32; `class_s` float64
    `(R,)` seconds of each class, ascending. Of the N devices `n_spares` stand in no group. The rest is scratch, or
    tables of the shape.
    """

    group_size: int
    n_groups: int
    n_devices: int
    n_spares: int
    dp_s: Floats
    rank: NDArray[Any]
    class_s: Floats
    members: NDArray[np.uint32]
    order: Ints
    blocks: NDArray[Any]
    empty_block: NDArray[Any]
    bits: NDArray[np.uint64]
    matching: Ints
    rounds: Ints
    path: PathTables


def pack(problem: AllocationProblem) -> Pack:
    """Make a problem ready; kept with the problem, so asking again is free."""
    return problem.pack


def pack_problem(problem: AllocationProblem) -> Pack:
    """Make a problem ready, and note that its type of ranks is in use."""
    shape, pair_s = problem.shape, (problem.dp_pair_s, problem.pp_pair_s)
    packed = pack_matrices(*pair_s, shape.data_parallel, shape.pipeline_parallel, position=problem.position)
    note_rank_type(packed.rank)
    return packed


def note_rank_type(rank: NDArray[Any]) -> None:
    """Note that code for the type of these ranks is in use."""
    _in_use.add(rank.dtype.type)


def rank_types_in_use() -> tuple[RankType, ...]:
    """The types of ranks to compile code for: those of the problems packed in this process, two bytes at first.

    A strategy that is prepared knows no problem, and each type that is compiled in vain takes seconds.
    """
    return tuple(t for t in RANK_TYPES if t in _in_use) or RANK_TYPES[1:2]


@contextmanager
def only_in_use(rank_type: RankType) -> Iterator[None]:
    """Let `rank_types_in_use` name one type alone for a while: code for the others is compiled later, or elsewhere."""
    others = _in_use - {rank_type}
    _in_use.difference_update(others)
    _in_use.add(rank_type)
    try:
        yield
    finally:
        _in_use.update(others)


def pack_matrices(
    dp_pair_s: Floats,
    pp_pair_s: Floats,
    group_size: int,
    n_groups: int,
    rank_dtype: DTypeLike | None = None,
    position: ArrayLike = (),
) -> Pack:
    """Make two symmetric matrices of seconds, shapes `(N, N)`, ready for groups of D = `group_size` devices.

    `rank_dtype` overrules the type of the ranks, each of which has compiled code of its own. `position`, `(K,)`: the
    stage of each group that is pinned to one, -1 for the others; empty where none is.
    """
    n_devices = len(dp_pair_s)
    off_diagonal = pp_pair_s[~np.eye(n_devices, dtype=bool)]
    class_s, inverse = np.unique(off_diagonal, return_inverse=True)
    rank = np.zeros((n_devices, n_devices), dtype=rank_dtype or rank_type(len(class_s), n_devices))
    rank[~np.eye(n_devices, dtype=bool)] = inverse
    return Pack(
        group_size=group_size,
        n_groups=n_groups,
        n_devices=n_devices,
        n_spares=n_devices - group_size * n_groups,
        dp_s=frozen(dp_pair_s),
        rank=frozen(rank),
        class_s=frozen(class_s if n_devices > 1 else np.zeros(1)),
        members=np.zeros((n_groups, group_size), dtype=np.uint32),
        order=np.zeros(n_groups, dtype=np.int64),
        blocks=empty_blocks(max(n_groups, LANES) if group_size <= SIDE else 1, group_size, rank.dtype),
        empty_block=frozen(empty_blocks(1, group_size, rank.dtype)[0]),
        bits=np.zeros(group_size, dtype=np.uint64),
        matching=np.zeros((5, group_size), dtype=np.int64),
        rounds=np.zeros((4, max(n_groups, LANES)), dtype=np.int64),
        path=path_tables(n_groups, position),
    )


def rank_type(classes: int, rows: int) -> RankType:
    """The smallest type that holds twice as many classes: uint8 up to 127, uint16 up to 32,767, then uint32.

    For a matrix of at most `SMALL` rows uint16 at least.
    """
    enough = RANK_TYPES[1:] if rows <= SMALL else RANK_TYPES
    return next(t for t in enough if 2 * classes < 2 ** (8 * np.dtype(t).itemsize))
