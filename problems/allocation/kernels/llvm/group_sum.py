"""The sums of a data-parallel group of 8, unrolled."""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic

from tasklet_bench.problems.allocation.kernels.llvm import plain
from tasklet_bench.problems.allocation.kernels.llvm.ops import WORD
from tasklet_bench.problems.allocation.kernels.llvm.switch import PLAIN

SIDE = 8


@intrinsic
def group_of_8_s(_typing, dp_s, members, _group):  # type: ignore[no-untyped-def]
    """The largest sum of `dp_s` from one of the 8 devices `members[group]` to the others (in seconds).

    Every link is read once and counts for both its ends; each device still adds its mates up in ascending order.
    """

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        seconds, rows = (context.make_array(signature.args[i])(context, builder, arguments[i]) for i in (0, 1))
        width = builder.extract_value(seconds.shape, 1)
        first = builder.mul(arguments[2], ir.Constant(WORD, SIDE))
        places = [builder.gep(rows.data, [builder.add(first, ir.Constant(WORD, i))]) for i in range(SIDE)]
        devices = [builder.zext(builder.load(place), WORD) for place in places]
        sums: list[Any] = [None] * SIDE
        for i in range(SIDE):
            row = builder.gep(seconds.data, [builder.mul(devices[i], width)])
            for j in range(i + 1, SIDE):
                link = builder.load(builder.gep(row, [devices[j]]))
                for end in (i, j):
                    sums[end] = link if sums[end] is None else builder.fadd(sums[end], link)
        slowest = sums[0]
        for total in sums[1:]:
            slowest = builder.select(builder.fcmp_ordered(">", total, slowest), total, slowest)
        return slowest

    return types.float64(dp_s, members, types.int64), generate


if PLAIN:
    group_of_8_s = plain.group_of_8_s
