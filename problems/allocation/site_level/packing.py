"""Classes of devices made ready for compiled code: the kernels' matrices by class, and which class each device has.

The kernels of the dense form ask for no more than the seconds of a pair of members. Here the members are classes, so
the same matchings and orders run on `(C, C)` matrices. Only the sum of a stage has to know that a device does not pay
itself, though it pays others of its class.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.allocation.classes import DeviceClasses
from tasklet_bench.problems.allocation.kernels.llvm.blocks_8x8 import LANES, SIDE
from tasklet_bench.problems.allocation.kernels.matching.up_to_8 import empty_blocks
from tasklet_bench.problems.allocation.kernels.memory import frozen
from tasklet_bench.problems.allocation.kernels.ordering.held_karp import path_tables
from tasklet_bench.problems.allocation.kernels.packing import Ints, Pack, RankType, note_rank_type, rank_type
from tasklet_bench.problems.allocation.kernels.packing import rank_types_in_use as dense_types_in_use
from tasklet_bench.problems.workload import Shape

MOST_ORDERED = 256
"""Up to so many stages the seconds between all pairs of them are kept, and ordered as the dense form orders them."""


_in_use: set[RankType] = set()


class ClassPack(NamedTuple):
    """A problem by classes, ready for compiled code, with the scratch memory of one evaluation.

    `pack`: `dp_s` and `rank` are of classes, `(C, C)`, and `members` `(K, D)` holds the class of each place. `devices`
    uint32 `(K, D)`: the device of each place; `class_of` uint32 `(N,)`. `make_up` `(K,)`: equal numbers for stages of
    the same classes; `seen`, `level` `(K,)`: scratch of an order; `boundary_level` `(K,)`: rank of each boundary.
    """

    pack: Pack
    devices: NDArray[np.uint32]
    class_of: NDArray[np.uint32]
    make_up: Ints
    seen: Ints
    level: Ints
    boundary_level: Ints


def pack_sites(classes: DeviceClasses, shape: Shape) -> ClassPack:
    """Make the classes of a problem ready, and note that its type of ranks is in use."""
    ready = pack_classes(classes, shape)
    note_rank_type(ready.pack.rank)
    _in_use.add(ready.pack.rank.dtype.type)
    return ready


def rank_types_in_use() -> tuple[RankType, ...]:
    """The types of ranks to compile code by classes for: of problems packed in this process; none where none was."""
    return tuple(t for t in dense_types_in_use() if t in _in_use)


def pack_classes(classes: DeviceClasses, shape: Shape, rank_dtype: RankType | None = None) -> ClassPack:
    """Make classes ready for groups of D devices; memory grows as C² + N, and K² up to `MOST_ORDERED` stages."""
    d, k, n = shape.data_parallel, shape.pipeline_parallel, len(classes.class_of)
    used = ~np.eye(classes.n_classes, dtype=bool) | (classes.sizes > 1)[:, None]
    class_s, inverse = np.unique(classes.pp_pair_s[used], return_inverse=True)
    rank = np.zeros(used.shape, dtype=rank_dtype or rank_type(len(class_s), classes.n_classes))
    rank[used] = inverse
    pack = Pack(
        group_size=d,
        n_groups=k,
        n_devices=n,
        n_spares=n - d * k,
        dp_s=frozen(classes.dp_pair_s),
        rank=frozen(rank),
        class_s=frozen(class_s if n > 1 else np.zeros(1)),
        members=np.zeros((k, d), dtype=np.uint32),
        order=np.zeros(k, dtype=np.int64),
        blocks=empty_blocks(LANES if d <= SIDE else 1, d, rank.dtype),
        empty_block=frozen(empty_blocks(1, d, rank.dtype)[0]),
        bits=np.zeros(d, dtype=np.uint64),
        matching=np.zeros((5, d), dtype=np.int64),
        rounds=np.zeros((4, LANES), dtype=np.int64),
        path=path_tables(k if k <= MOST_ORDERED else 1),
    )
    scratch = [np.zeros(k, dtype=np.int64) for _ in range(4)]
    return ClassPack(pack, np.zeros((k, d), dtype=np.uint32), classes.class_of.astype(np.uint32), *scratch)
