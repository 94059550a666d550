"""Score a candidate in compiled code; `judge` says the same in plain loops.

A *cell* is the tensor group of one stage and replica. What a cell costs depends on its devices and on those of the next
stage's cell alone, so that a change of few ranks changes few cells (`tensor_parallel.state` lives on that).
"""

from __future__ import annotations

import numpy as np

from tasklet_bench.problems.compiled import jit
from tasklet_bench.problems.tensor_parallel.shape_table import (
    ACTIVATION_BYTES,
    AXES,
    BOUNDARY_BYTES,
    DEPTH,
    FLOP,
    GRADIENT_BYTES,
    GRADIENT_HOPS,
    MICRO_BATCHES,
    REPLICAS,
    RING_BYTES,
    RING_HOPS,
    SIDE,
    STAGES,
    STATE_BYTES,
    TENSOR,
    WEIGHT_PARTS,
)

COMPUTE, EXCHANGE, SPILL, BOUNDARY, GRADIENTS = range(5)
"""Columns of parts: seconds of computing, tensor exchange, spilled memory, stage boundaries, gradients."""
FLOPS, MEMORY, HOST_LINK = range(3)
"""Rows of `rates`, shape `(3, N)`: operations/s, bytes, bytes/s."""


@jit(allocates=False)
def evaluate(whole, real, layers, rates, delay_s, bandwidth, order, parts_s):  # type: ignore[no-untyped-def]
    """Write the parts of a candidate, float64 `(5,)`, and return their sum (in seconds).

    `whole` `(8,)` and `real` `(10,)`: a row of the shape table; `layers`: of the model; `order`: int64 `(N,)`. A
    replica's seconds are those of its slowest stage for all micro-batches but one, and of all stages once.
    """
    slowest_s = -1.0
    cell_s = (0.0, 0.0, 0.0)
    for replica in range(whole[REPLICAS]):
        sum_c = sum_t = sum_s = sum_b = 0.0
        top_c = top_t = top_s = top_b = 0.0
        most_s, sum_step = -1.0, 0.0
        for stage in range(whole[STAGES]):
            first = (stage * whole[REPLICAS] + replica) * whole[TENSOR]
            cell_s = cell_seconds(whole, real, layers, rates, delay_s, bandwidth, order, first, stage)
            boundary_s = 0.0
            if stage + 1 < whole[STAGES]:
                there = first + whole[REPLICAS] * whole[TENSOR]
                boundary_s = boundary_seconds(whole, real, delay_s, bandwidth, order, first, there)
            step_s = cell_s[0] + cell_s[1] + cell_s[2] + boundary_s
            sum_c, sum_t, sum_s, sum_b = sum_c + cell_s[0], sum_t + cell_s[1], sum_s + cell_s[2], sum_b + boundary_s
            sum_step += step_s
            if step_s > most_s:
                most_s = step_s
                top_c, top_t, top_s, top_b = cell_s[0], cell_s[1], cell_s[2], boundary_s
        again = whole[MICRO_BATCHES] - 1
        if again * most_s + sum_step > slowest_s:
            slowest_s = again * most_s + sum_step
            parts_s[COMPUTE] = again * top_c + sum_c
            parts_s[EXCHANGE] = again * top_t + sum_t
            parts_s[SPILL] = again * top_s + sum_s
            parts_s[BOUNDARY] = again * top_b + sum_b
    parts_s[GRADIENTS] = 0.0
    if whole[REPLICAS] * whole[DEPTH] > 1:
        for stage in range(whole[STAGES]):
            first = stage * whole[REPLICAS] * whole[TENSOR]
            for part in range(whole[WEIGHT_PARTS]):
                gradients_s = gradient_seconds(whole, real, layers, delay_s, bandwidth, order, first, stage, part)
                parts_s[GRADIENTS] = max(parts_s[GRADIENTS], gradients_s)
    return parts_s[0] + parts_s[1] + parts_s[2] + parts_s[3] + parts_s[4]


@jit
def score(whole, real, layers, rates, delay_s, bandwidth, order):  # type: ignore[no-untyped-def]
    """The parts of a candidate (in seconds), as a tuple; nan unless each device stands in the order once."""
    n = delay_s.shape[0]
    seen = np.zeros(n, dtype=np.bool_)
    for device in order:
        if device < 0 or device >= n or seen[device]:
            return np.nan, np.nan, np.nan, np.nan, np.nan
        seen[device] = True
    parts_s = np.empty(5)
    evaluate(whole, real, layers, rates, delay_s, bandwidth, order, parts_s)
    return parts_s[0], parts_s[1], parts_s[2], parts_s[3], parts_s[4]


@jit
def score_all(whole, real, layers, rates, delay_s, bandwidth, order, costs_s):  # type: ignore[no-untyped-def]
    """Write the cost of every shape of the table on one order (in seconds) to `costs_s`, float64 `(S,)`."""
    parts_s = np.empty(5)
    for shape in range(len(costs_s)):
        costs_s[shape] = evaluate(whole[shape], real[shape], layers, rates, delay_s, bandwidth, order, parts_s)


@jit(inline=True, allocates=False)
def stage_layers(layers, stages, stage):  # type: ignore[no-untyped-def]
    """Layers of a stage: as even as they go, the later stages take what is over."""
    return (stage + 1) * layers // stages - stage * layers // stages


@jit(allocates=False)
def cell_seconds(whole, real, layers, rates, delay_s, bandwidth, order, first, stage):  # type: ignore[no-untyped-def]
    """Seconds of one micro-batch in a stage's cell at `order[first:first + P]`: computing, tensor exchange, spill."""
    n, stages = whole[TENSOR], whole[STAGES]
    own = stage_layers(layers, stages, stage)
    flight = min(whole[MICRO_BATCHES], stages - stage)
    need = own * (real[STATE_BYTES] + flight * real[ACTIVATION_BYTES])
    slowest, spill_s = np.inf, 0.0
    for rank in range(first, first + n):
        device = order[rank]
        slowest = min(slowest, rates[FLOPS, device])
        if need > rates[MEMORY, device]:
            spill_s = max(spill_s, 2.0 * (need - rates[MEMORY, device]) / rates[HOST_LINK, device])
    exchange_s = 0.0
    stride = 1
    for axis in range(whole[AXES]):
        exchange_s += axis_seconds(
            n, whole[SIDE], stride, real[RING_BYTES + axis], real[RING_HOPS], delay_s, bandwidth, order, first
        )
        stride *= whole[SIDE]
    return own * real[FLOP] / slowest, own * exchange_s, spill_s


@jit(allocates=False)
def axis_seconds(n, side, stride, carried, hops, delay_s, bandwidth, order, first):  # type: ignore[no-untyped-def]
    """The slowest of the parallel rings along one axis of a tensor group's grid (in seconds, per layer)."""
    slowest_s = 0.0
    for start in range(n):
        if (start // stride) % side:
            continue
        longest, narrowest = 0.0, np.inf
        source = order[first + start + (side - 1) * stride]
        for k in range(side):
            target = order[first + start + k * stride]
            longest = max(longest, delay_s[source, target])
            narrowest = min(narrowest, bandwidth[source, target])
            source = target
        slowest_s = max(slowest_s, carried / narrowest + hops * longest)
    return slowest_s


@jit(allocates=False)
def boundary_seconds(whole, real, delay_s, bandwidth, order, here, there):  # type: ignore[no-untyped-def]
    """Seconds of one micro-batch between the cells at two places of `order`: activations there, gradients back."""
    carried = real[BOUNDARY_BYTES]
    slowest_s = 0.0
    for t in range(whole[TENSOR]):
        a, b = order[here + t], order[there + t]
        there_s = delay_s[a, b] + carried / bandwidth[a, b]
        slowest_s = max(slowest_s, there_s + delay_s[b, a] + carried / bandwidth[b, a])
    return slowest_s


@jit(allocates=False)
def gradient_seconds(whole, real, layers, delay_s, bandwidth, order, first, stage, part):  # type: ignore[no-untyped-def]
    """Seconds of the ring that sums gradients of one part of a stage's weights, over replicas and copies of depth.

    The stage's cells begin at `order[first]`.
    """
    n, replicas, depth, parts = whole[TENSOR], whole[REPLICAS], whole[DEPTH], whole[WEIGHT_PARTS]
    own = stage_layers(layers, whole[STAGES], stage)
    first += part
    longest, narrowest = 0.0, np.inf
    source = order[first + (replicas - 1) * n + (depth - 1) * parts]
    for replica in range(replicas):
        for copy in range(depth):
            target = order[first + replica * n + copy * parts]
            longest = max(longest, delay_s[source, target])
            narrowest = min(narrowest, bandwidth[source, target])
            source = target
    return own * real[GRADIENT_BYTES] / narrowest + real[GRADIENT_HOPS] * longest
