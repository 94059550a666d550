"""The sums of a data-parallel group: of 8 devices unrolled, and of any number with one device replaced."""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic

from tasklet_bench.problems.allocation.kernels.llvm import plain
from tasklet_bench.problems.allocation.kernels.llvm.ops import WORD, halved, splat
from tasklet_bench.problems.allocation.kernels.llvm.switch import PLAIN

SIDE = LANES = 8


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


@intrinsic
def slowest_other_s(_typing, pair_s, _group, _slot, new_s, _which):  # type: ignore[no-untyped-def]
    """The largest column sum of `pair_s[group]` `(D, W)`, W a multiple of 8, with row `slot` replaced (in seconds).

    `new_s[which]` stands for that row; the column of the same number is left out, and no sum counts as less than 0.
    Rows are added up in ascending order.
    """

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        pairs, rows = (context.make_array(signature.args[i])(context, builder, arguments[i]) for i in (0, 3))
        count, width = (builder.extract_value(pairs.shape, i) for i in (1, 2))
        vector = ir.VectorType(ir.DoubleType(), LANES)
        nothing = ir.Constant(vector, [0.0] * LANES)
        first = builder.gep(pairs.data, [builder.mul(arguments[1], builder.mul(count, width))])
        new = builder.gep(rows.data, [builder.mul(arguments[4], width)])
        slowest = cgutils.alloca_once_value(builder, nothing)
        slots, slot = ir.Constant(ir.VectorType(WORD, LANES), list(range(LANES))), splat(builder, arguments[2], LANES)
        start, step = ir.Constant(WORD, 0), ir.Constant(WORD, LANES)
        with cgutils.for_range_slice(builder, start, width, step) as (column, _):
            sums = cgutils.alloca_once(builder, vector)
            builder.store(nothing, sums)
            with cgutils.for_range(builder, count) as loop:
                old = builder.gep(first, [builder.mul(loop.index, width)])
                row = builder.select(builder.icmp_signed("==", loop.index, arguments[2]), new, old)
                links = builder.load(builder.bitcast(builder.gep(row, [column]), vector.as_pointer()), align=8)
                builder.store(builder.fadd(builder.load(sums), links), sums)
            other = builder.icmp_signed("!=", builder.add(splat(builder, column, LANES), slots), slot)
            counted, best = builder.select(other, builder.load(sums), nothing), builder.load(slowest)
            builder.store(_larger(builder, counted, best), slowest)
        return builder.extract_element(halved(builder, builder.load(slowest), _larger, 1), ir.Constant(WORD, 0))

    whole = types.int64
    return types.float64(pair_s, whole, whole, new_s, whole), generate


def _larger(builder: Any, a: Any, b: Any) -> Any:
    return builder.select(builder.fcmp_ordered(">", a, b), a, b)


if PLAIN:
    slowest_other_s = plain.slowest_other_s
    group_of_8_s = plain.group_of_8_s
