"""What a device can do in each stage, and a link between neighbouring stages: micro-batches a second."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from tasklet_bench.problems.pipeline_model.devices import Array, Devices
from tasklet_bench.problems.pipeline_model.model import (
    BYTES_PER_PARAMETER,
    GRADIENT_BYTES_PER_PARAMETER,
    LAYER_AT_WORK_BYTES,
    Model,
)
from tasklet_bench.problems.swarm.options import SwarmOptions

CHECKPOINT_BYTES = 2.0
"""Layer inputs are kept in fp16, however activations travel."""
PASSES = 4.0
"""A forward pass, the same recomputed, and a backward pass of twice the work."""


@dataclass(frozen=True, eq=False)
class Tables:
    """`capacity`: c of each device in each stage, `(K, N)`; `link`: k of each pair, `(N, N)`; `gradient_bytes`: `(K,)`.

    Capacities and links are in micro-batches a second. `spill_bytes` `(K, N)` is what does not fit into a device's
    memory in a stage and is moved over its host link with every micro-batch.
    """

    capacity: Array = field(repr=False)
    link: Array = field(repr=False)
    gradient_bytes: Array = field(repr=False)
    spill_bytes: Array = field(repr=False)
    boundaries: Array = field(repr=False)


def build_tables(devices: Devices, model: Model, options: SwarmOptions) -> Tables:
    """The tables of an instance; all read-only."""
    layers = np.array(options.stage_layers, dtype=np.float64)[:, None]
    b, e = options.micro_batch, model.edge_elements
    need = (
        BYTES_PER_PARAMETER * model.parameters_per_layer * layers
        + options.in_flight * layers * CHECKPOINT_BYTES * b * e
        + LAYER_AT_WORK_BYTES * b * e
    )
    spill = np.maximum(0.0, need - devices.memory_bytes)
    seconds = PASSES * b * layers * model.forward_flops / devices.flops + 2.0 * spill / devices.host_link_bytes_s
    message_bytes = b * e * options.bytes_per_activation
    boundaries = boundaries_of_stages(options.n_stages)
    with np.errstate(divide="ignore"):
        card = devices.card_bytes_s / (boundaries[:, None] * message_bytes)
    both_ways = np.minimum(devices.bandwidth_bytes_s, devices.bandwidth_bytes_s.T) / message_bytes
    np.fill_diagonal(both_ways, 0.0)
    tables = Tables(
        np.minimum(1.0 / seconds, card),
        both_ways,
        GRADIENT_BYTES_PER_PARAMETER * model.parameters_per_layer * layers[:, 0],
        spill,
        boundaries,
    )
    for array in vars(tables).values():
        array.flags.writeable = False
    return tables


def boundaries_of_stages(n_stages: int) -> Array:
    """Boundaries t that each stage touches, `(K,)`: none if it is the only one, one at the ends, else two."""
    touched = np.full(n_stages, 2.0)
    touched[0] = touched[-1] = 1.0
    return touched if n_stages > 1 else np.zeros(1)
