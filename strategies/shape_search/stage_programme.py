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
"""A label: slowest step, sum of steps, slowest ring of gradients, and the cost so far (in seconds)."""
_PASSED, _LABEL = range(2)
"""Where a label comes from: the state of the stage before, and which of its labels."""


@jit
def plan_stages(whole, real, layers, rates, delay_s, bandwidth, line, most_idle, order):  # type: ignore[no-untyped-def]
    """Write the best order that takes groups along a line, int64 `(N,)`; devices passed over stand at its end.

    `line`: int64 `(N,)`, groups are its runs of P devices. At most `most_idle` groups are passed over.
    """
    n, replicas, stages = whole[TENSOR], whole[REPLICAS], whole[STAGES]
    states = 1 + min(len(line) // n - replicas * stages, most_idle)
    labels = np.zeros((stages, states, MOST_LABELS, 4))
    before = np.zeros((stages, states, MOST_LABELS, 2), dtype=np.int64)
    counts = np.zeros((stages, states), dtype=np.int64)
    cell_s = np.zeros((stages, states, replicas))
    ring_s = np.zeros((stages, states))
    fill_costs(whole, real, layers, rates, delay_s, bandwidth, line, cell_s, ring_s)
    passed, label = run_programme(whole, real, delay_s, bandwidth, line, cell_s, ring_s, labels, before, counts)
    write_order(line, n, replicas, stages, before, passed, label, order)


@jit(allocates=False)
def fill_costs(whole, real, layers, rates, delay_s, bandwidth, line, cell_s, ring_s):  # type: ignore[no-untyped-def]
    """Seconds of each group in each stage after so many groups passed over, and of the stage's slowest ring."""
    n, replicas = whole[TENSOR], whole[REPLICAS]
    for stage in range(whole[STAGES]):
        for passed in range(ring_s.shape[1]):
            first = (stage * replicas + passed) * n
            for replica in range(replicas):
                place = first + replica * n
                c, t, s = cell_seconds(whole, real, layers, rates, delay_s, bandwidth, line, place, stage)
                cell_s[stage, passed, replica] = c + t + s
            if replicas * whole[DEPTH] > 1:
                for part in range(whole[WEIGHT_PARTS]):
                    seconds = gradient_seconds(whole, real, layers, delay_s, bandwidth, line, first, stage, part)
                    ring_s[stage, passed] = max(ring_s[stage, passed], seconds)


@jit(allocates=False)
def run_programme(whole, real, delay_s, bandwidth, line, cell_s, ring_s, labels, before, counts):  # type: ignore[no-untyped-def]
    """Fill the labels stage by stage; returns state and label at which the best order ends."""
    stages, states = counts.shape
    n, replicas, again = whole[TENSOR], whole[REPLICAS], whole[MICRO_BATCHES] - 1
    for passed in range(states):
        labels[0, passed, 0, _RING] = ring_s[0, passed]
        counts[0, passed] = 1
    for stage in range(1, stages):
        for passed in range(states):
            for earlier in range(passed + 1):
                step_s = 0.0
                for replica in range(replicas):
                    here = ((stage - 1) * replicas + earlier + replica) * n
                    there = (stage * replicas + passed + replica) * n
                    edge_s = boundary_seconds(whole, real, delay_s, bandwidth, line, here, there)
                    step_s = max(step_s, cell_s[stage - 1, earlier, replica] + edge_s)
                for label in range(counts[stage - 1, earlier]):
                    slowest_s = max(labels[stage - 1, earlier, label, _SLOWEST], step_s)
                    sum_s = labels[stage - 1, earlier, label, _SUM] + step_s
                    most_s = max(labels[stage - 1, earlier, label, _RING], ring_s[stage, passed])
                    place = add_label(labels, before, counts, stage, passed, slowest_s, sum_s, most_s, again)
                    if place >= 0:
                        before[stage, passed, place, _PASSED] = earlier
                        before[stage, passed, place, _LABEL] = label
    best_s, best, best_label = np.inf, 0, 0
    for passed in range(states):
        last_s = 0.0
        for replica in range(replicas):
            last_s = max(last_s, cell_s[stages - 1, passed, replica])
        for label in range(counts[stages - 1, passed]):
            slowest_s = max(labels[stages - 1, passed, label, _SLOWEST], last_s)
            rest_s = labels[stages - 1, passed, label, _SUM] + last_s + labels[stages - 1, passed, label, _RING]
            if again * slowest_s + rest_s < best_s:
                best_s, best, best_label = again * slowest_s + rest_s, passed, label
    return best, best_label


@jit(allocates=False)
def add_label(labels, before, counts, stage, passed, slowest_s, sum_s, ring_s, again):  # type: ignore[no-untyped-def]
    """Keep a label unless another is as good in all three; of too many, the one of the highest cost so far goes.

    Returns the label's place, or −1 if it is not kept.
    """
    cost_s = again * slowest_s + sum_s + ring_s
    kept, costliest = 0, 0
    for i in range(counts[stage, passed]):
        own = labels[stage, passed, i, _SLOWEST], labels[stage, passed, i, _SUM], labels[stage, passed, i, _RING]
        if own[0] <= slowest_s and own[1] <= sum_s and own[2] <= ring_s:
            return -1
    for i in range(counts[stage, passed]):
        own = labels[stage, passed, i, _SLOWEST], labels[stage, passed, i, _SUM], labels[stage, passed, i, _RING]
        if slowest_s <= own[0] and sum_s <= own[1] and ring_s <= own[2]:
            continue
        for k in range(4):
            labels[stage, passed, kept, k] = labels[stage, passed, i, k]
        for k in range(2):
            before[stage, passed, kept, k] = before[stage, passed, i, k]
        if labels[stage, passed, kept, _COST] > labels[stage, passed, costliest, _COST]:
            costliest = kept
        kept += 1
    if kept == MOST_LABELS:
        if labels[stage, passed, costliest, _COST] <= cost_s:
            return -1
        kept = costliest
    else:
        counts[stage, passed] = kept + 1
    labels[stage, passed, kept, _SLOWEST] = slowest_s
    labels[stage, passed, kept, _SUM] = sum_s
    labels[stage, passed, kept, _RING] = ring_s
    labels[stage, passed, kept, _COST] = cost_s
    return kept


@jit
def write_order(line, n, replicas, stages, before, passed, label, order):  # type: ignore[no-untyped-def]
    """Follow the labels back and write who serves which rank, then who is idle."""
    used = np.zeros(len(line), dtype=np.bool_)
    for back in range(stages):
        stage = stages - 1 - back
        for k in range(replicas * n):
            source = (stage * replicas + passed) * n + k
            order[stage * replicas * n + k] = line[source]
            used[source] = True
        passed, label = before[stage, passed, label, _PASSED], before[stage, passed, label, _LABEL]
    place = stages * replicas * n
    for source in range(len(line)):
        if not used[source]:
            order[place] = line[source]
            place += 1
