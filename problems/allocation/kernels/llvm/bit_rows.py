"""Rows of ranks in vector instructions: one row of a block of 16, 32 or 64 columns at a time.

As in `blocks_8x8`, parameters that only the generated code reads begin with an underscore.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic

from tasklet_bench.problems.allocation.kernels.llvm import plain
from tasklet_bench.problems.allocation.kernels.llvm.ops import WORD, halved, larger, scalar, smaller, splat
from tasklet_bench.problems.allocation.kernels.llvm.switch import PLAIN

_WIDEST = 64


def _row_test(side: int) -> Any:
    @intrinsic
    def within(_typing, blocks, _block, _row, _threshold):  # type: ignore[no-untyped-def]
        """The columns of one row of `blocks[block]` whose class is at most `threshold`, as bits."""

        def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
            ranks = _load_row(context, builder, signature, arguments, side)
            limit = splat(builder, builder.trunc(arguments[3], ranks.type.element), side)
            word = builder.bitcast(builder.icmp_unsigned("<=", ranks, limit), ir.IntType(side))
            return word if side == _WIDEST else builder.zext(word, WORD)

        return types.uint64(blocks, types.int64, types.int64, types.int64), generate

    return within


def _rows_minimum(side: int) -> Any:
    @intrinsic
    def cheapest(_typing, blocks, _block, _rows, _columns):  # type: ignore[no-untyped-def]
        """The smallest class of `blocks[block]` among some rows, at least one, and some columns, both given as bits."""

        def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
            vector = ir.VectorType(context.get_data_type(signature.args[0].dtype), side)
            highest = ir.Constant(vector, [-1] * side)
            left, lowest = (cgutils.alloca_once_value(builder, value) for value in (arguments[2], highest))
            again, after = (builder.append_basic_block(name) for name in ("row", "rows_end"))
            builder.branch(again)
            builder.position_at_end(again)
            rows = builder.load(left)
            place = builder.cttz(rows, ir.Constant(ir.IntType(1), 0))
            row = _load_row(context, builder, signature, [*arguments[:2], place], side)
            builder.store(smaller(builder, builder.load(lowest), row), lowest)
            rest = builder.and_(rows, builder.sub(rows, ir.Constant(WORD, 1)))
            builder.store(rest, left)
            builder.cbranch(builder.icmp_unsigned("!=", rest, ir.Constant(WORD, 0)), again, after)
            builder.position_at_end(after)
            word = arguments[3] if side == _WIDEST else builder.trunc(arguments[3], ir.IntType(side))
            chosen = builder.bitcast(word, ir.VectorType(ir.IntType(1), side))
            kept = builder.select(chosen, builder.load(lowest), highest)
            return scalar(builder, halved(builder, kept, smaller, 1))

        return types.int64(blocks, types.int64, types.uint64, types.uint64), generate

    return cheapest


def _side_bound(side: int) -> Any:
    @intrinsic
    def bound(_typing, blocks, _block, _rows):  # type: ignore[no-untyped-def]
        """`lower_bound` for a block of any side; the first `rows` rows are looked at."""

        def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
            vector = ir.VectorType(context.get_data_type(signature.args[0].dtype), side)
            columns = cgutils.alloca_once_value(builder, ir.Constant(vector, [-1] * side))
            costliest = cgutils.alloca_once_value(builder, ir.Constant(WORD, 0))
            with cgutils.for_range(builder, arguments[2]) as loop:
                row = _load_row(context, builder, signature, [*arguments[:2], loop.index], side)
                builder.store(smaller(builder, builder.load(columns), row), columns)
                cheapest_here = scalar(builder, halved(builder, row, smaller, 1))
                builder.store(larger(builder, builder.load(costliest), cheapest_here), costliest)
            real = builder.icmp_unsigned(
                "<", ir.Constant(ir.VectorType(WORD, side), list(range(side))), splat(builder, arguments[2], side)
            )
            kept = builder.select(real, builder.load(columns), ir.Constant(vector, [0] * side))
            return larger(builder, builder.load(costliest), scalar(builder, halved(builder, kept, larger, 1)))

        return types.int64(blocks, types.int64, types.int64), generate

    return bound


row_within_16, row_within_32, row_within_64 = (_row_test(side) for side in (16, 32, 64))
cheapest_16, cheapest_32, cheapest_64 = (_rows_minimum(side) for side in (16, 32, 64))
lower_bound_16, lower_bound_32, lower_bound_64 = (_side_bound(side) for side in (16, 32, 64))


@intrinsic
def copy_block(_typing, blocks, _source, _target):  # type: ignore[no-untyped-def]
    """Write `blocks[source]` to `blocks[target]`, another one."""

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        array = context.make_array(signature.args[0])(context, builder, arguments[0])
        size = builder.mul(*(builder.extract_value(array.shape, i) for i in (1, 2)))
        old, new = (builder.gep(array.data, [builder.mul(number, size)]) for number in arguments[1:])
        cgutils.raw_memcpy(builder, new, old, size, ir.Constant(WORD, signature.args[0].dtype.bitwidth // 8))
        return context.get_dummy_value()

    return types.none(blocks, types.int64, types.int64), generate


@intrinsic
def lowest_bit(_typing, _word):  # type: ignore[no-untyped-def]
    """The place of the lowest bit that is set; 64 where none is."""

    def generate(_context, builder, _signature, arguments):  # type: ignore[no-untyped-def]
        return builder.cttz(arguments[0], ir.Constant(ir.IntType(1), 0))

    return types.int64(types.uint64), generate


def _load_row(context: Any, builder: Any, signature: Any, arguments: Any, side: int) -> Any:
    """One row of one block."""
    array = context.make_array(signature.args[0])(context, builder, arguments[0])
    element = context.get_data_type(signature.args[0].dtype)
    row = builder.add(builder.mul(arguments[1], ir.Constant(WORD, side)), arguments[2])
    start = builder.gep(array.data, [builder.mul(row, ir.Constant(WORD, side))])
    vector = ir.VectorType(element, side)
    return builder.load(builder.bitcast(start, vector.as_pointer()), align=element.width // 8)


if PLAIN:
    row_within_16 = row_within_32 = row_within_64 = plain.row_within
    cheapest_16 = cheapest_32 = cheapest_64 = plain.cheapest_in_rows
    lower_bound_16 = lower_bound_32 = lower_bound_64 = plain.lower_bound_of_side
    copy_block = plain.copy_block
    lowest_bit = plain.lowest_bit
