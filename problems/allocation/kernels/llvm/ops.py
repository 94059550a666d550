"""What the vector kernels are made of: LLVM's vector operations in a few words, for `llvmlite`'s IR builder.

Whatever is written with them runs everywhere: LLVM splits a vector that is wider than the machine's.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from llvmlite import ir

BYTE, WORD, INDEX = ir.IntType(8), ir.IntType(64), ir.IntType(32)


def array_data(context: Any, builder: Any, signature: Any, arguments: Any, i: int) -> Any:
    """Pointer to the first element of an intrinsic's i-th argument, an array in C order."""
    return context.make_array(signature.args[i])(context, builder, arguments[i]).data


def fold(builder: Any, vector: Any, distances: tuple[int, ...], combine: Any) -> Any:
    """Combine each lane with the lane at each of the given distances, which are powers of 2, in turn."""
    for distance in distances:
        other = builder.shuffle_vector(
            vector, vector, lane_numbers([lane ^ distance for lane in range(vector.type.count)])
        )
        vector = combine(builder, vector, other)
    return vector


def halved(builder: Any, vector: Any, combine: Any, lanes: int) -> Any:
    """Combine the upper half of a vector with its lower half until only so many lanes are left."""
    while vector.type.count > lanes:
        half = vector.type.count // 2
        low, high = (builder.shuffle_vector(vector, vector, lane_numbers(range(i, i + half))) for i in (0, half))
        vector = combine(builder, low, high)
    return vector


def lane_numbers(lanes: Sequence[int]) -> Any:
    """The lanes that a shuffle takes, as LLVM wants them."""
    return ir.Constant(ir.VectorType(INDEX, len(lanes)), list(lanes))


def splat(builder: Any, value: Any, lanes: int) -> Any:
    """A vector of so many copies of a value."""
    vector = ir.VectorType(value.type, lanes)
    first = builder.insert_element(ir.Constant(vector, ir.Undefined), value, ir.Constant(INDEX, 0))
    return builder.shuffle_vector(first, first, lane_numbers([0] * lanes))


def scalar(builder: Any, vector: Any) -> Any:
    """The first lane, as a 64-bit number."""
    return builder.zext(builder.extract_element(vector, ir.Constant(INDEX, 0)), WORD)


def smaller(builder: Any, a: Any, b: Any) -> Any:
    """The smaller of two unsigned numbers, or lane by lane of two vectors."""
    return builder.select(builder.icmp_unsigned("<", a, b), a, b)


def larger(builder: Any, a: Any, b: Any) -> Any:
    """The larger of two unsigned numbers, or lane by lane of two vectors."""
    return builder.select(builder.icmp_unsigned(">", a, b), a, b)
