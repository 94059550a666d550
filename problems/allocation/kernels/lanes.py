"""Vector instructions that numba has no words for, written as portable LLVM vectors.

A *block* is the ranks between two groups of at most 8 devices, padded to 8 × 8: 64 lanes that a machine with wide
vectors compares in one instruction; LLVM splits them where vectors are narrower. A set of pairs is then one 64-bit word,
pair (i, j) at bit 8i + j, and a set of rows a number 0..255.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic

SIDE = 8
LANES = SIDE * SIDE
_BYTE, _WORD = ir.IntType(8), ir.IntType(64)
_BYTES = ir.VectorType(_BYTE, LANES)


@intrinsic
def lower_bound(_typing, blocks, block):  # type: ignore[no-untyped-def]
    """No matching of `blocks[block]` is better than its dearest cheapest pair, over all rows and all columns."""

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        ranks = _load(context, builder, signature, arguments)
        rows = _halved(builder, _fold(builder, ranks, (1, 2, 4), _smaller), _larger, SIDE)
        columns = _halved(builder, ranks, _smaller, SIDE)
        return _scalar(builder, _halved(builder, _larger(builder, rows, columns), _larger, 1))

    return types.int64(blocks, types.int64), generate


@intrinsic
def pairs_within(_typing, blocks, block, threshold):  # type: ignore[no-untyped-def]
    """The pairs of `blocks[block]` whose class is at most `threshold`."""

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        ranks = _load(context, builder, signature, arguments)
        limit = _splat(builder, builder.trunc(arguments[2], ranks.type.element), LANES)
        return builder.bitcast(builder.icmp_unsigned("<=", ranks, limit), _WORD)

    return types.uint64(blocks, types.int64, types.int64), generate


@intrinsic
def cheapest(_typing, blocks, block, pairs):  # type: ignore[no-untyped-def]
    """The smallest class of `blocks[block]` among `pairs`."""

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        ranks = _load(context, builder, signature, arguments)
        chosen = builder.bitcast(arguments[2], ir.VectorType(ir.IntType(1), LANES))
        kept = builder.select(chosen, ranks, ir.Constant(ranks.type, [-1] * LANES))
        return _scalar(builder, _halved(builder, kept, _smaller, 1))

    return types.int64(blocks, types.int64, types.uint64), generate


@intrinsic
def replace_device(_typing, blocks, source, target, slot, as_row, rank, device, members, opposite):  # type: ignore[no-untyped-def]
    """Write `blocks[source]` to `blocks[target]`, with `device` in one slot of its rows or of its columns.

    Its ranks are those to the 8 devices `members[opposite]`.
    """

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        found, ranks, groups = (context.make_array(signature.args[i])(context, builder, arguments[i]) for i in (0, 5, 7))
        old = _load(context, builder, signature, arguments)
        row = builder.gep(ranks.data, [builder.mul(arguments[6], builder.extract_value(ranks.shape, 1))])
        first = builder.mul(arguments[8], ir.Constant(_WORD, SIDE))
        links = ir.Constant(ir.VectorType(old.type.element, SIDE), ir.Undefined)
        for lane in range(SIDE):
            mate = builder.load(builder.gep(groups.data, [builder.add(first, ir.Constant(_WORD, lane))]))
            link = builder.load(builder.gep(row, [builder.zext(mate, _WORD)]))
            links = builder.insert_element(links, link, ir.Constant(ir.IntType(32), lane))
        at = _splat(builder, builder.trunc(arguments[3], _BYTE), LANES)
        new = old
        for here, spread in (
            (arguments[4], [(lane // SIDE, lane % SIDE) for lane in range(LANES)]),
            (builder.not_(arguments[4]), [(lane % SIDE, lane // SIDE) for lane in range(LANES)]),
        ):
            slots = ir.Constant(_BYTES, [own for own, _ in spread])
            replaced = builder.shuffle_vector(links, links, lane_numbers([other for _, other in spread]))
            chosen = builder.select(builder.icmp_unsigned("==", slots, at), replaced, old)
            new = builder.select(here, chosen, new)
        place = builder.gep(found.data, [builder.mul(arguments[2], ir.Constant(_WORD, LANES))])
        builder.store(new, builder.bitcast(place, new.type.as_pointer()), align=old.type.element.width // 8)
        return context.get_dummy_value()

    whole = types.int64
    return types.none(blocks, whole, whole, whole, types.boolean, rank, whole, members, whole), generate


def _row_test(side: int) -> Any:
    @intrinsic
    def within(_typing, blocks, block, row, threshold):  # type: ignore[no-untyped-def]
        """The columns of one row of `blocks[block]` whose class is at most `threshold`, as bits."""

        def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
            ranks = _load_row(context, builder, signature, arguments, side)
            limit = _splat(builder, builder.trunc(arguments[3], ranks.type.element), side)
            word = builder.bitcast(builder.icmp_unsigned("<=", ranks, limit), ir.IntType(side))
            return word if side == LANES else builder.zext(word, _WORD)

        return types.uint64(blocks, types.int64, types.int64, types.int64), generate

    return within


def _row_minimum(side: int) -> Any:
    @intrinsic
    def cheapest_in_row(_typing, blocks, block, row, columns):  # type: ignore[no-untyped-def]
        """The smallest class in one row of `blocks[block]` among some columns, given as bits."""

        def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
            ranks = _load_row(context, builder, signature, arguments, side)
            word = arguments[3] if side == LANES else builder.trunc(arguments[3], ir.IntType(side))
            chosen = builder.bitcast(word, ir.VectorType(ir.IntType(1), side))
            kept = builder.select(chosen, ranks, ir.Constant(ranks.type, [-1] * side))
            return _scalar(builder, _halved(builder, kept, _smaller, 1))

        return types.int64(blocks, types.int64, types.int64, types.uint64), generate

    return cheapest_in_row


def _side_bound(side: int) -> Any:
    @intrinsic
    def bound(_typing, blocks, block, rows):  # type: ignore[no-untyped-def]
        """`lower_bound` for a block of any side; the first `rows` rows are looked at."""

        def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
            vector = ir.VectorType(context.get_data_type(signature.args[0].dtype), side)
            columns = cgutils.alloca_once_value(builder, ir.Constant(vector, [-1] * side))
            dearest = cgutils.alloca_once_value(builder, ir.Constant(_WORD, 0))
            with cgutils.for_range(builder, arguments[2]) as loop:
                row = _load_row(context, builder, signature, [*arguments[:2], loop.index], side)
                builder.store(_smaller(builder, builder.load(columns), row), columns)
                cheapest_here = _scalar(builder, _halved(builder, row, _smaller, 1))
                builder.store(_larger(builder, builder.load(dearest), cheapest_here), dearest)
            real = builder.icmp_unsigned(
                "<", ir.Constant(ir.VectorType(_WORD, side), list(range(side))), _splat(builder, arguments[2], side)
            )
            kept = builder.select(real, builder.load(columns), ir.Constant(vector, [0] * side))
            return _larger(builder, builder.load(dearest), _scalar(builder, _halved(builder, kept, _larger, 1)))

        return types.int64(blocks, types.int64, types.int64), generate

    return bound


row_within_16, row_within_32, row_within_64 = (_row_test(side) for side in (16, 32, 64))
cheapest_in_row_16, cheapest_in_row_32, cheapest_in_row_64 = (_row_minimum(side) for side in (16, 32, 64))
lower_bound_16, lower_bound_32, lower_bound_64 = (_side_bound(side) for side in (16, 32, 64))


@intrinsic
def lowest_bit(_typing, word):  # type: ignore[no-untyped-def]
    """The place of the lowest bit that is set; 64 where none is."""

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        return builder.cttz(arguments[0], ir.Constant(ir.IntType(1), 0))

    return types.int64(types.uint64), generate


@intrinsic
def hall_violator(_typing, pairs):  # type: ignore[no-untyped-def]
    """A set of rows with fewer columns within reach than rows (Hall), or 0 where `pairs` hold a perfect matching."""

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        words = []
        for sizes, reached in _subsets(builder, arguments[0]):
            words.append(builder.bitcast(builder.icmp_unsigned("<", reached, sizes), _WORD))
        found = ir.Constant(_WORD, 0)
        for i in reversed(range(4)):
            place = builder.add(builder.cttz(words[i], ir.Constant(ir.IntType(1), 0)), ir.Constant(_WORD, LANES * i))
            found = builder.select(builder.icmp_unsigned("!=", words[i], ir.Constant(_WORD, 0)), place, found)
        return found

    return types.int64(types.uint64), generate


@intrinsic
def deficiency(_typing, pairs):  # type: ignore[no-untyped-def]
    """How many of 8 rows stay alone in a largest matching over `pairs`: the most that Hall's condition fails by."""

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        worst = ir.Constant(_BYTES, [0] * LANES)
        for sizes, reached in _subsets(builder, arguments[0]):
            short = builder.sub(sizes, reached)
            worst = builder.select(builder.icmp_signed(">", short, worst), short, worst)
        return _scalar(builder, _halved(builder, worst, _larger, 1))

    return types.int64(types.uint64), generate


@intrinsic
def group_of_8_s(_typing, dp_s, members, group):  # type: ignore[no-untyped-def]
    """The largest sum of `dp_s` from one of the 8 devices `members[group]` to the others (in seconds).

    Every link is read once and counts for both its ends; each device still adds its mates up in ascending order.
    """

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        seconds, rows = (context.make_array(signature.args[i])(context, builder, arguments[i]) for i in (0, 1))
        width = builder.extract_value(seconds.shape, 1)
        first = builder.mul(arguments[2], ir.Constant(_WORD, SIDE))
        places = [builder.gep(rows.data, [builder.add(first, ir.Constant(_WORD, i))]) for i in range(SIDE)]
        devices = [builder.zext(builder.load(place), _WORD) for place in places]
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


def _subsets(builder: Any, pairs: Any) -> list[tuple[Any, Any]]:
    """Size of each of the 256 sets of rows, and the number of columns within its reach, as 4 vectors of 64."""
    both = builder.insert_element(ir.Constant(ir.VectorType(_WORD, SIDE), None), pairs, ir.Constant(ir.IntType(32), 0))
    spread = builder.shuffle_vector(both, both, ir.Constant(ir.VectorType(ir.IntType(32), SIDE), [0] * SIDE))
    rows = builder.bitcast(spread, _BYTES)
    low = _rows_where(builder, rows, 0, lambda s: s & 1)
    for i in range(1, 6):
        low = builder.or_(low, _rows_where(builder, rows, i, lambda s, i=i: s >> i & 1))
    sixth, seventh = (_rows_where(builder, rows, i, lambda _: 1) for i in (6, 7))
    both_high = builder.or_(sixth, seventh)
    unions = [low, builder.or_(low, sixth), builder.or_(low, seventh), builder.or_(low, both_high)]
    sizes = [ir.Constant(_BYTES, [(q * LANES + s).bit_count() for s in range(LANES)]) for q in range(4)]
    count = cgutils.get_or_insert_function(builder.module, ir.FunctionType(_BYTES, [_BYTES]), f"llvm.ctpop.v{LANES}i8")
    return [(sizes[q], builder.call(count, [unions[q]])) for q in range(4)]


def _rows_where(builder: Any, rows: Any, row: int, chosen: Any) -> Any:
    """Byte `row` in each lane that is chosen, 0 in the others; every 8 lanes hold all rows, so no lane is crossed."""
    nothing = ir.Constant(_BYTES, [0] * LANES)
    picks = [(s // 16 * 16 + row) if chosen(s) else LANES + s for s in range(LANES)]
    return builder.shuffle_vector(rows, nothing, lane_numbers(picks))


def _load(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    """The 64 ranks of one block."""
    array = context.make_array(signature.args[0])(context, builder, arguments[0])
    element = context.get_data_type(signature.args[0].dtype)
    start = builder.gep(array.data, [builder.mul(arguments[1], ir.Constant(_WORD, LANES))])
    vector = ir.VectorType(element, LANES)
    return builder.load(builder.bitcast(start, vector.as_pointer()), align=element.width // 8)


def _load_row(context: Any, builder: Any, signature: Any, arguments: Any, side: int) -> Any:
    """One row of one block."""
    array = context.make_array(signature.args[0])(context, builder, arguments[0])
    element = context.get_data_type(signature.args[0].dtype)
    row = builder.add(builder.mul(arguments[1], ir.Constant(_WORD, side)), arguments[2])
    start = builder.gep(array.data, [builder.mul(row, ir.Constant(_WORD, side))])
    vector = ir.VectorType(element, side)
    return builder.load(builder.bitcast(start, vector.as_pointer()), align=element.width // 8)


def _fold(builder: Any, vector: Any, distances: tuple[int, ...], combine: Any) -> Any:
    """Combine each lane with the lanes at the given distances in turn, all lanes alike (distances are powers of 2)."""
    for distance in distances:
        other = builder.shuffle_vector(vector, vector, lane_numbers([lane ^ distance for lane in range(LANES)]))
        vector = combine(builder, vector, other)
    return vector


def _halved(builder: Any, vector: Any, combine: Any, lanes: int) -> Any:
    """Combine the upper half of a vector with its lower half until only so many lanes are left."""
    while vector.type.count > lanes:
        half = vector.type.count // 2
        low, high = (builder.shuffle_vector(vector, vector, lane_numbers(range(i, i + half))) for i in (0, half))
        vector = combine(builder, low, high)
    return vector


def lane_numbers(lanes: Sequence[int]) -> Any:
    """The lanes that a shuffle takes, as LLVM wants them."""
    return ir.Constant(ir.VectorType(ir.IntType(32), len(lanes)), list(lanes))


def _splat(builder: Any, scalar: Any, lanes: int) -> Any:
    vector = ir.VectorType(scalar.type, lanes)
    first = builder.insert_element(ir.Constant(vector, None), scalar, ir.Constant(ir.IntType(32), 0))
    return builder.shuffle_vector(first, first, lane_numbers([0] * lanes))


def _scalar(builder: Any, vector: Any) -> Any:
    return builder.zext(builder.extract_element(vector, ir.Constant(ir.IntType(32), 0)), _WORD)


def _smaller(builder: Any, a: Any, b: Any) -> Any:
    return builder.select(builder.icmp_unsigned("<", a, b), a, b)


def _larger(builder: Any, a: Any, b: Any) -> Any:
    return builder.select(builder.icmp_unsigned(">", a, b), a, b)
