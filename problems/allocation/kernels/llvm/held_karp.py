"""The two inner loops of the exact path, written as portable LLVM vectors: 8 or 16 groups at once, no branches."""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic

from tasklet_bench.problems.allocation.kernels.llvm import plain
from tasklet_bench.problems.allocation.kernels.llvm.ops import INDEX, WORD, array_data, splat
from tasklet_bench.problems.allocation.kernels.llvm.switch import PLAIN

LARGEST_HALF = 6
"""Half of the 12 groups that can be ordered exactly."""
MEETINGS = 8
"""Whole paths are compared so many at a time."""
_DOUBLE = ir.DoubleType()


def _held_karp(width: int) -> Any:
    """Held–Karp for rows of `width` groups, the subsets of one size after those of the size below."""

    @intrinsic
    def extend(_typing, path_s, length_s, sources, levels):  # type: ignore[no-untyped-def]
        """Fill `path_s` row by row with `min(path_s[source] + length_s[source % width])` over the row's sources.

        `levels[n]` is the first row whose subset has n groups, and so n sources; row 0 is the empty subset.
        """

        def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
            vector = ir.VectorType(_DOUBLE, width)
            path, length, froms, starts = (array_data(context, builder, signature, arguments, i) for i in range(4))
            following = cgutils.alloca_once_value(builder, froms)
            for size in range(1, LARGEST_HALF + 1):
                first, end = (builder.load(builder.gep(starts, [ir.Constant(WORD, n)])) for n in (size, size + 1))
                with cgutils.for_range_slice(builder, first, end, ir.Constant(WORD, 1)) as (row, _):
                    best, ours = None, builder.load(following)
                    for i in range(size):
                        source = builder.load(builder.gep(ours, [ir.Constant(WORD, i)]))
                        reached = splat(builder, builder.load(builder.gep(path, [source])), width)
                        group = builder.and_(source, ir.Constant(WORD, width - 1))
                        through = builder.fadd(reached, builder.load(_row(builder, length, group, vector), align=8))
                        best = through if best is None else _shorter(builder, through, best)
                    builder.store(best, _row(builder, path, row, vector), align=8)
                    builder.store(builder.gep(ours, [ir.Constant(WORD, size)]), following)
            return context.get_dummy_value()

        return types.none(path_s, length_s, sources, levels), generate

    return extend


extend_8 = _held_karp(8)
extend_16 = _held_karp(16)


@intrinsic
def shortest_meeting(_typing, path_s, meet):  # type: ignore[no-untyped-def]
    """The column of `meet` `(2, M)`, M a multiple of 8, whose two halves in `path_s` are shortest together."""

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        path, positions = (array_data(context, builder, signature, arguments, i) for i in (0, 1))
        meet_array = context.make_array(signature.args[1])(context, builder, arguments[1])
        count = builder.extract_value(meet_array.shape, 1)
        lanes = ir.Constant(ir.VectorType(WORD, MEETINGS), list(range(MEETINGS)))
        best = cgutils.alloca_once_value(
            builder, ir.Constant(ir.VectorType(_DOUBLE, MEETINGS), [float("inf")] * MEETINGS)
        )
        place = cgutils.alloca_once_value(builder, lanes)
        with cgutils.for_range_slice(builder, ir.Constant(WORD, 0), count, ir.Constant(WORD, MEETINGS)) as (i, _):
            head = _collect(builder, path, positions, i)
            tail = _collect(builder, path, positions, builder.add(i, count))
            whole, kept = builder.fadd(head, tail), builder.load(best)
            shorter = builder.fcmp_ordered("<", whole, kept)
            here = builder.add(splat(builder, i, MEETINGS), lanes)
            builder.store(builder.select(shorter, whole, kept), best)
            builder.store(builder.select(shorter, here, builder.load(place)), place)
        return _least(builder, builder.load(best), builder.load(place))

    return types.int64(path_s, meet), generate


def _collect(builder: Any, path: Any, positions: Any, start: Any) -> Any:
    """The numbers in `path` at the next 8 positions."""
    result = ir.Constant(ir.VectorType(_DOUBLE, MEETINGS), ir.Undefined)
    for lane in range(MEETINGS):
        position = builder.load(builder.gep(positions, [builder.add(start, ir.Constant(WORD, lane))]))
        result = builder.insert_element(result, builder.load(builder.gep(path, [position])), ir.Constant(INDEX, lane))
    return result


def _least(builder: Any, values: Any, places: Any) -> Any:
    """The place of the smallest value, the first of equal lanes."""
    pairs = [
        tuple(builder.extract_element(vector, ir.Constant(INDEX, lane)) for vector in (values, places))
        for lane in range(MEETINGS)
    ]
    while len(pairs) > 1:
        pairs = [_nearer(builder, *pairs[i : i + 2]) for i in range(0, len(pairs), 2)]
    return pairs[0][1]


def _shorter(builder: Any, a: Any, b: Any) -> Any:
    return builder.select(builder.fcmp_ordered("<", a, b), a, b)


def _nearer(builder: Any, a: tuple[Any, Any], b: tuple[Any, Any]) -> tuple[Any, Any]:
    less = builder.fcmp_ordered("<", b[0], a[0])
    return builder.select(less, b[0], a[0]), builder.select(less, b[1], a[1])


def _row(builder: Any, data: Any, row: Any, vector: Any) -> Any:
    """Pointer to a row of `width` numbers, as a vector."""
    start = builder.gep(data, [builder.mul(row, ir.Constant(WORD, vector.count))])
    return builder.bitcast(start, vector.as_pointer())


if PLAIN:
    extend_8 = extend_16 = plain.extend
    shortest_meeting = plain.shortest_meeting
