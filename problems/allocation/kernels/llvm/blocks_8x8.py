"""Blocks of 8 × 8 ranks in vector instructions that numba has no words for, written as portable LLVM vectors.

A *block* is the ranks between two groups of at most 8 devices, padded to 8 × 8: 64 lanes, which a machine with wide
vectors compares in one instruction. A set of pairs is then one 64-bit word, pair (i, j) at bit 8i + j, and a set of
rows a number 0..255. Parameters that only the generated code reads begin with an underscore.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic

from tasklet_bench.problems.allocation.kernels.llvm import plain
from tasklet_bench.problems.allocation.kernels.llvm.ops import (
    BYTE,
    INDEX,
    WORD,
    fold,
    halved,
    lane_numbers,
    larger,
    scalar,
    smaller,
    splat,
)
from tasklet_bench.problems.allocation.kernels.llvm.switch import PLAIN

SIDE = 8
LANES = SIDE * SIDE
_BYTES = ir.VectorType(BYTE, LANES)


@intrinsic
def lower_bound(_typing, blocks, _block):  # type: ignore[no-untyped-def]
    """No matching of `blocks[block]` is better than its costliest cheapest pair, over all rows and all columns."""

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        ranks = _load(context, builder, signature, arguments)
        rows = halved(builder, fold(builder, ranks, (1, 2, 4), smaller), larger, SIDE)
        columns = halved(builder, ranks, smaller, SIDE)
        return scalar(builder, halved(builder, larger(builder, rows, columns), larger, 1))

    return types.int64(blocks, types.int64), generate


@intrinsic
def pairs_within(_typing, blocks, _block, _threshold):  # type: ignore[no-untyped-def]
    """The pairs of `blocks[block]` whose class is at most `threshold`."""

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        ranks = _load(context, builder, signature, arguments)
        limit = splat(builder, builder.trunc(arguments[2], ranks.type.element), LANES)
        return builder.bitcast(builder.icmp_unsigned("<=", ranks, limit), WORD)

    return types.uint64(blocks, types.int64, types.int64), generate


@intrinsic
def cheapest(_typing, blocks, _block, _pairs):  # type: ignore[no-untyped-def]
    """The smallest class of `blocks[block]` among `pairs`."""

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        ranks = _load(context, builder, signature, arguments)
        chosen = builder.bitcast(arguments[2], ir.VectorType(ir.IntType(1), LANES))
        kept = builder.select(chosen, ranks, ir.Constant(ranks.type, [-1] * LANES))
        return scalar(builder, halved(builder, kept, smaller, 1))

    return types.int64(blocks, types.int64, types.uint64), generate


@intrinsic
def replace_device(_typing, blocks, _source, _target, _slot, _as_row, rank, _device, members, _opposite):  # type: ignore[no-untyped-def]
    """Write `blocks[source]` to `blocks[target]`, with `device` in one slot of its rows or of its columns.

    Its ranks are those to the 8 devices `members[opposite]`.
    """

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        result, ranks, groups = (
            context.make_array(signature.args[i])(context, builder, arguments[i]) for i in (0, 5, 7)
        )
        old = _load(context, builder, signature, arguments)
        row = builder.gep(ranks.data, [builder.mul(arguments[6], builder.extract_value(ranks.shape, 1))])
        first = builder.mul(arguments[8], ir.Constant(WORD, SIDE))
        links = ir.Constant(ir.VectorType(old.type.element, SIDE), ir.Undefined)
        for lane in range(SIDE):
            mate = builder.load(builder.gep(groups.data, [builder.add(first, ir.Constant(WORD, lane))]))
            link = builder.load(builder.gep(row, [builder.zext(mate, WORD)]))
            links = builder.insert_element(links, link, ir.Constant(INDEX, lane))
        at = splat(builder, builder.trunc(arguments[3], BYTE), LANES)
        new = old
        for here, spread in (
            (arguments[4], [(lane // SIDE, lane % SIDE) for lane in range(LANES)]),
            (builder.not_(arguments[4]), [(lane % SIDE, lane // SIDE) for lane in range(LANES)]),
        ):
            slots = ir.Constant(_BYTES, [own for own, _ in spread])
            replaced = builder.shuffle_vector(links, links, lane_numbers([other for _, other in spread]))
            chosen = builder.select(builder.icmp_unsigned("==", slots, at), replaced, old)
            new = builder.select(here, chosen, new)
        place = builder.gep(result.data, [builder.mul(arguments[2], ir.Constant(WORD, LANES))])
        builder.store(new, builder.bitcast(place, new.type.as_pointer()), align=old.type.element.width // 8)
        return context.get_dummy_value()

    whole = types.int64
    return types.none(blocks, whole, whole, whole, types.boolean, rank, whole, members, whole), generate


@intrinsic
def hall_violator(_typing, _pairs):  # type: ignore[no-untyped-def]
    """A set of rows with fewer columns within reach than rows (Hall), or 0 where `pairs` hold a perfect matching."""

    def generate(_context, builder, _signature, arguments):  # type: ignore[no-untyped-def]
        words = []
        for sizes, reached in _subsets(builder, arguments[0]):
            words.append(builder.bitcast(builder.icmp_unsigned("<", reached, sizes), WORD))
        return _lowest_of(builder, words)

    return types.int64(types.uint64), generate


@intrinsic
def deficiency(_typing, _pairs):  # type: ignore[no-untyped-def]
    """How many of 8 rows stay alone in a largest matching over `pairs`: the most that Hall's condition fails by."""

    def generate(_context, builder, _signature, arguments):  # type: ignore[no-untyped-def]
        worst = ir.Constant(_BYTES, [0] * LANES)
        for sizes, reached in _subsets(builder, arguments[0]):
            short = builder.sub(sizes, reached)
            worst = builder.select(builder.icmp_signed(">", short, worst), short, worst)
        return scalar(builder, halved(builder, worst, larger, 1))

    return types.int64(types.uint64), generate


@intrinsic
def shortest_rows(_typing, _pairs):  # type: ignore[no-untyped-def]
    """The lowest-numbered of the sets of rows that lack the most columns, 0 where `pairs` hold a perfect matching.

    It is part of every other such set, and its rows are those that some largest matching leaves alone.
    """

    def generate(_context, builder, _signature, arguments):  # type: ignore[no-untyped-def]
        short = [builder.sub(sizes, reached) for sizes, reached in _subsets(builder, arguments[0])]
        worst = short[0]
        for other in short[1:]:
            worst = builder.select(builder.icmp_signed(">", other, worst), other, worst)
        for distance in (32, 16, 8, 4, 2, 1):
            other = builder.shuffle_vector(worst, worst, lane_numbers([lane ^ distance for lane in range(LANES)]))
            worst = builder.select(builder.icmp_signed(">", other, worst), other, worst)
        return _lowest_of(builder, [builder.bitcast(builder.icmp_signed("==", s, worst), WORD) for s in short])

    return types.uint64(types.uint64), generate


def _lowest_of(builder: Any, words: list[Any]) -> Any:
    """The place of the lowest bit that is set in four words, 0 where none is."""
    nothing = ir.Constant(WORD, 0)
    word, base = nothing, nothing
    for i in reversed(range(4)):
        any_set = builder.icmp_unsigned("!=", words[i], nothing)
        word = builder.select(any_set, words[i], word)
        base = builder.select(any_set, ir.Constant(WORD, LANES * i), base)
    place = builder.add(builder.cttz(word, ir.Constant(ir.IntType(1), 0)), base)
    return builder.select(builder.icmp_unsigned("!=", word, nothing), place, nothing)


def _subsets(builder: Any, pairs: Any) -> list[tuple[Any, Any]]:
    """Size of each of the 256 sets of rows, and the number of columns within its reach, as 4 vectors of 64."""
    both = builder.insert_element(ir.Constant(ir.VectorType(WORD, SIDE), None), pairs, ir.Constant(INDEX, 0))
    spread = builder.shuffle_vector(both, both, ir.Constant(ir.VectorType(INDEX, SIDE), [0] * SIDE))
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
    start = builder.gep(array.data, [builder.mul(arguments[1], ir.Constant(WORD, LANES))])
    vector = ir.VectorType(element, LANES)
    return builder.load(builder.bitcast(start, vector.as_pointer()), align=element.width // 8)


if PLAIN:
    lower_bound = plain.lower_bound
    pairs_within = plain.pairs_within
    cheapest = plain.cheapest
    replace_device = plain.replace_device
    hall_violator = plain.hall_violator
    deficiency = plain.deficiency
    shortest_rows = plain.shortest_rows
