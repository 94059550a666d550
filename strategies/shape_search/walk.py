"""The annealing of one shape's order in compiled code.

A move swaps two ranks, tensor groups or stages (one of two ranks may be idle), lets two replicas change places from a
stage on, or turns or rotates a run of stages, of all replicas or of one, or a run of replicas, of all stages or of one.
Only what a move touches is scored again (`problems.tensor_parallel.state`). The acceptance sees the cost and, for
plateaus, the mean over replicas and stages.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.compiled import jit
from tasklet_bench.problems.tensor_parallel.shape_table import REPLICAS, STAGES, TENSOR, WEIGHT_PARTS
from tasklet_bench.problems.tensor_parallel.state import refresh, total_seconds


class Memory(NamedTuple):
    """An order with what its cells, boundaries and rings take, a copy of all that for the way back, and the best."""

    order: NDArray[np.int64]
    cell_s: NDArray[np.float64]
    edge_s: NDArray[np.float64]
    ring_s: NDArray[np.float64]
    kept_order: NDArray[np.int64]
    kept_cell_s: NDArray[np.float64]
    kept_edge_s: NDArray[np.float64]
    kept_ring_s: NDArray[np.float64]
    best: NDArray[np.int64]


def new_memory(whole: NDArray[np.int64], order: NDArray[np.int64]) -> Memory:
    """Memory of a shape that stands at an order."""
    cells, rings = int(whole[STAGES] * whole[REPLICAS]), int(whole[STAGES] * whole[WEIGHT_PARTS])
    return Memory(
        order.copy(),
        np.zeros(cells),
        np.zeros(cells),
        np.zeros(rings),
        order.copy(),
        np.zeros(cells),
        np.zeros(cells),
        np.zeros(rings),
        order.copy(),
    )


@jit(allocates=False)
def walk(  # type: ignore[no-untyped-def]
    whole, real, layers, rates, delay_s, bandwidth, memory, rng, hot_s, cold_s, hot_guide, cold_guide, moves, best_s
):
    """Walk on from `memory.order` for so many moves, from one temperature (in seconds) to another.

    The mean's weight goes from `hot_guide` to `cold_guide`. An order that costs less than `best_s` is left in
    `memory.best`. Returns the cost of the best, and how many moves were scored.
    """
    scored = 0
    cost_s, mean_s = stand(whole, real, layers, rates, delay_s, bandwidth, memory)
    for move in range(moves):
        share = move / moves
        limit_s = -hot_s * (cold_s / hot_s) ** share * math.log(1.0 - rng.random())
        guide = hot_guide + share * (cold_guide - hot_guide)
        if not propose(whole, real, layers, rates, delay_s, bandwidth, memory, rng):
            continue
        scored += 1
        new_s, new_mean_s = total_seconds(whole, memory.cell_s, memory.edge_s, memory.ring_s)
        if new_s - cost_s + guide * (new_mean_s - mean_s) <= limit_s:
            cost_s, mean_s = new_s, new_mean_s
            _keep(memory)
            if cost_s < best_s:
                best_s = cost_s
                _copy(memory.order, memory.best)
        else:
            _restore(memory)
    return best_s, scored


@jit(allocates=False)
def stand(whole, real, layers, rates, delay_s, bandwidth, memory):  # type: ignore[no-untyped-def]
    """Score `memory.order` as a whole; returns its cost and the mean (in seconds)."""
    refresh(
        whole, real, layers, rates, delay_s, bandwidth, memory.order, memory.cell_s, memory.edge_s, memory.ring_s,
        0, len(memory.order),
    )  # fmt: skip
    _keep(memory)
    return total_seconds(whole, memory.cell_s, memory.edge_s, memory.ring_s)


@jit(allocates=False)
def propose(whole, real, layers, rates, delay_s, bandwidth, memory, rng):  # type: ignore[no-untyped-def]
    """Make a random move and score what it touches; returns whether there was one to make."""
    n, replicas, stages = whole[TENSOR], whole[REPLICAS], whole[STAGES]
    order = memory.order
    used, stage_size = n * replicas * stages, n * replicas
    u = rng.random()
    if stages > 1 and u < 0.1:
        low, high = _pair(stages, rng)
        begin, end = 0, stage_size
        if rng.random() < 0.5:
            begin = int(rng.random() * replicas) * n
            end = begin + n
        if rng.random() < 0.5:
            _turn(order, stage_size, low, high, begin, end)
        else:
            _rotate(order, stage_size, low, high, begin, end)
        first, last = low * stage_size, (high + 1) * stage_size
    elif stages > 1 and replicas > 1 and u < 0.2:
        a, b = _pair(replicas, rng)
        first, last = (1 + int(rng.random() * (stages - 1))) * stage_size, used
        for start in range(first, last, stage_size):
            _swap(order, start + a * n, start + b * n, n)
    elif replicas > 2 and u < 0.3:
        low, high = _pair(replicas, rng)
        first, last = 0, used
        if rng.random() < 0.5:
            first = int(rng.random() * stages) * stage_size
            last = first + stage_size
        turn = rng.random() < 0.5
        for start in range(first, last, stage_size):
            if turn:
                _turn(order, n, low, high, start, start + n)
            else:
                _rotate(order, n, low, high, start, start + n)
    else:
        unit = 1
        if u > 0.9 and replicas > 1:
            unit = stage_size
        elif u > 0.7:
            unit = n
        a = int(rng.random() * (used // unit))
        b = int(rng.random() * (len(order) if unit == 1 else used // unit))
        if a == b:
            return False
        _swap(order, a * unit, b * unit, unit)
        refresh(
            whole, real, layers, rates, delay_s, bandwidth, order, memory.cell_s, memory.edge_s, memory.ring_s,
            b * unit, (b + 1) * unit,
        )  # fmt: skip
        first, last = a * unit, (a + 1) * unit
    refresh(
        whole, real, layers, rates, delay_s, bandwidth, order, memory.cell_s, memory.edge_s, memory.ring_s, first, last
    )
    return True


@jit(inline=True, allocates=False)
def _pair(n, rng):  # type: ignore[no-untyped-def]
    """Two different numbers below n, ascending."""
    a = int(rng.random() * n)
    b = (a + 1 + int(rng.random() * (n - 1))) % n
    return min(a, b), max(a, b)


@jit(allocates=False)
def _swap(order, a, b, size):  # type: ignore[no-untyped-def]
    """Runs of `size` devices at two places change places."""
    for k in range(size):
        order[a + k], order[b + k] = order[b + k], order[a + k]


@jit(allocates=False)
def _turn(order, step, low, high, begin, end):  # type: ignore[no-untyped-def]
    """Units low … high in reverse; unit 0 is the stretch `begin` … `end` of the order, each next one `step` later."""
    while low < high:
        _swap(order, low * step + begin, high * step + begin, end - begin)
        low += 1
        high -= 1


@jit(allocates=False)
def _rotate(order, step, low, high, begin, end):  # type: ignore[no-untyped-def]
    """The unit `low` moves behind the unit `high`; units as in `_turn`."""
    for unit in range(low, high):
        _swap(order, unit * step + begin, (unit + 1) * step + begin, end - begin)


@jit(inline=True, allocates=False)
def _copy(source, target):  # type: ignore[no-untyped-def]
    for i in range(len(source)):
        target[i] = source[i]


@jit(allocates=False)
def _keep(memory):  # type: ignore[no-untyped-def]
    """Note where the walk stands."""
    _copy(memory.order, memory.kept_order)
    _copy(memory.cell_s, memory.kept_cell_s)
    _copy(memory.edge_s, memory.kept_edge_s)
    _copy(memory.ring_s, memory.kept_ring_s)


@jit(allocates=False)
def _restore(memory):  # type: ignore[no-untyped-def]
    """Go back to where the walk stood."""
    _copy(memory.kept_order, memory.order)
    _copy(memory.kept_cell_s, memory.cell_s)
    _copy(memory.kept_edge_s, memory.edge_s)
    _copy(memory.kept_ring_s, memory.ring_s)
