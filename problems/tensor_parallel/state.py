"""The seconds of every cell, boundary and ring of gradients of a candidate, kept up to date as ranks change places.

Rank r of the order sits in cell ⌊r/P⌋ = stage·DP + replica. `cell_s` `(pp·dp,)` holds what a micro-batch takes within a
cell, `edge_s` `(pp·dp,)` the way to the next stage, `ring_s` `(pp·W,)` the gradients of each part of each stage.
"""

from __future__ import annotations

from tasklet_bench.problems.compiled import jit
from tasklet_bench.problems.tensor_parallel.evaluate import boundary_seconds, cell_seconds, gradient_seconds
from tasklet_bench.problems.tensor_parallel.shape_table import (
    DEPTH,
    MICRO_BATCHES,
    REPLICAS,
    STAGES,
    TENSOR,
    WEIGHT_PARTS,
)


@jit(allocates=False)
def refresh(whole, real, layers, rates, delay_s, bandwidth, order, cell_s, edge_s, ring_s, low, high):  # type: ignore[no-untyped-def]
    """Work out again what ranks low … high − 1 touch: their cells, both boundaries of these, their rings."""
    n, replicas, parts = whole[TENSOR], whole[REPLICAS], whole[WEIGHT_PARTS]
    cells = whole[STAGES] * replicas
    if low >= n * cells:
        return
    first_cell, last_cell = low // n, min((high - 1) // n, cells - 1)
    for cell in range(first_cell, last_cell + 1):
        stage_s = cell_seconds(whole, real, layers, rates, delay_s, bandwidth, order, cell * n, cell // replicas)
        cell_s[cell] = stage_s[0] + stage_s[1] + stage_s[2]
    for cell in range(max(first_cell - replicas, 0), min(last_cell + 1, cells - replicas)):
        if cell >= first_cell or cell + replicas <= last_cell:
            there = (cell + replicas) * n
            edge_s[cell] = boundary_seconds(whole, real, delay_s, bandwidth, order, cell * n, there)
    if replicas * whole[DEPTH] == 1:
        return
    first_part, last_part = 0, parts
    if high - low == 1:
        first_part = low % n % parts
        last_part = first_part + 1
    for stage in range(first_cell // replicas, last_cell // replicas + 1):
        first = stage * replicas * n
        for part in range(first_part, last_part):
            ring_s[stage * parts + part] = gradient_seconds(
                whole, real, layers, delay_s, bandwidth, order, first, stage, part
            )


@jit(allocates=False)
def total_seconds(whole, cell_s, edge_s, ring_s):  # type: ignore[no-untyped-def]
    """The cost, and the mean that guides a search over its plateaus: of replicas, and of the stages' slowest rings."""
    replicas, stages, parts = whole[REPLICAS], whole[STAGES], whole[WEIGHT_PARTS]
    again = whole[MICRO_BATCHES] - 1
    slowest_s = mean_s = 0.0
    for replica in range(replicas):
        most_s = sum_s = 0.0
        for cell in range(replica, stages * replicas, replicas):
            step_s = cell_s[cell] + edge_s[cell]
            most_s = max(most_s, step_s)
            sum_s += step_s
        pipeline_s = again * most_s + sum_s
        slowest_s = max(slowest_s, pipeline_s)
        mean_s += pipeline_s + again * (sum_s / stages - most_s) * 0.5
    mean_s /= replicas
    ring_most_s = 0.0
    if replicas * whole[DEPTH] > 1:
        ring_sum_s = 0.0
        for stage in range(stages):
            most_s = 0.0
            for part in range(parts):
                most_s = max(most_s, ring_s[stage * parts + part])
            ring_most_s = max(ring_most_s, most_s)
            ring_sum_s += most_s
        mean_s += ring_sum_s / stages
    return slowest_s + ring_most_s, mean_s
