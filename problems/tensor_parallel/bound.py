"""A lower bound on the cost of every shape at once: the best devices, and links as fast as the fastest.

Two arguments a shape, the larger counts. Either all devices are as fast as the fastest; or the slowest device that so
many must include sits in some stage, and all devices together do all of the work.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.pipeline_model.devices import Devices
from tasklet_bench.problems.pipeline_model.model import Model
from tasklet_bench.problems.tensor_parallel.shape_table import (
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
    STAGES,
    TENSOR,
    ShapeTable,
    memory_needs,
    stage_layers,
)

Array = NDArray[np.float64]


def shape_bounds(table: ShapeTable, model: Model, devices: Devices) -> Array:
    """A lower bound on the cost of each shape at any order of the devices (in seconds), shape `(S,)`."""
    whole, real = table
    stages, again = whole[:, STAGES], whole[:, MICRO_BATCHES] - 1
    layers = stage_layers(model.layers, stages)
    exists = layers > 0
    rest = _rest_seconds(table, model, layers, devices)
    flops = np.sort(devices.flops)[::-1]
    used = whole[:, TENSOR] * stages * whole[:, REPLICAS]
    fastest, slowest, together = flops[0], flops[used - 1], np.cumsum(flops)[used - 1]

    step = least_steps(table, model, devices)
    alike_s = again * step.max(axis=1) + step.sum(axis=1)
    least = np.where(exists, layers, model.layers).min(axis=1)
    slow_s = (again + 1) * least * real[:, FLOP] / slowest + (model.layers - least) * real[:, FLOP] / fastest
    work = 3.0 * model.sequences_per_iteration * model.layers * model.forward_flops
    computing_s = np.maximum(slow_s, work / together)
    mixed_s = computing_s + again * np.where(exists, rest, np.inf).min(axis=1) + rest.sum(axis=1)
    ring = whole[:, REPLICAS] * whole[:, DEPTH] > 1
    narrow, long = _best_links(devices)
    gradients_s = layers.max(axis=1) * real[:, GRADIENT_BYTES] / narrow + real[:, GRADIENT_HOPS] * long
    return np.asarray(np.maximum(alike_s, mixed_s) + np.where(ring, gradients_s, 0.0))


def least_steps(table: ShapeTable, model: Model, devices: Devices) -> Array:
    """What one micro-batch takes in each stage at least, 0 beyond a shape's last stage, shape `(S, most pp)`."""
    layers = stage_layers(model.layers, table.whole[:, STAGES])
    computing_s = layers * (table.real[:, FLOP] / devices.flops.max())[:, None]
    return np.asarray(computing_s + _rest_seconds(table, model, layers, devices))


def _rest_seconds(table: ShapeTable, model: Model, layers: NDArray[np.int64], devices: Devices) -> Array:
    """What one micro-batch takes in each stage beside computing, at the best of links and memories, `(S, most pp)`."""
    whole, real = table
    stages = whole[:, STAGES, None]
    stage = np.arange(layers.shape[1])[None, :]
    fast, short = _best_links(devices)
    carried = real[:, RING_BYTES : RING_BYTES + 3].sum(axis=1)
    exchange_s = carried / fast + whole[:, AXES] * real[:, RING_HOPS] * short
    excess = np.maximum(0.0, memory_needs(table, model.layers) - devices.memory_bytes.max())
    boundary_s = 2.0 * (short + real[:, BOUNDARY_BYTES] / fast)
    rest = layers * exchange_s[:, None] + 2.0 * excess / devices.host_link_bytes_s.max()
    return np.asarray(rest + np.where(stage < stages - 1, boundary_s[:, None], 0.0))


def _best_links(devices: Devices) -> tuple[float, float]:
    """The largest bandwidth (bytes/s) and the shortest delay (s) of any link."""
    links = ~np.eye(len(devices.flops), dtype=bool)
    if not links.any():
        return float("inf"), 0.0
    return float(devices.bandwidth_bytes_s[links].max()), float(devices.delay_s[links].min())
