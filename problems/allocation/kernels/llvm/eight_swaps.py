"""Eight swaps of one device at once, each held against a ceiling."""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic

from tasklet_bench.problems.allocation.kernels.llvm import plain
from tasklet_bench.problems.allocation.kernels.llvm.ops import BYTE, INDEX, WORD, splat
from tasklet_bench.problems.allocation.kernels.llvm.switch import PLAIN

LANES = 8


@intrinsic
def within_ceiling(_typing, load_s, near_s, without_s, dp_s, device_at, _rows, _device, _first, _terms):  # type: ignore[no-untyped-def]
    """Which of the swaps of a device with those at 8 neighbouring positions, as bits, cost no more than a ceiling.

    `device_at` `(P,)` int64 and the tables `(…, P)` go by positions, `dp_s` by devices. `rows`, five int64: the row of
    `load_s`, two of `near_s` and two of `without_s`. `terms`, eight numbers: what the device pays in the other stage,
    the slowest of the other stages, the weight of the two stages' sum, what each of the four rows counts at least, and
    the ceiling (all but the weight in seconds). The sums are added up from left to right.
    """

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        arrays = [context.make_array(signature.args[i])(context, builder, arguments[i]) for i in range(5)]
        rows = [builder.extract_value(arguments[5], i) for i in range(5)]
        terms = [splat(builder, builder.extract_value(arguments[8], i), LANES) for i in range(8)]
        first = arguments[7]
        load, *edges = (
            _row(builder, arrays[table], row, first) for table, row in zip((0, 1, 1, 2, 2), rows, strict=True)
        )
        pair = _pairs(builder, arrays[3], arguments[6], arrays[4], first)
        ours, theirs = builder.fsub(load, pair), builder.fsub(terms[0], pair)
        slowest = _larger(builder, terms[1], _larger(builder, ours, theirs))
        total_edges = None
        for edge, least in zip(edges, terms[3:7], strict=True):
            counted = _larger(builder, edge, least)
            total_edges = counted if total_edges is None else builder.fadd(total_edges, counted)
        stages = builder.fadd(slowest, builder.fmul(terms[2], builder.fadd(ours, theirs)))
        above = builder.fcmp_ordered(">", builder.fadd(stages, total_edges), terms[7])
        return builder.zext(builder.bitcast(builder.not_(above), BYTE), WORD)

    whole = types.int64
    rows, terms = (types.UniTuple(kind, count) for kind, count in ((whole, 5), (types.float64, 8)))  # type: ignore[attr-defined]
    return types.uint64(load_s, near_s, without_s, dp_s, device_at, rows, whole, whole, terms), generate


def _row(builder: Any, table: Any, row: Any, first: Any) -> Any:
    """Eight numbers of a row of a table."""
    place = builder.add(builder.mul(row, builder.extract_value(table.shape, 1)), first)
    vector = ir.VectorType(ir.DoubleType(), LANES)
    return builder.load(builder.bitcast(builder.gep(table.data, [place]), vector.as_pointer()), align=8)


def _pairs(builder: Any, dp_s: Any, device: Any, device_at: Any, first: Any) -> Any:
    """Seconds between a device and those at eight positions."""
    row = builder.gep(dp_s.data, [builder.mul(device, builder.extract_value(dp_s.shape, 1))])
    vector = ir.Constant(ir.VectorType(ir.DoubleType(), LANES), ir.Undefined)
    for lane in range(LANES):
        other = builder.load(builder.gep(device_at.data, [builder.add(first, ir.Constant(WORD, lane))]))
        pair = builder.load(builder.gep(row, [other]))
        vector = builder.insert_element(vector, pair, ir.Constant(INDEX, lane))
    return vector


def _larger(builder: Any, a: Any, b: Any) -> Any:
    return builder.select(builder.fcmp_ordered(">", a, b), a, b)


if PLAIN:
    within_ceiling = plain.within_ceiling
