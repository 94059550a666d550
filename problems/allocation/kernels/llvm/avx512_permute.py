"""All blocks of an 8×8 problem at once, on machines that permute 64 ranks with one or two instructions.

Copying the ranks between all groups one by one takes longer than matching them. AVX-512 (VBMI for uint8, BW for
uint16) brings a whole row of the 64×64 ranks into the order of the groups at once; the 8 rows of a group are then
transposed, 8 ranks at a time, into its blocks with all groups. Elsewhere `available` is False and `blocks.gather` used.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic

from tasklet_bench.problems.allocation.kernels.llvm import plain
from tasklet_bench.problems.allocation.kernels.llvm.blocks_8x8 import LANES, SIDE
from tasklet_bench.problems.allocation.kernels.llvm.ops import INDEX, WORD, array_data, lane_numbers
from tasklet_bench.problems.allocation.kernels.llvm.switch import PLAIN

_NEEDED = {8: "+avx512vbmi", 16: "+avx512bw"}


@intrinsic
def available(_typing, rank):  # type: ignore[no-untyped-def]
    """Whether this machine can permute ranks of this type; known when the code is compiled."""

    def generate(context, _builder, _signature, _arguments):  # type: ignore[no-untyped-def]
        return ir.Constant(ir.IntType(1), int(_can(context, rank.dtype.bitwidth)))

    return types.boolean(rank), generate


@intrinsic
def all_blocks(_typing, rank, members, blocks):  # type: ignore[no-untyped-def]
    """Write the ranks `(64, 64)` between the groups a and b of `members`, uint32 `(8, 8)`, to `blocks[8a + b]`."""

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        width = rank.dtype.bitwidth
        if not _can(context, width):
            return context.get_dummy_value()
        ranks, groups, result = (array_data(context, builder, signature, arguments, i) for i in range(3))
        vector = ir.VectorType(ir.IntType(width), LANES)
        devices = builder.load(builder.bitcast(groups, ir.VectorType(INDEX, LANES).as_pointer()), align=4)
        order = builder.trunc(devices, vector)
        first_row, end, step = (ir.Constant(WORD, row) for row in (SIDE, LANES, SIDE))
        with cgutils.for_range_slice(builder, first_row, end, step) as (first, _):
            rows = []
            for i in range(SIDE):
                device = builder.load(builder.gep(groups, [builder.add(first, ir.Constant(WORD, i))]))
                start = builder.gep(ranks, [builder.mul(builder.zext(device, WORD), ir.Constant(WORD, LANES))])
                row = builder.load(builder.bitcast(start, vector.as_pointer()), align=width // 8)
                rows.append(_permuted(builder, row, order))
            for b, block in enumerate(_transposed(builder, rows)):
                place = builder.mul(builder.add(first, ir.Constant(WORD, b)), ir.Constant(WORD, LANES))
                builder.store(
                    block, builder.bitcast(builder.gep(result, [place]), vector.as_pointer()), align=width // 8
                )
        return context.get_dummy_value()

    return types.none(rank, members, blocks), generate


def _can(context: Any, width: int) -> bool:
    return width in _NEEDED and _NEEDED[width] in context.codegen().magic_tuple()[2].split(",")


def _permuted(builder: Any, row: Any, order: Any) -> Any:
    """The elements of `row` in an order that is known only at run time."""
    if row.type.element.width == 8:
        kind = ir.FunctionType(row.type, [row.type] * 2)
        permute = cgutils.get_or_insert_function(builder.module, kind, "llvm.x86.avx512.permvar.qi.512")
        return builder.call(permute, [row, order])
    half = ir.VectorType(row.type.element, LANES // 2)
    kind = ir.FunctionType(half, [half] * 3)
    permute = cgutils.get_or_insert_function(builder.module, kind, "llvm.x86.avx512.vpermi2var.hi.512")
    low, high = _halves(builder, row)
    parts = [builder.call(permute, [low, part, high]) for part in _halves(builder, order)]
    return builder.shuffle_vector(*parts, lane_numbers(range(LANES)))


def _halves(builder: Any, vector: Any) -> list[Any]:
    return [builder.shuffle_vector(vector, vector, lane_numbers(range(i, i + LANES // 2))) for i in (0, LANES // 2)]


def _transposed(builder: Any, rows: list[Any]) -> list[Any]:
    """Exchange piece j of row i with piece i of row j, where a piece is 8 neighbouring lanes."""
    for distance in (4, 2, 1):
        crossed = list(rows)
        for i in (i for i in range(SIDE) if not i & distance):
            pair = rows[i], rows[i + distance]
            upper = [p if not p & distance else SIDE + p - distance for p in range(SIDE)]
            lower = [p + distance if not p & distance else SIDE + p for p in range(SIDE)]
            crossed[i] = builder.shuffle_vector(*pair, _pieces(upper))
            crossed[i + distance] = builder.shuffle_vector(*pair, _pieces(lower))
        rows = crossed
    return rows


def _pieces(chosen: list[int]) -> Any:
    return lane_numbers([SIDE * piece + lane for piece in chosen for lane in range(SIDE)])


if PLAIN:
    available = plain.available
    all_blocks = plain.all_blocks
