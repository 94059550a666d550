"""A dynamic programme over the stages of one shape, along one line of tensor groups.

Source of the idea: Tarnawski, Narayanan and Phanishayee, "Piper: multidimensional planner for DNN parallelization",
NeurIPS 2021, which plans stage by stage over what is used up so far. Here layers are equal and devices are not: each
stage takes the next DP groups of the line, and some may be passed over before, as many as stay idle. A state is a stage
and how many were passed over; its labels are the slowest step, the sum of steps and the slowest ring of gradients so
far, undominated ones.
"""

from __future__ import annotations

import numpy as np

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

MOST_LABELS = 4
_SLOWEST, _SUM, _RING, _COST = range(4)


@jit
def plan_stages(whole, real, layers, rates, delay_s, bandwidth, line, most_idle, order):  # type: ignore[no-untyped-def]
    """Write the best order that takes groups along a line, int64 `(N,)`; devices passed over stand at its end.

    `line`: int64 `(N,)`, groups are its runs of P devices. At most `most_idle` groups are passed over.
    """
    n, replicas, stages, parts = whole[TENSOR], whole[REPLICAS], whole[STAGES], whole[WEIGHT_PARTS]
    idle = min(len(line) // n - replicas * stages, most_idle)
    states = idle + 1
    again = whole[MICRO_BATCHES] - 1
    labels = np.empty((stages, states, MOST_LABELS, 4))
    counts = np.zeros((stages, states), dtype=np.int64)
    before = np.empty((stages, states, MOST_LABELS, 2), dtype=np.int64)
    cells_s = np.empty((stages, states, replicas))
    rings_s = np.zeros((stages, states))
    for stage in range(stages):
        for passed in range(states):
            first = (stage * replicas + passed) * n
            for replica in range(replicas):
                cell_s = cell_seconds(whole, real, layers, rates, delay_s, bandwidth, line, first + replica * n, stage)
                cells_s[stage, passed, replica] = cell_s[0] + cell_s[1] + cell_s[2]
            if replicas * whole[DEPTH] > 1:
                for part in range(parts):
                    ring_s = gradient_seconds(whole, real, layers, delay_s, bandwidth, line, first, stage, part)
                    rings_s[stage, passed] = max(rings_s[stage, passed], ring_s)
    for passed in range(states):
        labels[0, passed, 0] = 0.0
        labels[0, passed, 0, _RING] = rings_s[0, passed]
        counts[0, passed] = 1
    for stage in range(1, stages):
        for passed in range(states):
            for earlier in range(passed + 1):
                step_s = 0.0
                for replica in range(replicas):
                    here = ((stage - 1) * replicas + earlier + replica) * n
                    there = (stage * replicas + passed + replica) * n
                    edge_s = boundary_seconds(whole, real, delay_s, bandwidth, line, here, there)
                    step_s = max(step_s, cells_s[stage - 1, earlier, replica] + edge_s)
                for label in range(counts[stage - 1, earlier]):
                    old = labels[stage - 1, earlier, label]
                    _add_label(
                        labels[stage, passed],
                        before[stage, passed],
                        counts[stage],
                        passed,
                        max(old[_SLOWEST], step_s),
                        old[_SUM] + step_s,
                        max(old[_RING], rings_s[stage, passed]),
                        again,
                        earlier,
                        label,
                    )
    best_s, at, label_at = np.inf, 0, 0
    for passed in range(states):
        last_s = cells_s[stages - 1, passed].max()
        for label in range(counts[stages - 1, passed]):
            found = labels[stages - 1, passed, label]
            total_s = again * max(found[_SLOWEST], last_s) + found[_SUM] + last_s + found[_RING]
            if total_s < best_s:
                best_s, at, label_at = total_s, passed, label
    _write_order(line, n, replicas, stages, before, at, label_at, order)


@jit
def _add_label(labels, before, counts, place, slowest_s, sum_s, ring_s, again, earlier, label):  # type: ignore[no-untyped-def]
    """Keep a label unless another is as good in all three; of too many, the one of the highest cost so far goes."""
    count = counts[place]
    kept = 0
    for i in range(count):
        if labels[i, _SLOWEST] <= slowest_s and labels[i, _SUM] <= sum_s and labels[i, _RING] <= ring_s:
            return
    for i in range(count):
        if not (slowest_s <= labels[i, _SLOWEST] and sum_s <= labels[i, _SUM] and ring_s <= labels[i, _RING]):
            labels[kept] = labels[i]
            before[kept] = before[i]
            kept += 1
    cost_s = again * slowest_s + sum_s + ring_s
    if kept == MOST_LABELS:
        kept = int(labels[:, _COST].argmax())
        if labels[kept, _COST] <= cost_s:
            return
        counts[place] = MOST_LABELS
    else:
        counts[place] = kept + 1
    labels[kept, _SLOWEST], labels[kept, _SUM], labels[kept, _RING], labels[kept, _COST] = (
        slowest_s,
        sum_s,
        ring_s,
        cost_s,
    )
    before[kept, 0], before[kept, 1] = earlier, label


@jit
def _write_order(line, n, replicas, stages, before, passed, label, order):  # type: ignore[no-untyped-def]
    """Follow the labels back and write who serves which rank, then who is idle."""
    used = np.zeros(len(line), dtype=np.bool_)
    for back in range(stages):
        stage = stages - 1 - back
        for k in range(replicas * n):
            source = (stage * replicas + passed) * n + k
            order[stage * replicas * n + k] = line[source]
            used[source] = True
        earlier, label_before = before[stage, passed, label]
        if stage > 0:
            passed, label = earlier, label_before
    place = stages * replicas * n
    for source in range(len(line)):
        if not used[source]:
            order[place] = line[source]
            place += 1
