"""The two cheapest links of devices to a group: found for one device, and followed for all where a member changes."""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic

from tasklet_bench.problems.allocation.kernels.llvm import plain
from tasklet_bench.problems.allocation.kernels.llvm.ops import BYTE, INDEX, WORD, halved, smaller, splat
from tasklet_bench.problems.allocation.kernels.llvm.switch import PLAIN

LANES = 8
SLOT_BITS = 20
"""A link with its slot is one number, the slot in so many low bits, so that of equal links the first counts."""
NOBODY = 1 << 62
_WORDS = ir.VectorType(WORD, LANES)
_LEVELS = ir.VectorType(INDEX, LANES)


@intrinsic
def two_nearest(_typing, rank, device_at, _device, _start, _count):  # type: ignore[no-untyped-def]
    """The two cheapest links of a device to those at `count` positions from `start`, each with its slot, or `NOBODY`.

    A device has no link to itself. `rank` `(N, N)`; `device_at` int64 `(P,)`, P a multiple of 8.
    """

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        ranks, devices = (context.make_array(signature.args[i])(context, builder, arguments[i]) for i in (0, 1))
        _, _, device, start, count = arguments
        levels = builder.gep(ranks.data, [builder.mul(device, builder.extract_value(ranks.shape, 1))])
        nobody = ir.Constant(_WORDS, [NOBODY] * LANES)
        near, after = (cgutils.alloca_once_value(builder, nobody) for _ in range(2))
        zero, step = ir.Constant(WORD, 0), ir.Constant(WORD, LANES)
        with cgutils.for_range_slice(builder, zero, count, step) as (first, _):
            mates = _devices(builder, devices, builder.add(start, first))
            mate_vector = _vector(builder, mates, _WORDS)
            links = builder.zext(_gathered(builder, levels, mates), _WORDS)
            slots = builder.add(splat(builder, first, LANES), ir.Constant(_WORDS, list(range(LANES))))
            keys = builder.or_(builder.shl(links, ir.Constant(_WORDS, [SLOT_BITS] * LANES)), slots)
            counted = builder.and_(
                builder.icmp_signed("<", slots, splat(builder, count, LANES)),
                builder.icmp_signed("!=", mate_vector, splat(builder, device, LANES)),
            )
            keys = builder.select(counted, keys, nobody)
            best, second = builder.load(near), builder.load(after)
            greater = builder.select(builder.icmp_unsigned("<", best, keys), keys, best)
            builder.store(smaller(builder, second, greater), after)
            builder.store(smaller(builder, best, keys), near)
        bests = builder.load(near)
        best = builder.extract_element(halved(builder, bests, smaller, 1), ir.Constant(INDEX, 0))
        others = builder.select(builder.icmp_unsigned("==", bests, splat(builder, best, LANES)), nobody, bests)
        others = smaller(builder, others, builder.load(after))
        second = builder.extract_element(halved(builder, others, smaller, 1), ir.Constant(INDEX, 0))
        return context.make_tuple(builder, signature.return_type, (best, second))

    whole = types.int64
    return types.UniTuple(types.int64, 2)(rank, device_at, whole, whole, whole), generate  # type: ignore[attr-defined]


@intrinsic
def replace_member(_typing, near, after, nearest, device_at, rank, changed, _group, _slot, _old, _new):  # type: ignore[no-untyped-def]
    """Follow what a group's change of one member, `new` for `old` in a slot, does to the row `group` of three tables.

    `near`, `after`, `nearest`: int32 `(K, P)`, P a multiple of 8. To `changed`, uint8 `(2, P/8)`, go as bits the
    positions that have lost one of their two cheapest links for a costlier one, whose row is not right, and those whose
    `near` is another.
    """

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        arrays = [context.make_array(signature.args[i])(context, builder, arguments[i]) for i in range(6)]
        tables, devices, ranks, notes = arrays[:3], arrays[3], arrays[4], arrays[5]
        _, slot, old, new = arguments[6:]
        size, chunks = builder.extract_value(devices.shape, 0), builder.extract_value(notes.shape, 1)
        row = builder.mul(arguments[6], size)
        lost, gained = (
            builder.gep(ranks.data, [builder.mul(device, builder.extract_value(ranks.shape, 1))])
            for device in (old, new)
        )
        slots = splat(builder, builder.trunc(slot, INDEX), LANES)
        with cgutils.for_range(builder, chunks) as loop:
            start = builder.mul(loop.index, ir.Constant(WORD, LANES))
            mates = _devices(builder, devices, start)
            link, broken = (_widened(builder, _gathered(builder, levels, mates)) for levels in (gained, lost))
            places = [
                builder.bitcast(builder.gep(table.data, [builder.add(row, start)]), _LEVELS.as_pointer())
                for table in tables
            ]
            first, second, holder = (builder.load(place, align=4) for place in places)
            leaves = builder.icmp_signed("==", holder, slots)
            takes = builder.or_(leaves, builder.icmp_signed("<", link, first))
            below = smaller(builder, second, link)
            wrong = builder.and_(builder.icmp_signed("<=", broken, second), builder.icmp_signed("<", second, link))
            builder.store(builder.select(takes, link, first), places[0], align=4)
            builder.store(builder.select(takes, builder.select(leaves, second, first), below), places[1], align=4)
            builder.store(builder.select(takes, slots, holder), places[2], align=4)
            for i, lanes in enumerate((wrong, takes)):
                place = builder.gep(notes.data, [builder.add(builder.mul(ir.Constant(WORD, i), chunks), loop.index)])
                builder.store(builder.bitcast(lanes, BYTE), place)
        return context.get_dummy_value()

    whole = types.int64
    return types.none(near, after, nearest, device_at, rank, changed, whole, whole, whole, whole), generate


def _devices(builder: Any, device_at: Any, start: Any) -> list[Any]:
    """Who stands at eight neighbouring positions."""
    places = [builder.add(start, ir.Constant(WORD, lane)) for lane in range(LANES)]
    return [builder.load(builder.gep(device_at.data, [place])) for place in places]


def _gathered(builder: Any, row: Any, devices: list[Any]) -> Any:
    """The levels of eight devices in a row of ranks."""
    levels = [builder.load(builder.gep(row, [device])) for device in devices]
    return _vector(builder, levels, ir.VectorType(levels[0].type, LANES))


def _vector(builder: Any, values: list[Any], kind: Any) -> Any:
    vector = ir.Constant(kind, ir.Undefined)
    for lane, value in enumerate(values):
        vector = builder.insert_element(vector, value, ir.Constant(INDEX, lane))
    return vector


def _widened(builder: Any, levels: Any) -> Any:
    return levels if levels.type == _LEVELS else builder.zext(levels, _LEVELS)


if PLAIN:
    two_nearest = plain.two_nearest
    replace_member = plain.replace_member
